"""The data folder, and what this program is made of."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import QLocale, QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton

from app.desk import Desk
from app.pages.settings.card import Card
from app.theme import GAP, SMALL, WIDE
from app.widgets.copy_field import CopyField
from app.widgets.empty import plain_label
from server.api.house import VERSION, size_of_data

_MADE_OF = (
    ("PySide6-Essentials", "Qt for Python", "LGPL-3.0"),
    ("pyqtgraph", "charts", "MIT"),
    ("segno", "QR codes", "BSD-3-Clause"),
    ("sqlalchemy", "database", "MIT"),
    ("alembic", "migrations", "MIT"),
    ("flask", "web", "BSD-3-Clause"),
    ("waitress", "web server", "ZPL-2.1"),
    ("httpx", "relays", "BSD-3-Clause"),
    ("lucide", "icons", "ISC"),
)


class DataCard(Card):
    def __init__(self, desk: Desk, title: str) -> None:
        super().__init__(title)
        self._desk = desk
        self.folder = CopyField(desk.theme, str(desk.data.folder.path), name=self.tr("Data folder"))
        self.measured = plain_label()
        self.measured.setObjectName("muted")
        opening = QPushButton(self.tr("Open"))
        opening.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(desk.data.folder.path))))
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.folder, 1)
        row.addWidget(opening)
        self.body.addLayout(row)
        self.body.addWidget(self.measured)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        data = self._desk.data
        self._desk.jobs.run(self, lambda: size_of_data(data), self._show_size)

    def _show_size(self, size: int) -> None:
        shown = QLocale().formattedDataSize(size)
        self.measured.setText(
            self.tr("{0}. Everything is in it; a copy of it is a copy of your Tallyback.").format(shown)
        )


class AboutCard(Card):
    def __init__(self, title: str) -> None:
        super().__init__(title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(WIDE)
        grid.setVerticalSpacing(SMALL)
        own = ("Tallyback", VERSION, self.tr("your tracker"), "MIT")
        python = ("Python", platform.python_version(), self.tr("language"), "PSF")
        rows = [own, python, *((name, installed(name), what, licence) for name, what, licence in _MADE_OF)]
        for number, row in enumerate(rows):
            for column, words in enumerate(row):
                label = plain_label(words)
                label.setObjectName("" if column == 0 else "muted")
                grid.addWidget(label, number, column)
        grid.setColumnStretch(len(own), 1)
        self.body.addLayout(grid)


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
