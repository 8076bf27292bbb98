"""A busy desktop, as far as the machine feels it: six milliseconds of work in every twenty, as a Qt loop would."""

from __future__ import annotations

import os
import time

PERIOD_S = 0.020
WORK_S = 0.006


def work() -> None:
    until = time.thread_time() + WORK_S
    while time.thread_time() < until:
        pass


def main() -> None:
    parent = os.getppid()
    while os.getppid() == parent:  # whoever started it may be killed
        began = time.perf_counter()
        work()
        time.sleep(max(0.001, PERIOD_S - (time.perf_counter() - began)))


if __name__ == "__main__":
    main()
