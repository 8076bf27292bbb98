"""The values of a condition in one line: commas between them, quotes around one that holds a comma itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QLineEdit

from app.widgets.countries import Word

_VALUE = re.compile(r'\s*(?:"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^,]*?))\s*(?:,|$)')
_WRITTEN = Qt.ItemDataRole.UserRole


def text_of(values: Sequence[str], operator: str) -> str:
    """A single pattern stands as it is: commas are its own; of several each has its quotes."""
    is_pattern = operator.startswith("matches")
    if is_pattern and len(values) == 1 and not _is_odd(values[0]):
        return values[0]
    return ", ".join(_quoted(value) if is_pattern or "," in value or _is_odd(value) else value for value in values)


def values_in(text: str, operator: str) -> list[str]:
    """The other way round."""
    if operator.startswith("matches") and not text.lstrip().startswith('"'):
        return [text.strip()] if text.strip() else []
    found = []
    for match in _VALUE.finditer(text):
        if match["quoted"] is not None:
            found.append(match["quoted"].replace('""', '"'))
        elif match["plain"]:
            found.append(match["plain"])
    return found


def _is_odd(value: str) -> bool:
    """What would be read as something else without quotes."""
    return not value or value != value.strip() or value.startswith('"')


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


class ValuesLine(QLineEdit):
    """Completes the value that is being written."""

    def offer(self, words: Sequence[Word]) -> None:
        self.setCompleter(_ListCompleter(self, words) if words else None)  # type: ignore[arg-type]


class _ListCompleter(QCompleter):
    def __init__(self, line: QLineEdit, words: Sequence[Word]) -> None:
        model = QStandardItemModel()
        for written, shown in words:
            item = QStandardItem(shown)
            item.setData(written, _WRITTEN)
            model.appendRow(item)
        super().__init__(model, line)
        model.setParent(self)
        self._line = line
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setFilterMode(Qt.MatchFlag.MatchContains)

    def splitPath(self, path: str) -> list[str]:  # noqa: N802 - Qt's name
        return [path[_last(path) :].strip()]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:  # noqa: N802 - Qt's name
        text = self._line.text()
        before = text[: _last(text)]
        return f"{before}{' ' if before else ''}{index.data(_WRITTEN)}"


def _last(text: str) -> int:
    """Where the value begins that is written last."""
    return text.rfind(",") + 1
