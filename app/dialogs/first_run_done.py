"""The end of the first run: the two addresses to take along, and a test of the whole loop."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.desk import Desk
from app.dialogs.fire_test import FireTestDialog
from app.dialogs.first_run_step import Step
from app.theme import GAP, PAD
from app.widgets.copy_field import CopyField
from app.widgets.empty import plain_label
from app.widgets.labelled import Labelled
from server.api.setup import Link


class DoneStep(Step):
    left_to_mend = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            self.tr("Done"),
            self.tr("Your campaign is set up"),
            self.tr("Two addresses to take along. Both stand under Campaigns at any time."),
        )
        self.campaign = ""
        self.fields: list[CopyField] = []
        self._links = QVBoxLayout()
        self._links.setSpacing(PAD)
        self._notes = plain_label()
        self._notes.setObjectName("waiting")
        self._notes.setWordWrap(True)
        self.test = QPushButton(self.tr("Fire a test"))
        self.test.setProperty("primary", True)
        self.test.clicked.connect(self.fire)
        about = plain_label(self.tr("Sends a click, a postback and a relay through them; books nothing."))
        about.setObjectName("muted")
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.test)
        row.addWidget(about)
        row.addStretch()
        self.body.addLayout(self._links)
        self.body.addWidget(self._notes)
        self.body.addSpacing(GAP)
        self.body.addLayout(row)
        self.body.addStretch()

    def show_links(self, campaign: str, links: list[Link], notes: list[str]) -> None:
        self.campaign = campaign
        for link in links:
            self._links.addWidget(self._field(link))
        self._notes.setText("\n".join(f"▲ {note}" for note in notes))
        self._notes.setVisible(bool(notes))

    def renew_links(self, links: list[Link]) -> None:
        for field, link in zip(self.fields, links, strict=True):
            field.set_text(link.url)

    def enter(self) -> None:
        self.test.setFocus()

    def fire(self) -> None:
        dialog = FireTestDialog(self.desk, self.campaign, self.window())
        dialog.left_to_mend.connect(self.left_to_mend)
        dialog.show()

    def _field(self, link: Link) -> QWidget:
        is_tracking = link.kind == "tracking"
        title = self.tr("Tracking URL") if is_tracking else self.tr("Postback URL")
        hint = (
            self.tr("Paste it into the source as the target of your ad.")
            if is_tracking
            else self.tr("Paste it into the network as the postback (S2S) URL of the offer, or of all offers.")
        )
        field = CopyField(self.desk.theme, link.url, name=title, has_qr=is_tracking, has_secret=not is_tracking)
        self.fields.append(field)
        return Labelled(
            title, field, hint if is_tracking or not link.note else f"{hint} ▲ {link.note[:1].upper()}{link.note[1:]}."
        )
