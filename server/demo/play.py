"""The demo as a whole: everybody takes part, the clock runs, everything open comes in, and the books are proved."""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from server.api.data import Data, open_data
from server.api.setup import apply, read_file
from server.demo.ad_network import AdNetwork
from server.demo.findings import findings_of, heard_by, open_relays, totals_of
from server.demo.ledger import Ledger
from server.demo.live import Scene, View
from server.demo.network import PostingNetwork
from server.demo.parties import NETWORKS, SOURCES
from server.demo.proof import Books, prove
from server.demo.server_process import ServerProcess
from server.demo.setup_file import setup_text
from server.demo.visitors import Visitors
from server.errors import BadInput

LAST_ANSWERS_S = 12.0  # a refused relay comes again after 6 s at most
_LOOK_EVERY_S = 0.2
_UNSTEADY_PART, _UNSTEADY_S = 0.5, 3.0  # how much of the run the sources may refuse something, and at least


@dataclass(frozen=True, slots=True)
class Plan:
    seconds: float
    rate: int  # clicks a second
    seed: int
    keep: Path | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    books: Books
    example: str  # the click with the longest story


def play(plan: Plan, view: View) -> Ending:
    with ExitStack() as stack:
        stack.enter_context(_ended_by_signals())
        folder = stack.enter_context(_folder(plan.keep))
        ad_networks = {source.key: stack.enter_context(AdNetwork(source)) for source in SOURCES}
        data = stack.enter_context(open_data(str(folder)))
        _set_up(data, folder, ad_networks)
        server = stack.enter_context(ServerProcess(folder))
        stack.callback(view.close)
        ledger = Ledger()
        _Stage(plan, view, data, server, ledger, ad_networks).run()
        server.stop()
        found = findings_of(data, server.complaints())
        return Ending(prove(ledger, heard_by(list(ad_networks.values())), found), ledger.most_told_of)


def _set_up(data: Data, folder: Path, ad_networks: Mapping[str, AdNetwork]) -> None:
    file = folder / "demo.toml"
    file.write_text(setup_text({key: one.url for key, one in ad_networks.items()}), encoding="utf-8")
    apply(data, read_file(str(file)))


@dataclass
class _Stage:
    """Everybody in their place."""

    plan: Plan
    view: View
    data: Data
    server: ServerProcess
    ledger: Ledger
    ad_networks: Mapping[str, AdNetwork]
    _started: float = field(default_factory=time.monotonic)
    _totals: Mapping[str, Any] = field(default_factory=dict)
    _looks: int = 0

    def run(self) -> None:
        plan, url = self.plan, self.server.url
        networks = {network.key: PostingNetwork(network, url, self.ledger) for network in NETWORKS}
        visitors = Visitors(url, self.ledger, networks, plan.seed, plan.rate, plan.seconds)
        for network in networks.values():
            network.start()
        visitors.start()
        for ad_network in self.ad_networks.values():
            ad_network.steady_after(max(plan.seconds * _UNSTEADY_PART, _UNSTEADY_S))
        try:
            while visitors.are_coming:
                self._look("running")
            until = time.monotonic() + LAST_ANSWERS_S
            while time.monotonic() < until and self._is_anything_open(networks.values()):
                self._look(f"waiting for the last answers, {LAST_ANSWERS_S:.0f} s at most")
        finally:
            visitors.stop()
            for network in networks.values():
                network.stop()

    def _is_anything_open(self, networks: Iterable[PostingNetwork]) -> bool:
        return any(network.outstanding for network in networks) or open_relays(self.data)

    def _look(self, phase: str) -> None:
        self.server.must_run()
        if self._looks % 2 == 0:
            self._totals = totals_of(self.data)
        self._looks += 1
        elapsed_s = time.monotonic() - self._started
        self.view.show(Scene(phase, elapsed_s, self.plan.seconds, self.ledger, self.ad_networks, self._totals))
        time.sleep(_LOOK_EVERY_S)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="tallyback-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
        return
    try:
        keep.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_empty = not any(keep.iterdir())
    except OSError as error:
        raise BadInput(
            f"The data cannot be kept here: {error.strerror}.", where=str(keep), remedy="Name another folder."
        ) from error
    if not is_empty:
        raise BadInput("The folder is not empty.", where=str(keep), remedy="Name an empty or a new one with --keep.")
    yield keep


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A closed terminal or a SIGTERM ends the demo like Ctrl+C: the server goes with it."""

    def end(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    names = ("SIGTERM", "SIGHUP")
    before = {}
    with contextlib.suppress(ValueError):  # not the main thread: then whoever started it ends it
        before = {
            getattr(signal, name): signal.signal(getattr(signal, name), end) for name in names if hasattr(signal, name)
        }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
