"""Every message owed to a source, newest first, live; sent again, paused and resumed, copied as curl."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtGui import QGuiApplication

from app.curl import curl_of_sent
from app.desk import Desk
from app.pages.relays.model import COLUMNS, destination_of
from app.pages.relays.paused import PausedStrip
from app.widgets.empty import Empty
from app.widgets.filter_bar import CAMPAIGNS, NETWORKS, SOURCES, Choice
from app.widgets.list_page import ListOf, ListPage
from app.widgets.row_actions import RowAction
from server.api import relaying
from server.api.lists import RELAYS, Shown
from server.domain.delivery import STATES

_MARKS = frozenset({"relay", "attempt", "answer", "pause", "setup"})
_STATES = Choice("state", QT_TRANSLATE_NOOP("filters", "All states"), lambda _desk: STATES)


class RelaysPage(ListPage):
    def __init__(self, desk: Desk) -> None:
        choices = (CAMPAIGNS, SOURCES, NETWORKS, _STATES)
        super().__init__(
            desk,
            ListOf("relays", self.tr("Relays"), RELAYS, COLUMNS, choices, _MARKS),
            Empty(
                desk.theme,
                "send",
                self.tr("No relays yet"),
                self.tr(
                    "When a conversion changes, its source is told. Every message stands here with each attempt, "
                    "and those that are not sent with the reason."
                ),
                self.tr("See the sources"),
                lambda: desk.go_to("sources", {}),
            ),
        )
        self._strip = PausedStrip(desk.theme, self.resume)
        layout = self.layout()
        if layout is not None:
            layout.insertWidget(2, self._strip)  # type: ignore[attr-defined]
        self._paused: set[str] = set()
        self.actions_on_rows.offer(
            (
                RowAction(self.tr("Send again…"), "send", self.ask_send, "Ctrl+R", self._may_be_sent),
                RowAction(self.tr("Pause…"), "pause", self.ask_pause, "Ctrl+P", lambda row: not self._is_paused(row)),
                RowAction(self.tr("Resume"), "play", self._resume_of, "Ctrl+Shift+P", self._is_paused),
                RowAction(self.tr("Copy as curl"), "copy", self.copy_curl, "Ctrl+Shift+C", lambda row: row["url"]),
            )
        )
        self._look_who_is_paused()

    def copy_curl(self, rows: list[Shown]) -> None:
        QGuiApplication.clipboard().setText("\n".join(map(curl_of_sent, rows)))
        self.desk.say(self.tr("Requests copied: {0}. Secrets are masked.").format(len(rows)))

    def ask_send(self, rows: list[Shown]) -> None:
        ids = [row["id"] for row in rows]
        names = sorted({destination_of(row) for row in rows})
        resumed = sorted({destination_of(row) for row in rows if self._is_paused(row)})
        self.bar.ask(self.tr("Send now"), lambda: self._send(ids))
        words = self.tr("Relays to send now, with the same keys, to {0}: {1}. They cannot be called back.")
        details = self.tr("{0} is resumed by it.").format(", ".join(resumed)) if resumed else ""
        self.bar.answerable(words.format(", ".join(names), len(ids)), details)

    def ask_pause(self, rows: list[Shown]) -> None:
        destinations = sorted({row["destination"] for row in rows})
        names = ", ".join(name.removeprefix("source:") for name in destinations)
        self.bar.ask(self.tr("Pause"), lambda: self._pause(destinations))
        words = self.tr("Pause the relays to {0}? What is due is held until you resume; nothing is lost.")
        self.bar.answerable(words.format(names))

    def resume(self, destination: str) -> None:
        self._resume([destination])

    def take_in(self, moved: set[str]) -> None:
        super().take_in(moved)
        self._look_who_is_paused()

    def refresh(self) -> None:
        super().refresh()
        self._look_who_is_paused()

    def _resume_of(self, rows: list[Shown]) -> None:
        self._resume(sorted({row["destination"] for row in rows}))

    def _send(self, ids: list[int]) -> None:
        self._run(
            lambda: relaying.send_again(self.desk.data, ids),
            lambda sent: self.desk.say(self.tr("Relays due now: {0}.").format(len(sent))),
        )

    def _pause(self, destinations: list[str]) -> None:
        names = ", ".join(name.removeprefix("source:") for name in destinations)

        def work() -> None:
            for destination in destinations:
                relaying.pause(self.desk.data, destination)

        def done(_nothing: None) -> None:
            words = self.tr("Relays to {0} are paused.").format(names)
            self.desk.say(words)
            self.bar.tell(words, lambda: self._resume(destinations))

        self._run(work, done)

    def _resume(self, destinations: list[str]) -> None:
        names = ", ".join(name.removeprefix("source:") for name in destinations)

        def done(count: int) -> None:
            words = self.tr("Relays to {0} go on. Held until now: {1}.").format(names, count)
            self.desk.say(words)
            self.bar.tell(words)

        self._run(lambda: sum(relaying.resume(self.desk.data, one) for one in destinations), done)

    def _run(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        def then(result: Any) -> None:
            self.model.look()
            self._look_who_is_paused()
            done(result)

        self.desk.jobs.run(self, work, then, self.bar.refuse)

    def _look_who_is_paused(self) -> None:
        self.desk.jobs.run(self, lambda: relaying.paused(self.desk.data), self._show_paused, lambda _words: None)

    def _show_paused(self, paused: list[relaying.Paused]) -> None:
        self._strip.show_paused(paused)
        found = {one.destination for one in paused}
        if found != self._paused:
            self._paused = found
            self.view.chosen.emit()

    def _is_paused(self, row: Shown) -> bool:
        return row["destination"] in self._paused

    def _may_be_sent(self, row: Shown) -> bool:
        return row["state"] in relaying.SENT_AGAIN
