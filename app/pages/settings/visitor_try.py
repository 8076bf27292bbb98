"""Try it: what the data tells of a visitor from this address with this agent."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.desk import Desk
from app.jobs import Job
from app.theme import GAP, PAD, SMALL, WIDE
from app.widgets.countries import countries
from app.widgets.empty import plain_label
from app.widgets.facts import name_of_fact
from app.widgets.labelled import Labelled
from app.widgets.plain import breakable
from server.api import visitor

_LONGEST_AGENT = 2000
_COLUMNS = 3
_SHOWN = ("country", "device", "bot", "region", "os", "os_version", "isp", "browser", "browser_version")


class VisitorTry(QWidget):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._job: Job | None = None
        self.address, self.agent = QLineEdit(), QLineEdit()
        self.address.setPlaceholderText("81.2.69.142")
        self.agent.setPlaceholderText(self.tr("Mozilla/5.0 …, as a browser sends it"))
        self.agent.setMaxLength(_LONGEST_AGENT)
        self._address_field = Labelled(self.tr("Address"), self.address)
        self.button = QPushButton(self.tr("Try"))
        self.button.setAccessibleName(self.tr("Try"))
        self.button.clicked.connect(self.ask)
        for line in (self.address, self.agent):
            line.returnPressed.connect(self.ask)
        self.facts = {name: plain_label() for name in _SHOWN}
        self._found = QWidget()
        self._lay_out()

    @property
    def problem(self) -> str:
        return self._address_field.problem

    def ask(self) -> None:
        address, agent = self.address.text().strip(), self.agent.text().strip()
        if not self._address_field.show_problem(self._problem_of(address)):
            self._found.hide()  # it was of another
            return
        if self._job is not None:
            self._job.cancel()
        folder = str(self._desk.data.folder.path)
        work = lambda: visitor.facts(folder, address, agent or None)  # noqa: E731
        self._job = self._desk.jobs.run(self, work, self._show, self._address_field.show_problem)

    def _problem_of(self, address: str) -> str:
        try:
            ipaddress.ip_address(address or "::")
        except ValueError:
            return self.tr("Write an address such as 192.0.2.7 or 2001:db8::7.")
        return ""

    def _show(self, facts: Mapping[str, str | None]) -> None:
        for name, label in self.facts.items():
            nothing = self.tr("no") if name == "bot" else self.tr("not known")
            value = facts[name]
            if name == "country" and value:
                value = dict(countries()).get(value, value)
            label.setText(breakable(value) if value else nothing)
            label.setObjectName("" if value else "muted")
            label.style().polish(label)
        self._found.show()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(PAD)
        row.addWidget(self._address_field, 1, Qt.AlignmentFlag.AlignTop)
        row.addWidget(Labelled(self.tr("Agent"), self.agent), 2, Qt.AlignmentFlag.AlignTop)
        beside = Labelled(" ", self.button)  # in line with the fields beside it
        row.addWidget(beside, 0, Qt.AlignmentFlag.AlignTop)
        grid = QGridLayout(self._found)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(WIDE)
        grid.setVerticalSpacing(SMALL)
        for place, (name, label) in enumerate(self.facts.items()):
            head = plain_label(name_of_fact(name))
            head.setObjectName("muted")
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setWordWrap(True)
            grid.addWidget(head, place // _COLUMNS, 2 * (place % _COLUMNS))
            grid.addWidget(label, place // _COLUMNS, 2 * (place % _COLUMNS) + 1)
        for column in range(_COLUMNS):
            grid.setColumnStretch(2 * column + 1, 1)
        self._found.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addLayout(row)
        layout.addWidget(self._found)
