"""Every request that a network made, newest first, live; judged again after a fix, copied as curl."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox

from app.curl import LOCAL, curl_of_postback
from app.desk import Desk
from app.dialogs.evidence import ReceiptPanel
from app.jobs import Job
from app.pages.postbacks.model import COLUMNS
from app.widgets.empty import Empty
from app.widgets.filter_bar import CAMPAIGNS, NETWORKS, SOURCES, Choice
from app.widgets.list_page import ListOf, ListPage
from app.widgets.row_actions import RowAction
from app.widgets.tones import spoken
from server.api.lists import POSTBACKS, Shown
from server.api.replaying import Replayed, replay_receipts
from server.domain.outcome import Outcome

_OUTCOMES = Choice(
    "outcome", QT_TRANSLATE_NOOP("filters", "All outcomes"), lambda _desk: [outcome.value for outcome in Outcome]
)
_MOST_LINES = 6


class PostbacksPage(ListPage):
    def __init__(self, desk: Desk) -> None:
        choices = (CAMPAIGNS, SOURCES, NETWORKS, _OUTCOMES)
        marks = frozenset({"postback", "judgement", "setup"})
        super().__init__(
            desk,
            ListOf("postbacks", self.tr("Postbacks"), POSTBACKS, COLUMNS, choices, marks),
            Empty(
                desk.theme,
                "inbox",
                self.tr("No postbacks yet"),
                self.tr(
                    "Every request of a network is kept here as it came, with its outcome, the reason, and what to do."
                ),
                self.tr("Get a postback URL"),
                lambda: desk.go_to("networks", {}),
            ),
        )
        self._preview: Job | None = None
        self.actions_on_rows.offer(
            (
                RowAction(
                    self.tr("Replay…"), "rotate-ccw", self.ask_replay, "Ctrl+R", lambda row: row["network"] is not None
                ),
                RowAction(self.tr("Copy as curl"), "copy", self.copy_curl, "Ctrl+Shift+C"),
            )
        )

    def open_row(self, row: Shown) -> None:
        if row["click"] and row["outcome"] != Outcome.CLICK_UNKNOWN:
            self.desk.show_evidence(row["click"])
        else:
            ReceiptPanel(self.desk, row, self.window()).show()

    def copy_curl(self, rows: list[Shown]) -> None:
        base = self.desk.server.url or LOCAL
        QGuiApplication.clipboard().setText("\n".join(curl_of_postback(row, base) for row in rows))
        self.desk.say(self.tr("Requests copied: {0}. Put the token in where *** stands.").format(len(rows)))

    def ask_replay(self, rows: list[Shown]) -> None:
        """The preview does what the replay would do, and takes it back."""
        ids = [row["id"] for row in rows]
        withhold = QCheckBox(self.tr("Withhold relays"))
        withhold.setToolTip(self.tr("Book what changes, but tell the sources nothing."))
        self.bar.ask(self.tr("Replay"), lambda: self._replay(ids, is_withheld=withhold.isChecked()), withhold)
        withhold.toggled.connect(lambda is_on: self._look_ahead(ids, is_withheld=is_on))
        self._look_ahead(ids, is_withheld=False)

    def _look_ahead(self, ids: Sequence[int], *, is_withheld: bool) -> None:
        if self._preview is not None:
            self._preview.cancel()
        data = self.desk.data

        def show(replayed: list[Replayed]) -> None:
            changed = [one for one in replayed if one.is_changed]
            if changed:
                words = self.tr("{0} of {1} would change. Both results are kept; a replay cannot be undone.")
                self.bar.answerable(words.format(len(changed), len(ids)), _lines(changed))
                self.bar.yes.setFocus()
            else:
                self.bar.answerable(self.tr("Nothing would change by today's setup."))

        work = lambda: list(replay_receipts(data, ids, is_preview=True, withhold=is_withheld))  # noqa: E731
        self._preview = self.desk.jobs.run(self, work, show, self.bar.refuse)

    def _replay(self, ids: Sequence[int], *, is_withheld: bool) -> None:
        data = self.desk.data

        def done(replayed: list[Replayed]) -> None:
            self.model.look()
            changed = [one for one in replayed if one.is_changed]
            words = self.tr("{0} replayed, {1} changed.").format(len(replayed), len(changed))
            self.desk.say(words)
            self.bar.tell(" ".join([words, *_lines(changed).splitlines()]))

        self.desk.jobs.run(self, lambda: list(replay_receipts(data, ids, withhold=is_withheld)), done, self.bar.refuse)


def _lines(changed: Sequence[Replayed]) -> str:
    counted = Counter((one.before, one.after) for one in changed)
    lines = [f"{count} × {spoken(before)} → {spoken(after)}" for (before, after), count in counted.most_common()]
    relays = sum(len(one.relays) for one in changed)
    more = [f"and {len(lines) - _MOST_LINES} other kinds"] if len(lines) > _MOST_LINES else []
    owed = f"{relays} {'relay' if relays == 1 else 'relays'} would be owed." if relays else "No relay would be owed."
    return "\n".join([*lines[:_MOST_LINES], *more, owed])
