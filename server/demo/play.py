"""The demo as a whole: everybody takes part, the clock runs, everything open comes in, and the books are proved."""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
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
_STEADY_PART = 0.5  # of the run, in which the sources may refuse


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
        _run(plan, view, data, server, ledger, ad_networks)
        server.stop()
        found = findings_of(data, server.complaints())
        return Ending(prove(ledger, heard_by(list(ad_networks.values())), found), ledger.most_told_of)


def _set_up(data: Data, folder: Path, ad_networks: Mapping[str, AdNetwork]) -> None:
    file = folder / "demo.toml"
    file.write_text(setup_text({key: one.url for key, one in ad_networks.items()}), encoding="utf-8")
    apply(data, read_file(str(file)))


def _run(
    plan: Plan,
    view: View,
    data: Data,
    server: ServerProcess,
    ledger: Ledger,
    ad_networks: Mapping[str, AdNetwork],
) -> None:
    networks = {network.key: PostingNetwork(network, server.url, ledger) for network in NETWORKS}
    visitors = Visitors(server.url, ledger, networks, plan.seed, plan.rate, plan.seconds)
    stage = _Stage(plan, view, data, server, ledger, ad_networks)
    for network in networks.values():
        network.start()
    visitors.start()
    for ad_network in ad_networks.values():
        ad_network.steady_after(plan.seconds * _STEADY_PART)
    try:
        while visitors.are_coming:
            stage.look("running")
        until = time.monotonic() + LAST_ANSWERS_S
        while time.monotonic() < until and (any(one.outstanding for one in networks.values()) or open_relays(data)):
            stage.look(f"waiting for the last answers, {LAST_ANSWERS_S:.0f} s at most")
    finally:
        visitors.stop()
        for network in networks.values():
            network.stop()


class _Stage:
    """What the view is shown, from one look to the next."""

    def __init__(
        self,
        plan: Plan,
        view: View,
        data: Data,
        server: ServerProcess,
        ledger: Ledger,
        ad_networks: Mapping[str, AdNetwork],
    ) -> None:
        self._plan = plan
        self._view = view
        self._data = data
        self._server = server
        self._ledger = ledger
        self._ad_networks = ad_networks
        self._started = time.monotonic()
        self._totals: Mapping[str, Any] = totals_of(data)
        self._looks = 0

    def look(self, phase: str) -> None:
        self._server.must_run()
        self._looks += 1
        if self._looks % 2 == 0:
            self._totals = totals_of(self._data)
        elapsed_s = time.monotonic() - self._started
        self._view.show(Scene(phase, elapsed_s, self._plan.seconds, self._ledger, self._ad_networks, self._totals))
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
