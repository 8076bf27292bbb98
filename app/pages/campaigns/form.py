"""The form of a campaign: whose traffic, what it costs, where it goes, and the addresses that follow."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.pages.campaigns.destinations import DestinationsField
from app.pages.campaigns.paths import PathsField
from app.theme import PAD
from app.widgets.copy_field import CopyField
from app.widgets.empty import plain_label
from app.widgets.forms.choice_fields import ChoiceField, SwitchField
from app.widgets.forms.clearing import clear
from app.widgets.forms.field import Spec
from app.widgets.forms.form import Form
from app.widgets.forms.text_fields import TextField
from app.widgets.labelled import Labelled
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
        setup = self.desk.setup
        offers, sources = self.offered("offer", setup.offers).live, self.offered("source", setup.sources).live
        spec: Spec = {"path": [{"offers": [{"offer": key} for key, _ in offers[:1]]}]}
        return spec | ({"source": sources[0][0]} if len(sources) == 1 else {})

    def prepare(self, setup: Setup) -> None:
        self.source.set_answers(*self.offered("source", setup.sources))
        self.paths.offer(self.offered("offer", setup.offers), self.offered("landing", setup.landings))

    def show_checked(self, checked: Checked) -> None:
        clear(self._links)
        self.tracking_url = ""
        if not checked.links:
            self._links.addWidget(self.note(self.tr("They stand here as soon as the campaign is whole.")))
        for link in checked.links:
            if link.kind == "tracking":
                self.tracking_url = link.url
                words = self.tr("Tracking URL for source {0}").format(link.name)
            else:
                words = self.tr("Postback URL for network {0}").format(link.name)
            is_tracking = link.kind == "tracking"
            field = CopyField(self.desk.theme, link.url, name=words, has_qr=is_tracking, has_secret=not is_tracking)
            self._links.addWidget(Labelled(words, field))
            if link.kind == "postback" and link.note:
                note = plain_label(f"▲ {link.note[:1].upper()}{link.note[1:]}.")
                note.setObjectName("waiting")
                note.setWordWrap(True)
                self._links.addWidget(note)

    def _build_links(self) -> None:
        section = self.section(self.tr("Addresses to paste"))
        inside = QWidget()
        self._links = QVBoxLayout(inside)
        self._links.setContentsMargins(0, 0, 0, 0)
        self._links.setSpacing(PAD)
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
        further = self.section(
            self.tr("Who else is told"),
            self.tr(
                "Beside the source: a partner's address, a tracker of yours. Relays remember a destination by its "
                "number; where some still wait, pause it instead of removing one before the last."
            ),
        )
        self.destinations = DestinationsField(self.desk.theme)
        self.add(further, self.destinations)
