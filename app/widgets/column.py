"""What a list shows in one of its columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from app.desk import Desk
from app.theme import Tone
from server.api.lists import Shown


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, marked for translation under `columns`; what a row shows in it, and how."""

    name: str
    heading: str
    text: Callable[[Shown, Desk], str]
    tip: Callable[[Shown, Desk], str] | None = None
    tone: Callable[[Shown], Tone] | None = None
    export: Callable[[Shown, Desk], str] | None = None  # what a spreadsheet gets, where that is not the text
    is_number: bool = False
    is_shown: bool = True
    width: int = 120
    grows: int = 0  # its share of the room that is left

    @property
    def title(self) -> str:
        return QCoreApplication.translate("columns", self.heading)
