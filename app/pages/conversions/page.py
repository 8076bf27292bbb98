"""Every conversion, newest first, live; its status set by hand, a late one accepted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QComboBox

from app.desk import Desk
from app.jobs import Job
from app.pages.conversions.model import COLUMNS
from app.pages.conversions.words import changes, relays_owed
from app.widgets.empty import Empty
from app.widgets.filter_bar import CAMPAIGNS, NETWORKS, SOURCES, Choice
from app.widgets.list_page import ListOf, ListPage
from app.widgets.row_actions import RowAction
from app.widgets.tones import spoken
from server.api import by_hand
from server.api.by_hand import Spoken
from server.api.lists import CONVERSIONS, Shown
from server.domain.status import Status

_MARKS = frozenset({"entry", "relay", "judgement", "cost", "setup"})
_STATUSES = Choice(
    "status", QT_TRANSLATE_NOOP("filters", "All statuses"), lambda _desk: [status.value for status in Status]
)
_KEPT = Choice("state", QT_TRANSLATE_NOOP("filters", "Counted or not"), lambda _desk: ["late", "conflict"])


class ConversionsPage(ListPage):
    def __init__(self, desk: Desk) -> None:
        choices = (CAMPAIGNS, SOURCES, NETWORKS, _STATUSES, _KEPT)
        super().__init__(
            desk,
            ListOf("conversions", self.tr("Conversions"), CONVERSIONS, COLUMNS, choices, _MARKS),
            Empty(
                desk.theme,
                "badge-dollar-sign",
                self.tr("No conversions yet"),
                self.tr("What the networks report about your clicks adds up here: one row for each event of a click."),
                self.tr("See the postbacks"),
                lambda: desk.go_to("postbacks", {}),
            ),
        )
        self._preview: Job | None = None
        self.actions_on_rows.offer(
            (
                RowAction(self.tr("Set status…"), "pencil", self.ask_status, "Ctrl+T", lambda row: not row["test"]),
                RowAction(
                    self.tr("Accept late…"), "check", self.ask_accept, "Ctrl+L", lambda row: row["kept"] == "late"
                ),
            )
        )

    def ask_status(self, rows: list[Shown]) -> None:
        box = QComboBox()
        box.setAccessibleName(self.tr("Status"))
        for status in Status:
            box.addItem(spoken(status.value), status.value)
        box.setCurrentIndex(self._likely(rows))
        self.bar.ask(self.tr("Set status"), lambda: self._set(rows, box.currentData()), box)
        box.currentIndexChanged.connect(lambda _index: self._look_ahead(rows, box.currentData()))
        self._look_ahead(rows, box.currentData())

    def ask_accept(self, rows: list[Shown]) -> None:
        ids = [row["id"] for row in rows]
        self.bar.ask(self.tr("Accept"), lambda: self._accept(ids))

        def show(told: list[Spoken]) -> None:
            words = self.tr("Late conversions that would count from now on: {0}. This cannot be undone.")
            self.bar.answerable(words.format(len(told)), relays_owed(told))

        data = self.desk.data
        self._ask_first(lambda: by_hand.preview_accepting(data, ids), show)

    def _likely(self, rows: Sequence[Shown]) -> int:
        """What is most often meant: a pending one is approved, any other rejected."""
        is_pending = all(row["status"] == Status.PENDING for row in rows)
        return list(Status).index(Status.APPROVED if is_pending else Status.REJECTED)

    def _look_ahead(self, rows: list[Shown], status: str) -> None:
        statuses = {row["id"]: status for row in rows}
        self._ask_first(
            lambda: by_hand.preview_statuses(self.desk.data, statuses),
            lambda told: self.bar.answerable(changes(told), relays_owed(told)),
        )

    def _ask_first(self, work: Callable[[], list[Spoken]], done: Callable[[list[Spoken]], None]) -> None:
        if self._preview is not None:
            self._preview.cancel()
        self._preview = self.desk.jobs.run(self, work, done, self.bar.refuse)

    def _set(self, rows: list[Shown], status: str) -> None:
        before = {row["id"]: row["status"] for row in rows}

        def done(told: list[Spoken]) -> None:
            self.model.look()
            words = self.tr("Done: {0}.").format(changes(told))
            self.desk.say(words)
            self.bar.tell(words, lambda: self._put_back(before))

        statuses = dict.fromkeys(before, status)
        self.desk.jobs.run(self, lambda: by_hand.set_statuses(self.desk.data, statuses), done, self.bar.refuse)

    def _put_back(self, statuses: dict[int, str]) -> None:
        def done(told: list[Spoken]) -> None:
            self.model.look()
            self.desk.say(self.tr("Put back: {0}. What was relayed meanwhile stays relayed.").format(changes(told)))

        self.desk.jobs.run(self, lambda: by_hand.set_statuses(self.desk.data, statuses), done, self.bar.refuse)

    def _accept(self, ids: list[int]) -> None:
        def done(told: list[Spoken]) -> None:
            self.model.look()
            self.desk.say(self.tr("Late conversions accepted: {0}.").format(len(told)))

        self.desk.jobs.run(self, lambda: by_hand.accept_all_late(self.desk.data, ids), done, self.bar.refuse)
