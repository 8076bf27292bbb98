"""What a page of the set-up is made of: heading, list, form, and the page that says what belongs here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from app.desk import Desk
from app.theme import GAP, TITLE, WIDE, sized
from app.widgets.empty import Empty, plain_label
from app.widgets.forms.editor_panel import EditorPanel
from app.widgets.forms.form import Form
from app.widgets.forms.thing_list import ThingList
from app.widgets.plain import cut, plain_tip
from server.api.history import Steps
from server.api.things import Thing

_LAYOUT = "editor/splitter"
_LIST_WIDTH, _FORM_WIDTH = 280, 760


@dataclass(frozen=True, slots=True)
class Kind:
    """What one page of the set-up differs in from another."""

    kind: str
    title: str
    icon: str
    noun: str  # as in "New offer"
    nothing: str  # the heading of the empty page
    what: str  # and what belongs there
    form: Callable[[Desk], Form]
    step: str = ""  # the first step, where it is the questions of the first run


class EditorFrame(QWidget):
    def __init__(self, desk: Desk, kind: Kind) -> None:
        super().__init__()
        self.desk = desk
        self.kind = kind
        self.form = kind.form(desk)
        self.panel = EditorPanel(desk.theme, self.form)
        self.things = ThingList(desk.theme)
        self.setFocusProxy(self.things.list)
        self._tools: list[tuple[QToolButton, str]] = []
        self.undo_button = self._tool("undo-2", self.undo)
        self.redo_button = self._tool("redo-2", self.redo)
        self.duplicate_button = self.panel.button("copy-plus", self.tr("Duplicate"), self.duplicate)
        self.archive_button = self.panel.button("archive", self.tr("Archive"), self.archive)
        step = kind.step or self.tr("New {0}").format(kind.noun)
        self._empty = Empty(desk.theme, kind.icon, kind.nothing, kind.what, step, desk.begin if kind.step else self.new)
        self._nobody = Empty(
            desk.theme, kind.icon, self.tr("Nothing chosen"), self.tr("Choose one in the list, or make a new one.")
        )
        self._right = QStackedWidget()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._stack = QStackedWidget()
        self._problem = plain_label()
        self._problem.setObjectName("bad")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._lay_out()
        self._add_actions()
        desk.theme.changed.connect(self._paint)
        self._paint()

    def save_layout(self) -> None:
        QSettings().setValue(_LAYOUT, self._splitter.saveState())

    def show_steps(self, steps: Steps) -> None:
        """The history is one for the whole set-up, whichever page looks at it."""
        for button, action, words in (
            (self.undo_button, self._undo_action, steps.undo),
            (self.redo_button, self._redo_action, steps.redo),
        ):
            verb, keys = action.text(), action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            button.setEnabled(bool(words))
            action.setEnabled(bool(words))
            button.setToolTip(plain_tip(f"{verb}: {words} ({keys})" if words else verb))
            button.setAccessibleName(verb)

    def show_state(self, thing: Thing | None, *, is_dirty: bool) -> None:
        """What can be done with the thing at hand, None for a new one."""
        named = thing.name or thing.key if thing else ""
        self.panel.title.setText(cut(named) if named else self.tr("New {0}").format(self.kind.noun))
        for widget in (self.panel.save, self.panel.revert, self._save_action, self._revert_action):
            widget.setEnabled(is_dirty)
        for widget in (self.duplicate_button, self.archive_button, self._duplicate_action, self._archive_action):
            widget.setEnabled(thing is not None)
        is_archived = thing is not None and thing.is_archived
        words = self.tr("Take back") if is_archived else self.tr("Archive")
        self.archive_button.setText(f" {words}")
        self._archive_action.setText(words)
        count = sum(bool(field.problem) for field in self.form.parts())
        if count:
            self.panel.say("bad", self.tr("Fields to mend: {0}").format(count))
        elif is_dirty:
            self.panel.say("waiting", self.tr("Not saved yet."))
        else:
            self.panel.say(
                "muted", self.tr("Archived: it takes no part until it is taken back.") if is_archived else ""
            )

    def show_unread(self, words: str) -> None:
        """Why the list cannot be read; empty once it can."""
        self._problem.setText(f"▲ {words}")
        self._problem.setVisible(bool(words))

    # -- what the page does ------------------------------------------------------------------------------------------

    def new(self) -> None:
        raise NotImplementedError

    def save(self) -> None:
        raise NotImplementedError

    def revert(self) -> None:
        raise NotImplementedError

    def duplicate(self) -> None:
        raise NotImplementedError

    def archive(self) -> None:
        raise NotImplementedError

    def undo(self) -> None:
        raise NotImplementedError

    def redo(self) -> None:
        raise NotImplementedError

    # -- inside ------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        heading = plain_label(self.kind.title)
        heading.setFont(sized(heading.font(), TITLE, is_bold=True))
        self.new_button = QPushButton(self.tr("New {0}").format(self.kind.noun))
        self.new_button.setToolTip("Ctrl+N")
        self.new_button.clicked.connect(lambda: self.new())
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(heading)
        head.addStretch()
        for widget in (self.undo_button, self.redo_button, self.new_button):
            head.addWidget(widget)
        self._right.addWidget(self.panel)
        self._right.addWidget(self._nobody)
        self._right.setCurrentWidget(self._nobody)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        self._splitter.addWidget(self.things)
        self._splitter.addWidget(self._right)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([_LIST_WIDTH, _FORM_WIDTH])
        state = QSettings().value(_LAYOUT)
        if state is not None:
            self._splitter.restoreState(state)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._splitter)
        self._stack.setCurrentWidget(self._splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, 0, WIDE)
        layout.setSpacing(GAP)
        head.setContentsMargins(0, 0, WIDE, 0)
        layout.addLayout(head)
        layout.addWidget(self._problem)
        layout.addWidget(self._stack, 1)

    def action(self, words: str, act: Callable[[], None], keys: str = "") -> QAction:
        """What can be done here, for the menu, the palette of commands, and its keys."""
        action = QAction(words, self)
        action.setShortcut(keys)
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda: act())
        self.addAction(action)
        return action

    def _add_actions(self) -> None:
        self._save_action = self.action(self.tr("Save"), self.save, "Ctrl+S")
        self._revert_action = self.action(self.tr("Revert"), self.revert)
        self._undo_action = self.action(self.tr("Undo"), self.undo, "Ctrl+Z")
        self._redo_action = self.action(self.tr("Redo"), self.redo, "Ctrl+Shift+Z")
        self._duplicate_action = self.action(self.tr("Duplicate"), self.duplicate, "Ctrl+D")
        self._archive_action = self.action(self.tr("Archive"), self.archive)
        for action in self.actions():
            action.setEnabled(False)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.things.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.archive)
        self.panel.save.clicked.connect(lambda: self.save())
        self.panel.revert.clicked.connect(lambda: self.revert())

    def _tool(self, icon: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setEnabled(False)
        button.clicked.connect(lambda: act())
        self._tools.append((button, icon))
        return button

    def _paint(self) -> None:
        for button, icon in self._tools:
            button.setIcon(self.desk.theme.icon(icon))
