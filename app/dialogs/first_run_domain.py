"""Fifth question: your domain, or only this machine for now."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QRadioButton

from app.desk import Desk
from app.dialogs.first_run_step import Step, all_good
from app.theme import HUGE
from app.widgets.empty import plain_label
from app.widgets.labelled import Labelled
from server.api.checking import problem_with


class DomainStep(Step):
    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            self.tr("Domain"),
            self.tr("Under which domain do visitors come?"),
            self.tr("Tracking and postback URLs begin with it. It has to lead to the server on this machine."),
        )
        stored = desk.setup.owner.domain or ""
        self.own = QRadioButton(self.tr("My own domain"))
        self.none = QRadioButton(self.tr("Only this machine for now"))
        self.domain = QLineEdit(stored)
        self.domain.setPlaceholderText("trk.example.com")
        self._domain = Labelled(self.tr("Domain"), self.domain, self.tr("With https, without a path."), HUGE)
        later = plain_label(
            self.tr(
                "Good for trying everything out: the addresses work on this machine only. "
                "A domain can be set at any time under Settings; the links then change with it."
            )
        )
        later.setObjectName("muted")
        later.setWordWrap(True)
        later.setIndent(HUGE)
        self.body.addWidget(self.own, alignment=Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self._domain)
        self.body.addWidget(self.none, alignment=Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(later)
        self.body.addStretch()
        self.own.toggled.connect(self._domain.setEnabled)
        self.domain.textEdited.connect(lambda: self._domain.show_problem(""))
        (self.own if stored else self.none).setChecked(True)
        self._domain.setEnabled(bool(stored))

    def answer(self) -> str:
        return with_scheme(self.domain.text()) if self.own.isChecked() else ""

    def enter(self) -> None:
        (self.own if self.own.isChecked() else self.none).setFocus()

    def check(self) -> bool:
        if self.none.isChecked():
            return all_good([(self._domain, "")])
        missing = self.tr("Write your domain, or choose “Only this machine for now”.")
        words = problem_with(self.desk.data, "owner", "domain", self.answer()) if self.answer() else missing
        return all_good([(self._domain, words)])


def with_scheme(domain: str) -> str:
    """A domain is typed without https:// and meant with it."""
    typed = domain.strip()
    return f"https://{typed}" if typed and "://" not in typed else typed
