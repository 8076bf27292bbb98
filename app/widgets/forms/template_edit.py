"""An editor of a template: one line that wraps, or a body of several, with its macros coloured and completed."""

from __future__ import annotations

import re

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QKeyEvent, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from app.theme import Theme, Tone
from app.widgets.forms.fitted_edit import FittedEdit
from app.widgets.forms.macro_list import MacroList
from app.widgets.forms.unsaid import secrets_in
from server.domain.template import macro_spans

_OPENED = re.compile(r"\{([A-Za-z_]?[A-Za-z0-9_]*)$")
_LEAST_LINES, _MOST_LINES = 4, 12
_LONGEST = 65_536


class MacroColours(QSyntaxHighlighter):
    """Known macros in the accent, what only looks like one underlined as a problem, secrets behind a bar."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._hides_secrets = True
        theme.changed.connect(self.rehighlight)

    def hide_secrets(self, *, is_on: bool) -> None:
        self._hides_secrets = is_on
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:  # noqa: N802 - Qt's name
        for start, end, is_known in macro_spans(text):
            look = QTextCharFormat()
            look.setForeground(self._theme.colour(Tone.ACCENT if is_known else Tone.BAD))
            if not is_known:
                look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
                look.setUnderlineColor(self._theme.colour(Tone.BAD))
            self.setFormat(start, end - start, look)
        for start, end in secrets_in(text) if self._hides_secrets else ():
            look = QTextCharFormat()
            look.setForeground(self._theme.colour(Tone.MUTED))
            look.setBackground(self._theme.colour(Tone.MUTED))
            self.setFormat(start, end - start, look)


class TemplateEdit(FittedEdit):
    def __init__(self, theme: Theme, *, has_lines: bool = False) -> None:
        super().__init__(_LEAST_LINES if has_lines else 1, _MOST_LINES)
        self._has_lines = has_lines
        self.colours = MacroColours(self.document(), theme)
        self.macros = MacroList(self)
        self.macros.chosen.connect(self._complete)

    def set_text(self, text: str) -> None:
        self.setPlainText(text[:_LONGEST])

    def text(self) -> str:
        return self.toPlainText()

    def show_macros(self) -> None:
        """All of them, for somebody who does not know their names."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._offer("")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self._has_lines:
            event.ignore()
            return
        super().keyPressEvent(event)
        if event.text():
            opened = _OPENED.search(self._before_cursor())
            if opened:
                self._offer(opened[1])
            else:
                self.macros.hide()

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802 - Qt's name
        """One line stays one line; blanks around a pasted URL go."""
        text = source.text()
        self.insertPlainText(text if self._has_lines else "".join(text.split("\n")).strip())

    def _before_cursor(self) -> str:
        cursor = self.textCursor()
        return cursor.block().text()[: cursor.positionInBlock()]

    def _offer(self, start: str) -> None:
        place = self.cursorRect()
        place.moveTopLeft(self.viewport().mapToGlobal(place.topLeft()))
        self.macros.offer(start, place)

    def _complete(self, name: str) -> None:
        """Replaces what was begun; a brace that already closes it is not doubled."""
        cursor = self.textCursor()
        opened = _OPENED.search(self._before_cursor())
        for _ in range(len(opened[0]) if opened else 0):
            cursor.deletePreviousChar()
        if cursor.block().text()[cursor.positionInBlock() :].startswith("}"):
            cursor.deleteChar()
        cursor.insertText(f"{{{name}}}")
        self.setTextCursor(cursor)
