"""One question of the first run: its title, why it is asked, and its fields."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desk import Desk
from app.theme import GAP, PAD, TITLE, sized
from app.widgets.empty import plain_label
from app.widgets.labelled import Labelled


class Step(QWidget):
    """What is typed stays in the widgets, so going back and forth loses nothing."""

    def __init__(self, desk: Desk, name: str, title: str, reason: str) -> None:
        super().__init__()
        self.desk = desk
        self.name = name
        heading = plain_label(title)
        heading.setFont(sized(heading.font(), TITLE, is_bold=True))
        why = plain_label(reason)
        why.setObjectName("muted")
        why.setWordWrap(True)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(PAD)
        self.body.addWidget(heading)
        self.body.addWidget(why)
        self.body.addSpacing(GAP)

    def enter(self) -> None:
        """The step comes into view."""

    def check(self) -> bool:
        """Whether one may go on; what is wrong is shown beside its field."""
        return True


def all_good(checked: list[tuple[Labelled, str]]) -> bool:
    """Shows every problem, and goes to the first."""
    bad = [labelled for labelled, words in checked if not labelled.show_problem(words)]
    if bad:
        bad[0].setFocus()
    return not bad
