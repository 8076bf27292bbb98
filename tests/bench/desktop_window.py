"""One run of the desktop, watched: `python -m tests.bench.desktop_window FOLDER STARTED [--use]`, told as JSON."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from PySide6.QtCore import QCoreApplication, QEventLoop, QPoint, QPointF, QSettings, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.dialogs.evidence import EvidencePanel
from app.jobs import Jobs
from app.server_process import ServerProcess
from app.theme import Mode, Theme
from app.window import Window
from server.api import lists
from server.api.data import Data, open_data
from server.api.lists import Filters
from server.errors import TallybackError

_TICK_MS = 2
_FRAME_S = 0.016
_NOTCHES = 100
_JUMPS = 10
_EVIDENCES = 3
_OLDEST = "seed17"  # an external id among the first clicks of all: only a look at every row finds it


class TooSlow(TallybackError):
    """Something that was asked for never came on screen."""

    exit_status = 1


class Watch:
    """How long the thread of the window was held, by what was going on at the time, and how much of that it worked."""

    def __init__(self) -> None:
        self.holds: dict[str, float] = {}
        self.worked: dict[str, float] = {}
        self.took: dict[str, float] = {}
        self._name = ""
        self._last = self._last_work = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    @contextmanager
    def over(self, name: str) -> Iterator[None]:
        self._name, self.holds[name], began = name, 0.0, time.perf_counter()
        self._last, self._last_work = began, time.thread_time()
        self._timer.start(_TICK_MS)
        yield
        self._tick()
        self._timer.stop()
        self.took[name] = round(time.perf_counter() - began, 3)

    def _tick(self) -> None:
        now, work = time.perf_counter(), time.thread_time()
        held = round((now - self._last) * 1000, 1)
        if held > self.holds[self._name]:
            self.holds[self._name] = held
            self.worked[self._name] = round((work - self._last_work) * 1000, 1)
        self._last, self._last_work = now, work


def until(is_so: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    tick = QTimer()  # something to wake up for
    tick.start(10)
    while not is_so():
        if time.monotonic() > end:
            raise TooSlow(f"Not on screen within {seconds:.0f} s.")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def rest(seconds: float) -> None:
    end = time.perf_counter() + seconds
    until(lambda: time.perf_counter() >= end)


def scroll_by_wheel(window: Window) -> None:
    viewport = window.page("clicks").view.viewport()
    middle = QPointF(viewport.rect().center())
    for _ in range(_NOTCHES):
        event = QWheelEvent(
            middle,
            viewport.mapToGlobal(middle),
            QPoint(),
            QPoint(0, -360),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QCoreApplication.sendEvent(viewport, event)
        rest(_FRAME_S)


def jump_by_bar(window: Window) -> None:
    page = window.page("clicks")
    bar = page.view.verticalScrollBar()
    for _ in range(_JUMPS):
        rows = page.model.rowCount()
        bar.setValue(bar.maximum())
        until(lambda rows=rows: page.model.rowCount() > rows)
        bar.setValue(bar.maximum() // 3)
        rest(_FRAME_S)


def narrow(window: Window, act: Callable[[], object]) -> None:
    """Until the rows of the new filters are there."""
    readings: list[bool] = []
    model = window.page("clicks").model
    model.reading.connect(readings.append)
    act()
    until(lambda: readings and not readings[-1])
    model.reading.disconnect(readings.append)
    rest(_FRAME_S)


def open_evidence(window: Window, click_id: str) -> None:
    window.show_evidence(click_id)
    panel = next(one for one in window.findChildren(EvidencePanel) if one.click_id == click_id)
    until(lambda: panel.card_views() and not panel._building.isActive())
    rest(_FRAME_S)
    panel.close()


def use(window: Window, watch: Watch, data: Data) -> None:
    sold = [row["click"] for row in lists.conversions(data, Filters(limit=_EVIDENCES))]
    with watch.over("opening the list of clicks"):
        window.go_to("clicks")
        page = window.page("clicks")
        until(page.model.rowCount)
        rest(_FRAME_S)
    with watch.over("scrolling by wheel"):
        scroll_by_wheel(window)
    with watch.over("jumping by the scroll bar"):
        jump_by_bar(window)
    with watch.over("filtering by campaign"):
        narrow(window, lambda: page.filters.boxes["campaign"].setCurrentIndex(1))
    with watch.over("finding a text that many rows have"):
        narrow(window, lambda: page.filters.text.setText("z7"))
    with watch.over("taking the filters away"):
        narrow(window, page.clear_filters)
    with watch.over("finding a text that one row has"):
        narrow(window, lambda: page.filters.text.setText(_OLDEST))
    with watch.over("opening evidence"):
        for click_id in sold:
            open_evidence(window, click_id)


def run(told: argparse.Namespace) -> dict[str, object]:
    """The parts as app.application puts them together, on settings of their own and a port that the system picks."""
    application = QApplication(sys.argv[:1])
    with ExitStack() as stack:
        data = stack.enter_context(open_data(told.folder))
        theme = Theme(application)
        theme.set_mode(Mode.LIGHT)
        jobs = Jobs()
        stack.callback(jobs.close)
        server = ServerProcess(data)
        server.port = 0
        stack.callback(server.end)
        window = Window(data, theme, jobs, server)
        stack.callback(window.close_silently)
        server.start()
        window.show()
        until(lambda: window.windowHandle().isExposed())
        up = time.monotonic() - told.started
        until(window.page("today")._date.text)
        filled = time.monotonic() - told.started
        watch = Watch()
        if told.use:
            use(window, watch, data)
        held = {"holds": watch.holds, "worked": watch.worked, "took": watch.took}
        return {"up": round(up, 3), "filled": round(filled, 3), **held}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("started", type=float, help="time.monotonic() when the process was started")
    parser.add_argument("--use", action="store_true", help="scroll, filter and look at evidence")
    told = parser.parse_args()
    QCoreApplication.setOrganizationName("Tallyback")
    QCoreApplication.setApplicationName("Tallyback")
    with tempfile.TemporaryDirectory() as settings:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, settings)
        try:
            told_of = run(told)
        except TallybackError as error:
            sys.stderr.write(f"bench: {error}\n")
            return 1
    sys.stdout.write(json.dumps(told_of) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
