"""What the palette of commands offers: actions of the window and of the page at hand, and every thing by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.desk import PAGE_OF
from app.widgets.rows_view import RowsView
from server.api.things import Name


@dataclass(frozen=True, slots=True)
class Command:
    words: str
    act: Callable[[], object]
    more: str = ""
    beside: str = ""  # its shortcut, or what kind of thing it leads to
    is_thing: bool = False  # of which there are too many to list them before somebody types

    def fits(self, typed: str) -> bool:
        if not typed:
            return not self.is_thing
        said = f"{self.words} {self.more} {self.beside}".casefold()
        return all(part in said for part in typed.split())

    def rank(self, typed: str) -> int:
        """What is called so stands before what begins so, and that before the rest."""
        names = self.words.casefold(), self.more.casefold()
        if not typed or typed in names:
            return 0
        return 1 if any(name.startswith(typed) for name in names) else 2


def actions_of(page: QWidget) -> list[QAction]:
    """The page's own, and those of its rows; what fits nothing at the moment is disabled."""
    view = page.findChild(RowsView)
    return [*page.actions(), *(view.actions() if view else ())]


def commands_of(page: QWidget) -> list[Command]:
    """What can be done on the page at this moment."""
    view = page.findChild(RowsView)
    rows = view.selected() if view else []
    count = _tr("{0} selected").format(len(rows)) if rows else ""
    opening = (
        [Command(_tr("Open the evidence"), partial(view.opened.emit, rows[0]), beside=_tr("Return"))]
        if view and len(rows) == 1
        else []
    )
    return opening + [_command_of(action, count) for action in actions_of(page) if action.isEnabled()]


def commands_of_menu(menu: QMenu) -> list[Command]:
    """With the menu's name, for some of its words say little without it."""
    name = menu.title().replace("&", "")
    return [_command_of(action, name) for action in menu.actions() if action.isEnabled() and action.text()]


def ways_to(names: Sequence[Name], go_to: Callable[[str, dict[str, str]], None]) -> Iterator[Command]:
    """A command for each thing, which opens it in its editor."""
    kinds = {
        "campaign": _tr("campaign"),
        "source": _tr("source"),
        "network": _tr("network"),
        "offer": _tr("offer"),
        "landing": _tr("landing page"),
    }
    for one in names:
        kind = kinds[one.kind]
        yield Command(
            one.name or one.key,
            partial(go_to, PAGE_OF[one.kind], {"key": one.key}),
            more=one.key if one.name else "",
            beside=_tr("{0}, archived").format(kind) if one.is_archived else kind,
            is_thing=True,
        )


def _command_of(action: QAction, more: str = "") -> Command:
    words = action.text().replace("&", "").strip()
    shortcut = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return Command(words, action.trigger, more=more, beside=shortcut)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Commands", text)
