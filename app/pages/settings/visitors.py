"""What is known of visitors: the files that tell it, new ones, and a try."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton

from app.desk import Desk
from app.jobs import Job
from app.pages.settings.card import Card
from app.pages.settings.visitor_files import Row, VisitorFiles
from app.pages.settings.visitor_try import VisitorTry
from app.theme import GAP, sized
from app.widgets.ask_bar import AskBar
from app.widgets.busy import Busy
from app.widgets.empty import plain_label
from app.widgets.plain import cut
from server.api import visitor


class VisitorsCard(Card):
    def __init__(self, desk: Desk, title: str) -> None:
        super().__init__(title)
        self._desk = desk
        self._folder = str(desk.data.folder.path)
        self._job: Job | None = None
        self.state, self._parsers = plain_label(self.tr("Reading…")), plain_label()
        self.files = VisitorFiles()
        self.bar = AskBar(desk.theme)
        self.busy = Busy(self, self.cancel)
        self.fetch_button = QPushButton(self.tr("Get the free country database"))
        self.fetch_button.setToolTip(self.tr("DB-IP's countries, by npm; a few megabytes"))
        self.add_button = QPushButton(self.tr("Add a file…"))
        self.add_button.setToolTip(self.tr("An .mmdb of any maker, or a text with a bot's address range a line"))
        self.trial = VisitorTry(desk)
        self.files.remove_asked.connect(self._ask_to_remove)
        self.fetch_button.clicked.connect(self.fetch)
        self.add_button.clicked.connect(self.choose)
        self._lay_out()

    def read(self) -> None:
        folder = self._folder
        self._desk.jobs.run(self, lambda: visitor.known_data(folder), self._show, self.bar.refuse)

    def fetch(self) -> None:
        folder = self._folder
        self._bring(lambda cancel: visitor.fetch(folder, cancel), self.tr("Fetching from npm…"))

    def choose(self) -> None:
        files = self.tr("Databases and lists (*.mmdb *.txt *.list *.csv);;All files (*)")
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Add a file"), "", files)
        if chosen:
            self.add(chosen)

    def add(self, path: str) -> None:
        folder = self._folder
        self._bring(lambda _cancel: visitor.add(folder, path), self.tr("Looking at it…"))

    def cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._settle()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.read()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        for label in (self.state, self._parsers):
            label.setObjectName("muted")
            label.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.fetch_button)
        row.addWidget(self.add_button)
        row.addWidget(self.busy)
        row.addStretch()
        trial = plain_label(self.tr("Try it"))
        trial.setFont(sized(trial.font(), 0, is_bold=True))
        for widget in (self.state, self.files, self.bar):
            self.body.addWidget(widget)
        self.body.addLayout(row)
        self.body.addWidget(self._parsers)
        self.body.addWidget(trial)
        self.body.addWidget(self.trial)

    def _show(self, rows: Sequence[Row]) -> None:
        files = [row for row in rows if row["type"] != "agents"]
        has_country = any("country" in row.get("tells", ()) for row in files)
        self.files.show_rows(files)
        self.files.setVisible(bool(files))
        self.state.setText(
            self.tr("A server that runs takes new files into use within seconds.")
            if has_country
            else self.tr("No database tells countries: they are not known, and everything else works.")
        )
        self.fetch_button.setProperty("primary", not has_country)
        self.fetch_button.style().polish(self.fetch_button)
        parsers = ", ".join(f"{row['name']} {row['kind'] or '?'}" for row in rows if row["type"] == "agents")
        self._parsers.setText(self.tr("Devices, systems, browsers and crawlers are told by {0}.").format(parsers))

    def _bring(self, work: Callable[[Event], dict[str, Any]], words: str) -> None:
        self.bar.hide()
        self._let_press(is_possible=False)
        self.busy.begin(words)

        def done(row: Row) -> None:
            self._settle()
            self.bar.tell(self.tr("Now in use: {0}").format(cut(row["name"])))
            self.read()

        def refused(said: str) -> None:
            self._settle()
            self.bar.refuse(said)

        self._job = self._desk.jobs.search(self, work, done, refused)

    def _ask_to_remove(self, row: Row) -> None:
        name, kind, folder = row["name"], row["type"], self._folder

        def removed(_nothing: None) -> None:
            self.bar.tell(self.tr("Removed: {0}").format(cut(name)))
            self.read()

        def remove() -> None:
            self._desk.jobs.run(self, lambda: visitor.remove(folder, kind, name), removed, self.bar.refuse)

        self.bar.ask(self.tr("Remove"), remove)
        self.bar.answerable(
            self.tr("Remove {0}?").format(cut(name)),
            self.tr("What it tells is not known of later visitors. To have it back, add the file again."),
        )

    def _settle(self) -> None:
        self._job = None
        self.busy.end()
        self._let_press(is_possible=True)

    def _let_press(self, *, is_possible: bool) -> None:
        for button in (self.fetch_button, self.add_button):
            button.setEnabled(is_possible)
