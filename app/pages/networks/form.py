"""The form of a network."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import available_timezones

from PySide6.QtWidgets import QVBoxLayout

from app.pages.networks.words import fields_of_a_postback, statuses
from app.theme import PAD
from app.widgets.copy_field import CopyField
from app.widgets.empty import plain_label
from app.widgets.forms.catalog_field import CatalogField
from app.widgets.forms.choice_fields import ChoiceField, SwitchField
from app.widgets.forms.clearing import clear
from app.widgets.forms.field import Field, Spec
from app.widgets.forms.form import Form
from app.widgets.forms.link_field import LinkField
from app.widgets.forms.secret_field import SecretField
from app.widgets.forms.table_fields import GridColumn, GridField
from app.widgets.forms.text_fields import ListField, TextField
from server.api.checking import known_currencies
from server.api.editing import Checked, new_token
from server.api.setup import catalog


class NetworkForm(Form):
    def build(self) -> None:
        section = self.section(self.tr("Network"))
        self.add(section, self.key_field, self.name_field)
        self.catalog = CatalogField(catalog().networks, self.tr("It knows the network's macros and words."))
        self.add(section, self.catalog)
        self.catalog.chosen_anew.connect(self.follow_template)
        self._build_url()
        self._build_reading()
        self._build_fields()
        self._build_switches()
        self._build_pixel()
        self._build_doors()

    def initial(self) -> Spec:
        return {"token": new_token()}

    def template_of(self, spec: Spec) -> Spec:
        return self.catalog.template_of(spec)

    def show_checked(self, checked: Checked) -> None:
        url, note = next(((link.url, link.note) for link in checked.links if link.kind == "postback"), ("", ""))
        self.url.set_text(url)
        self.url_note.setText(f"▲ {note[:1].upper()}{note[1:]}.")
        self.url_note.setVisible(bool(note))
        clear(self._pixel)
        for link in checked.links:
            if link.kind == "pixel":
                self._pixel.addWidget(LinkField(self.desk.theme, link))

    def _build_url(self) -> None:
        section = self.section(
            self.tr("Postback URL"),
            self.tr("Paste it into your account at the network, where it asks for a global or S2S postback."),
        )
        self.url = CopyField(self.desk.theme, name=self.tr("Postback URL"), has_secret=True)
        self.url_note = plain_label()
        self.url_note.setObjectName("waiting")
        self.url_note.setWordWrap(True)
        section.addWidget(self.url)
        section.addWidget(self.url_note)
        self.token = SecretField(
            self.desk.theme,
            self.tr("Token"),
            ("token",),
            new_token,
            self.tr("Whoever knows it may report sales. After a new one the URL has to be pasted again."),
        )
        self.add(section, self.token)

    def _build_reading(self) -> None:
        section = self.section(self.tr("How it writes"))
        codes = known_currencies(self.desk.data)
        self.add(
            section,
            TextField(
                self.tr("Currency"),
                ("currency",),
                self.tr("Where the postback names none."),
                default=self.tr("your base currency"),
                words=codes,
            ),
            TextField(
                self.tr("Time zone"),
                ("time_zone",),
                self.tr("Of the times it sends."),
                default="UTC",
                words=sorted(available_timezones()),
            ),
        )
        self._build_amounts(section)

    def _build_amounts(self, section: QVBoxLayout) -> None:
        self.add(
            section,
            ChoiceField(
                self.tr("Numbers"),
                ("number_style",),
                (("1,234.50", "1,234.50"), ("1.234,50", "1.234,50"), ("", self.tr("by look"))),
                self.tr("How it writes amounts. By look, 1,234 is not guessed but reported as a bad value."),
                default="",
            ),
            TextField(
                self.tr("Prefix of reversals"),
                ("txn_prefix",),
                self.tr("What it puts before the transaction id of a reversal; it is cut off."),
            ),
        )
        self.add(
            section,
            ChoiceField(self.tr("A postback without status is"), ("default_status",), statuses(), default="approved"),
            ChoiceField(
                self.tr("The payout comes from"),
                ("payout_from",),
                (("postback", self.tr("the postback, else the offer")), ("offer", self.tr("the offer"))),
                default="postback",
            ),
        )

    def _build_fields(self) -> None:
        section = self.section(self.tr("Fields and words"))
        columns = (
            GridColumn(self.tr("Its macro: what it puts in"), ("macros",)),
            GridColumn(self.tr("Its parameter, where the name is fixed"), ("params",)),
        )
        hint = self.tr("In grey what the template says. Write - to take one away.")
        self.add(section, GridField(self.tr("Fields of the postback"), fields_of_a_postback(), columns, 8, hint))
        words: Sequence[Field] = [
            ListField(
                self.tr("Its words for {0}").format(name), ("status_words", status), default=self.tr("the usual words")
            )
            for status, name in statuses()
        ]
        self.add(section, *words[:2])
        self.add(section, *words[2:4])
        self.add(section, words[4])

    def _build_switches(self) -> None:
        section = self.section(self.tr("Habits"))
        for name, words in (
            ("last_word_wins", self.tr("The last status counts, even one that takes a rejection back.")),
            ("each_postback_counts", self.tr("Each postback without transaction id is a sale of its own.")),
            ("strict", self.tr("Answer 4xx to postbacks that cannot be attributed (some networks then switch off).")),
        ):
            self.add(section, SwitchField(words, (name,)))

    def _build_pixel(self) -> None:
        section = self.section(
            self.tr("Pixel"),
            self.tr("For a network that sends no postbacks: the buyer's browser reports the sale from its last page."),
        )
        switch = SwitchField(
            self.tr("Browsers may report sales for this network."),
            ("pixel",),
            self.tr("Leave it off where postbacks come."),
        )
        self.add(section, switch)
        self._pixel = QVBoxLayout()
        self._pixel.setSpacing(PAD)
        section.addLayout(self._pixel)

    def _build_doors(self) -> None:
        section = self.section(
            self.tr("Who may send"), self.tr("Besides the token; leave it empty where the network does not say.")
        )
        self.add(
            section,
            ListField(self.tr("Addresses"), ("ips",), self.tr("203.0.113.7, 198.51.100.0/24"), default=self.tr("any")),
        )
        over = (("body", self.tr("the body")), ("query", self.tr("the query")))
        self.add(
            section,
            TextField(self.tr("Header of the signature"), ("hmac", "header"), default=self.tr("none")),
            SecretField(self.desk.theme, self.tr("Secret of the signature"), ("hmac", "secret"), None),
            ChoiceField(self.tr("It signs"), ("hmac", "over"), over, default="body"),
        )
