"""What nobody refers to any more is collected on the GUI thread, and on no other."""

from __future__ import annotations

import gc
import threading

from PySide6.QtCore import QObject


class _Ring:
    def __init__(self, collected_on: list[str]) -> None:
        self.me = self
        self._collected_on = collected_on

    def __del__(self) -> None:
        self._collected_on.append(threading.current_thread().name)


def test_rings_made_in_another_thread_are_collected_on_this_one(qtbot) -> None:
    collected_on: list[str] = []

    def litter() -> None:
        for _ in range(20 * gc.get_threshold()[0]):
            _Ring(collected_on)

    thread = threading.Thread(target=litter, name="job")
    thread.start()
    thread.join()
    assert collected_on == [], "the other thread has collected"
    qtbot.waitUntil(lambda: len(collected_on) > 0)
    assert set(collected_on) == {threading.main_thread().name}


def test_the_collector_does_not_run_by_itself(qapp: QObject) -> None:
    assert not gc.isenabled()
