"""A window over a data folder, and the camera before it: what is on screen goes into a file, light and dark."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QEventLoop, QPoint, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from app.jobs import Jobs
from app.pages.registry import PAGES
from app.server_process import ServerProcess, ServerState
from app.theme import Mode, Theme
from app.window import Window
from server.api.data import Data, open_data

SIZES = ((1280, 800), (1920, 1080))
MODES = (Mode.LIGHT, Mode.DARK)
_SETTLED_MS = 400  # for a page to have read what it shows
_LONG_MS = 15_000
_COLOURS = 256
_EXACT = 32  # the grounds and the tones
_ALIKE = 0xF0F0F0  # the bits in which they are
_SMALLEST = 0  # of the sizes that a PNG can have


@dataclass(frozen=True, slots=True)
class Stage:
    folder: Path  # of the pictures
    data: Data
    theme: Theme
    window: Window

    def pages(self, named: str, names: Sequence[str] = ()) -> None:
        """At both sizes, in both looks."""
        for mode in MODES:
            self.theme.set_mode(mode)
            for width, height in SIZES:
                self.window.resize(width, height)
                for name in names or [entry.name for entry in PAGES]:
                    self.window.go_to(name)
                    settle()
                    self.take(f"{named}{name}-{mode}-{width}", self.window)
        self.window.resize(*SIZES[0])

    def both(self, name: str, *widgets: QWidget) -> None:
        """What stands on the first of these, in both looks."""
        for mode in MODES:
            self.theme.set_mode(mode)
            settle()
            self.take(f"{name}-{mode}", *widgets)

    def take(self, name: str, below: QWidget, *above: QWidget) -> None:
        picture = below.grab()
        painter = QPainter(picture)
        for widget in above:
            painter.drawPixmap(widget.mapToGlobal(QPoint()) - below.mapToGlobal(QPoint()), widget.grab())
        painter.end()
        self._save(picture, name)

    def _save(self, picture: QPixmap, name: str) -> None:
        path = self.folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        _few_colours(picture.toImage()).save(str(path), "PNG", _SMALLEST)
        sys.stdout.write(f"{path}\n")


def _few_colours(image: QImage) -> QImage:
    """Of colours that are alike the most frequent one stands for all: as good to the eye, a third of the size."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    colours, counts = np.unique(np.frombuffer(plain.constBits(), np.uint32), return_counts=True)
    standing: dict[int, int] = {}
    frequent = colours[np.argsort(counts)[::-1]].tolist()
    for colour in frequent:
        standing.setdefault(colour & _ALIKE, colour)
    table = list(dict.fromkeys([*frequent[:_EXACT], *standing.values()]))[:_COLOURS]
    return plain.convertToFormat(QImage.Format.Format_Indexed8, table, Qt.ImageConversionFlag.ThresholdDither)


@contextmanager
def staged(folder: Path, data_folder: Path, theme: Theme, *, is_served: bool = True) -> Iterator[Stage]:
    jobs = Jobs()
    with open_data(str(data_folder)) as data:
        server = ServerProcess(data)
        server.port = 0
        window = Window(data, theme, jobs, server)
        if is_served:
            server.start()
            until(lambda: server.state is ServerState.RUNNING)
        window.show()
        try:
            yield Stage(folder, data, theme, window)
        finally:
            window.pulse.stop()
            server.end() if is_served else server.leave()
            jobs.close()
            window.hide()
            window.deleteLater()


def settle(milliseconds: int = _SETTLED_MS) -> None:
    deadline = QDeadlineTimer(milliseconds)
    while not deadline.hasExpired():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


def until(is_so: Callable[[], object]) -> None:
    deadline = QDeadlineTimer(_LONG_MS)
    while not is_so():
        if deadline.hasExpired():
            raise TimeoutError("it never came on screen")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


def the_other(kind: type[QWidget]) -> QWidget:
    """The window of this kind that is open."""
    until(lambda: any(isinstance(one, kind) and one.isVisible() for one in QApplication.topLevelWidgets()))
    return next(one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible())
