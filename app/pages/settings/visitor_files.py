"""The files that tell of visitors: what each is, how old, whose, and what is wrong with a broken one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.figures import number
from app.theme import GAP, HAIR, PAD, SMALL, sized
from app.widgets.empty import plain_label
from app.widgets.facts import name_of_fact
from app.widgets.forms.clearing import clear
from app.widgets.plain import cut

Row = dict[str, Any]


class VisitorFiles(QWidget):
    remove_asked = Signal(dict)  # the row

    def __init__(self) -> None:
        super().__init__()
        self.buttons: dict[str, QPushButton] = {}
        self._shown: Sequence[Row] | None = None
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(SMALL)

    def show_rows(self, rows: Sequence[Row]) -> None:
        if rows == self._shown:
            return
        self._shown = rows
        clear(self._rows)
        self.buttons = {}
        for row in rows:
            self._rows.addWidget(self._row(row))

    def _row(self, row: Row) -> QFrame:
        frame = QFrame()
        frame.setObjectName("panel")
        head = _selectable(cut(row["name"]), "")
        head.setFont(sized(head.font(), 0, is_bold=True))
        said = QVBoxLayout()
        said.setSpacing(HAIR)
        said.addWidget(head)
        if "trouble" in row:
            said.addWidget(_selectable(f"▲ {cut(row['trouble'])}", "bad"))
            said.addWidget(_selectable(cut(row["remedy"]), "muted"))
        else:
            said.addWidget(_selectable(self._about(row), "muted"))
        credit = row.get("credit") or row.get("licence")
        if credit:
            said.addWidget(_selectable(cut(credit), "muted"))
        button = QPushButton(self.tr("Remove"))
        button.setAccessibleName(self.tr("Remove {0}").format(cut(row["name"])))
        button.clicked.connect(lambda: self.remove_asked.emit(row))
        self.buttons[row["name"]] = button
        line = QHBoxLayout(frame)
        line.setContentsMargins(PAD, GAP, GAP, GAP)
        line.setSpacing(PAD)
        line.addLayout(said, 1)
        line.addWidget(button)
        return frame

    def _about(self, row: Row) -> str:
        if row["type"] == "ranges":
            return self.tr("Address ranges of bots: {0}").format(number(row["count"]))
        tells = ", ".join(name_of_fact(fact) for fact in row["tells"]) or self.tr("nothing of use")
        parts = [self.tr("Tells: {0}").format(tells)]
        parts += [self.tr("of {0}").format(row["built"])] if row["built"] else []
        parts += [cut(row["kind"])] if row["kind"] else []
        parts += [] if row["ipv6"] else [self.tr("no IPv6 addresses")]
        return " · ".join(parts)


def _selectable(words: str, tone: str) -> QLabel:
    label = plain_label(words)
    label.setObjectName(tone)
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
