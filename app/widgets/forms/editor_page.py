"""A page of the set-up: the list of a kind's things, the form of the one at hand, and the ways between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent

from app.desk import PAGE_OF, Desk
from app.widgets.forms.asking import ask_archive, ask_unsaved
from app.widgets.forms.editor_frame import EditorFrame, Kind
from app.widgets.forms.field import Spec
from server.api import archiving, editing, history, things
from server.api.editing import Checked
from server.api.history import Done, Steps
from server.api.things import Thing

_TYPING_MS = 200


@dataclass(frozen=True, slots=True)
class _Read:
    things: Sequence[Thing]
    steps: Steps
    archived: dict[str, set[str]]


class EditorPage(EditorFrame):
    def __init__(self, desk: Desk, kind: Kind) -> None:
        super().__init__(desk, kind)
        self._key: str | None = None  # of the stored thing at hand
        self._is_new = False
        self._is_missing_shown = False
        self._is_busy = False
        self._wanted: str | None = None  # to be chosen once the list is read
        self._generation = 0
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._check)
        self.form.changed.connect(self._on_change)
        self.things.chosen.connect(lambda key: self._leave(lambda: self._open(key)))
        desk.pulse.changed.connect(self._on_news)
        self.refresh()

    # -- what the window asks ----------------------------------------------------------------------------------------

    def refresh(self) -> None:
        data, kind = self.desk.data, self.kind.kind

        def read() -> _Read:
            return _Read(things.things(data, kind), history.steps(data), archiving.archived(data))

        self.desk.jobs.run(self, read, self._show_read, self.show_unread)

    def new(self) -> None:
        self._leave(lambda: self._start_new("", self.form.initial()))

    def find_text(self) -> None:
        self.things.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.things.search.selectAll()

    def narrow_to(self, words: dict[str, Any]) -> None:
        """Another page leads here with a thing to open."""
        if words.get("key"):
            self._leave(lambda: self._open(str(words["key"])))
        elif words.get("new"):
            self.new()

    def may_close(self) -> bool:
        """False while it asks; it closes the window itself after the answer."""
        if not self.is_dirty:
            return True
        self._leave(lambda: self.window().close())
        return False

    # -- the thing at hand -------------------------------------------------------------------------------------------

    @property
    def is_dirty(self) -> bool:
        return (self._is_new or self._key is not None) and (self._is_new or self.form.is_touched())

    def save(self) -> None:
        self._save_then(lambda: None)

    def revert(self) -> None:
        key = self._key
        if self._is_new:
            self._close_thing()
            self._open(self.things.current_key or next(iter(self.things.keys()), ""))
        elif key is not None:
            self._open(key)

    def duplicate(self) -> None:
        key = self._key
        if key is None:
            return

        data, kind = self.desk.data, self.kind.kind
        work = lambda: editing.duplicate(data, kind, key)  # noqa: E731
        self._leave(lambda: self.desk.jobs.run(self, work, lambda copy: self._start_new(*copy), self._fail))

    def archive(self) -> None:
        key, data, kind = self._key, self.desk.data, self.kind.kind
        if key is None:
            return
        thing = self.things.thing(key)
        if thing is not None and thing.is_archived:
            self._do(lambda: archiving.unarchive(data, kind, key))
            return

        def ask(found: list[tuple[str, str]]) -> None:
            used_by = [f"{one} {name}" for one, name in found]
            ask_archive(self, f"{kind} {key}", used_by, lambda: self._do(archive_all))

        def archive_all() -> object:
            return archiving.archive(data, kind, key, with_dependents=True)

        self.desk.jobs.run(self, lambda: archiving.dependents(data, kind, key), ask, self._fail)

    def undo(self) -> None:
        self._leave(lambda: self._turn(history.undo, self.tr("Undone: {0}")))

    def redo(self) -> None:
        self._leave(lambda: self._turn(history.redo, self.tr("Done again: {0}")))

    # -- inside: coming and going ------------------------------------------------------------------------------------

    def _leave(self, then: Callable[[], object]) -> None:
        """Goes on at once, or after the answer to what becomes of unsaved changes."""
        if not self.is_dirty:
            then()
            return

        def discard() -> None:
            self._close_thing()
            then()

        name = self.form.key or self.tr("the new {0}").format(self.kind.noun)
        self.things.select(self._key)
        ask_unsaved(self, name, lambda: self._save_then(then), discard)

    def _open(self, key: str) -> None:
        thing = self.things.thing(key)
        if thing is None:
            self._wanted = key or None
            if key:
                self.refresh()
            return
        if thing.is_archived:
            self.things.with_archived.setChecked(True)
        self.things.select(key)
        self._load(key, thing.spec, is_new=False)

    def _start_new(self, key: str, spec: Spec) -> None:
        self.things.select(None)
        self._load(key, spec, is_new=True)
        self.form.key_field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.form.key_field.line.selectAll()

    def _load(self, key: str, spec: Spec, *, is_new: bool) -> None:
        self._key, self._is_new = (None if is_new else key), is_new
        self._is_missing_shown = False
        self.form.load(key, spec, is_new=is_new)
        self.panel.show_top()
        self._stack.setCurrentWidget(self._splitter)
        self._right.setCurrentWidget(self.panel)
        self._show_state()
        self._check()

    def _close_thing(self) -> None:
        self._key, self._is_new = None, False
        self._right.setCurrentWidget(self._nobody)

    def _on_change(self) -> None:
        self._show_state()
        self._typing.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Today's figures went on while another page was shown."""
        super().showEvent(event)
        self.refresh()

    def _on_news(self, moved: set[str]) -> None:
        if "setup" in moved:
            self.refresh()

    def _show_state(self) -> None:
        self.show_state(self.things.thing(self._key) if self._key else None, is_dirty=self.is_dirty)

    # -- inside: reading, checking, saving ----------------------------------------------------------------------------

    def _show_read(self, read: _Read) -> None:
        self.show_unread("")
        self.things.show_things(read.things)
        self.show_steps(read.steps)
        self.form.archived = read.archived
        has_any = any(True for _ in read.things) or self._is_new
        self._stack.setCurrentWidget(self._splitter if has_any else self._empty)
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            if self.things.thing(wanted) is not None:
                self._open(wanted)
        elif self._key is not None:
            self._follow(self._key)
        elif self._is_new:
            self.form.follow()
        elif self.things.keys():
            self._open(self.things.keys()[0])

    def _follow(self, key: str) -> None:
        """The thing at hand may have been changed elsewhere."""
        thing = self.things.thing(key)
        self.things.select(key)
        if thing is None or thing.spec == self.form.base:
            self.form.follow()
            self._show_state()
        elif self.form.is_touched():
            self.panel.say("waiting", self.tr("It was changed elsewhere meanwhile. Revert shows what is stored now."))
        else:
            self._open(key)

    def _check(self) -> None:
        self._typing.stop()
        if self._key is None and not self._is_new:
            return  # a change of the look, too, changes texts
        self._generation += 1
        generation = self._generation
        data, kind, key, spec, is_new = self.desk.data, self.kind.kind, self.form.key, self.form.spec(), self._is_new

        def checked(found: Checked) -> None:
            if generation == self._generation:
                self._show_checked(found)

        self.desk.jobs.run(self, lambda: editing.check(data, kind, key, spec, is_new=is_new), checked, self._fail)

    def _show_checked(self, found: Checked) -> None:
        left = self.form.show_problems(found.problems, is_missing_shown=self._is_missing_shown)
        self._show_state()
        if left:
            self.panel.say("bad", left[0])
        if not found.problems:
            self.form.show_checked(found)

    def _save_then(self, then: Callable[[], object]) -> None:
        if not self.is_dirty or self._is_busy:
            return
        self._is_missing_shown = self._is_busy = True
        data, kind, key, spec = self.desk.data, self.kind.kind, self.form.key, self.form.spec()
        expected, is_new = (None if self._is_new else self.form.base), self._is_new

        def work() -> Checked | Spec:
            found = editing.check(data, kind, key, spec, is_new=is_new)
            return found if found.problems else editing.save(data, kind, key, spec, expected)

        def done(result: Checked | Spec) -> None:
            self._is_busy = False
            if isinstance(result, Checked):
                self._show_checked(result)
                self._go_to_problem()
                return
            self._load(key, result, is_new=False)
            self.desk.say(self.tr("Saved {0} {1}.").format(self.kind.noun, key))
            self.panel.say("good", self.tr("Saved."))
            self.refresh()
            then()

        self.desk.jobs.run(self, work, done, self._fail)

    def _go_to_problem(self) -> None:
        field = next((field for field in self.form.parts() if field.problem), None)
        if field is not None:
            field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.panel.area.ensureWidgetVisible(field)

    def _do(self, work: Callable[[], object]) -> None:
        self.desk.jobs.run(self, work, lambda _result: self.refresh(), self._fail)

    def _turn(self, step: Callable[[Any], Done], words: str) -> None:
        def done(result: Done) -> None:
            self.desk.say(words.format(result.words))
            if result.kind == self.kind.kind:
                self._close_thing()
                self._wanted = result.key
                self.refresh()
            else:
                self.refresh()
                self.desk.go_to(PAGE_OF[result.kind], {"key": result.key})

        self.desk.jobs.run(self, lambda: step(self.desk.data), done, self._fail)

    def _fail(self, words: str) -> None:
        self._is_busy = False
        self.panel.say("bad", words)
