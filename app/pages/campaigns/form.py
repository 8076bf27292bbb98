"""The form of a campaign: whose traffic, what it costs, where it goes, and the addresses that follow."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.pages.campaigns.paths import PathsField
from app.theme import GAP
from app.widgets.copy_field import CopyField
from app.widgets.empty import plain_label
from app.widgets.forms.choice_fields import ChoiceField, SwitchField
from app.widgets.forms.clearing import clear
from app.widgets.forms.field import Spec
from app.widgets.forms.form import Form
from app.widgets.forms.text_fields import TextField
from server.api.checking import known_currencies
from server.api.editing import Checked
from server.domain.things import Setup


class CampaignForm(Form):
    def build(self) -> None:
        self.tracking_url = ""
        section = self.section(self.tr("Campaign"))
        self.add(section, self.key_field, self.name_field)
        self.source = ChoiceField(self.tr("Source"), ("source",), (), self.tr("Who sells the clicks."))
        self.add(section, self.source)
        self.add(
            section,
            SwitchField(
                self.tr("Paused: visitors go to your fallback URL; without one they go on as before."), ("paused",)
            ),
        )
        self._build_links()
        self._build_cost()
        paths = self.section(
            self.tr("Where its visitors go"),
            self.tr("By weight among the paths whose conditions the visitor meets; the first where none is met."),
        )
        self.paths = PathsField(self.desk.theme)
        self.add(paths, self.paths)
        self._build_more()

    def initial(self) -> Spec:
        """With one path, and with what there is no choice about."""
        setup = self.desk.data.current.get()
        spec: Spec = {"path": [{"offers": [{"offer": key} for key in setup.offers][:1]}]}
        return spec | ({"source": next(iter(setup.sources))} if len(setup.sources) == 1 else {})

    def prepare(self, setup: Setup) -> None:
        self.source.set_answers([(key, one.name or key) for key, one in setup.sources.items()])
        self.paths.set_keys(list(setup.offers), list(setup.landings))

    def load(self, key: str, spec: Spec, *, is_new: bool) -> None:
        super().load(key, spec, is_new=is_new)
        count = len(spec.get("destinations", []))
        self.destinations.setText(
            self.tr("Further destinations of its relays: {0}. They stay as the set-up file says.").format(count)
        )
        self.destinations.setVisible(bool(count))

    def show_checked(self, checked: Checked) -> None:
        clear(self._links)
        self.tracking_url = ""
        for link in checked.links:
            if link.kind == "tracking":
                self.tracking_url = link.url
                words = self.tr("Tracking URL for source {0}").format(link.name)
            else:
                words = self.tr("Postback URL for network {0}").format(link.name)
            self._links.addWidget(plain_label(words))
            self._links.addWidget(CopyField(self.desk.theme, link.url, name=words, has_qr=link.kind == "tracking"))
            if link.kind == "postback" and link.note:
                note = plain_label(f"▲ {link.note}")
                note.setObjectName("waiting")
                note.setWordWrap(True)
                self._links.addWidget(note)

    def _build_links(self) -> None:
        section = self.section(self.tr("Addresses to paste"))
        inside = QWidget()
        self._links = QVBoxLayout(inside)
        self._links.setContentsMargins(0, 0, 0, 0)
        self._links.setSpacing(GAP)
        section.addWidget(inside)

    def _build_cost(self) -> None:
        section = self.section(
            self.tr("What the traffic costs"), self.tr("Where the source tells the price of each click, that counts.")
        )
        models = (
            ("none", self.tr("not told")),
            ("cpc", self.tr("a click")),
            ("cpm", self.tr("a thousand views")),
            ("cpa", self.tr("a conversion")),
            ("share", self.tr("a share of the revenue")),
        )
        codes = known_currencies(self.desk.data)
        self.add(
            section,
            ChoiceField(self.tr("You pay for"), ("cost", "model"), models, default="none"),
            TextField(
                self.tr("Price"), ("cost", "value"), self.tr("0.012, or for a share 70%"), default=self.tr("none")
            ),
            TextField(
                self.tr("Currency"), ("cost", "currency"), default=self.tr("the source's, else your base"), words=codes
            ),
        )

    def _build_more(self) -> None:
        section = self.section(self.tr("More"))
        hint = self.tr("Only where this campaign has a domain of its own: https://trk.example.com")
        self.add(section, TextField(self.tr("Domain"), ("domain",), hint, default=self.tr("your domain of Settings")))
        self.destinations = self.note("")
        section.addWidget(self.destinations)
