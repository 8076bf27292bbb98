"""Many attempts at once: each is checked as it comes, and the whole when all is over."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from server.api.data import open_data
from server.web.hardened import DEADLINE_S
from tests.fuzz.balance import imbalances, reasons
from tests.fuzz.checks import complaints
from tests.fuzz.log import blemishes
from tests.fuzz.requests import Attempt, Maker
from tests.fuzz.tables import odd_cells
from tests.fuzz.talk import PATIENCE_S, exchange
from tests.fuzz.world import World, world

AT_ONCE = 8
MOST_HELD = 200  # connections that the server has to end by itself
MOST_TOLD = 20


@dataclass
class Result:
    requests: int = 0
    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    said: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)  # of clicks
    slowest_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


def fuzz(folder: Path, seed: int, requests: int, first: int = 0, seconds: float | None = None) -> Result:
    with world(folder) as made:
        driver = _Driver(made, seed, first, requests, seconds)
        held_before = made.descriptors()
        result = driver.run()
        driver.look_at_held()
        result.wrong += _afterwards(made, held_before + 40)
        with open_data(str(made.loop.folder)) as data:
            result.wrong += imbalances(made.books, data)
            result.reasons = reasons(data)
        books = made.books
        result.statuses, result.said, result.slowest_s = dict(books.statuses), dict(books.said), books.slowest_s
        return result


class _Driver:
    def __init__(self, made: World, seed: int, first: int, requests: int, seconds: float | None) -> None:
        self._world = made
        self._seed = seed
        self._maker = Maker(seed, made.known)
        self._numbers: Iterator[int] = iter(range(first, first + requests))
        self._until = time.monotonic() + seconds if seconds else None
        self._lock = threading.Lock()
        self._result = Result()
        self.held: list[tuple[Attempt, socket.socket]] = []

    def run(self) -> Result:
        began = time.monotonic()
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._result.seconds = time.monotonic() - began
        return self._result

    def _work(self) -> None:
        while (number := self._next()) is not None:
            attempt = self._maker.attempt(number)
            try:
                self._try(attempt)
            except OSError as error:
                self._tell(attempt, f"the server does not answer: {error!r}")
                if isinstance(error, ConnectionRefusedError):
                    return

    def look_at_held(self) -> None:
        """Who never says a whole request is hung up on when the deadline is over."""
        until = time.monotonic() + DEADLINE_S + PATIENCE_S
        for attempt, line in self.held:
            line.settimeout(max(0.01, until - time.monotonic()))
            try:
                while line.recv(4096):
                    pass
            except TimeoutError:
                self._tell(attempt, "the connection is held beyond the deadline")
            except OSError:
                pass
            finally:
                line.close()

    def _next(self) -> int | None:
        with self._lock:
            is_over = len(self._result.wrong) >= MOST_TOLD or (self._until and time.monotonic() > self._until)
            number = None if is_over else next(self._numbers, None)
            self._result.requests += number is not None
            return number

    def _try(self, attempt: Attempt) -> None:
        made, held = exchange(self._world.port, attempt)
        self._world.books.add(made)
        for complaint in complaints(made):
            self._tell(attempt, complaint)
        if held is not None:
            with self._lock:
                self.held.append((attempt, held))
                oldest = self.held.pop(0) if len(self.held) > MOST_HELD else None
            if oldest is not None:
                oldest[1].close()

    def _tell(self, attempt: Attempt, complaint: str) -> None:
        again = f"python -m tests.fuzz --seed {self._seed} --first {attempt.number} --requests 1"
        with self._lock:
            self._result.wrong.append(f"{complaint}\n    again: {again}\n    {attempt.raw[:600]!r}")


def _afterwards(made: World, descriptors: int) -> Iterator[str]:
    if not made.is_well():
        yield "/healthz is not well"
    if not made.let_go_of(descriptors):
        yield f"the server holds {made.descriptors()} descriptors, {descriptors} are enough"
    if status := made.loop.stop():
        yield f"the server ended with status {status}"
    yield from blemishes(made.loop.folder, made.loop.errors())
    yield from odd_cells(made.loop.folder)
    yield from (f"the canary was called: {heard[:200]!r}" for heard in made.canary.heard)
