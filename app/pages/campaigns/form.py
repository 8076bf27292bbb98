"""The form of a campaign: whose traffic, what it costs, where it goes, and the addresses that follow."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.pages.campaigns.destinations import DestinationsField
from app.pages.campaigns.paths import PathsField
from app.theme import PAD
from app.widgets.forms.choice_fields import ChoiceField, SwitchField
from app.widgets.forms.clearing import clear
from app.widgets.forms.cost_fields import CostFields
from app.widgets.forms.field import Spec
from app.widgets.forms.form import Form
from app.widgets.forms.link_field import LinkField
from app.widgets.forms.text_fields import TextField
from server.api.checking import known_currencies
from server.api.editing import Checked
from server.domain.things import Setup


class CampaignForm(Form):
    looked_new = Signal()  # whatever is to be seen of it, another campaign too

    def build(self) -> None:
        self.tracking_url = ""
        section = self.section(self.tr("Campaign"))
        self.add(section, self.key_field, self.name_field)
        self.source = ChoiceField(self.tr("Source"), ("source",), (), self.tr("Who sells the clicks."))
        self.add(section, self.source)
        self.add(
            section,
            SwitchField(
                self.tr("Paused: visitors go where those go whom no path takes; if that is nowhere, on as before."),
                ("paused",),
            ),
        )
        self._build_links()
        self._build_cost()
        self._build_paths()
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

    def show_live(self) -> None:
        self.looked_new.emit()

    def show_checked(self, checked: Checked) -> None:
        clear(self._links)
        self.tracking_url = ""
        if not checked.links:
            self._links.addWidget(self.note(self.tr("They stand here as soon as the campaign is whole.")))
        for link in checked.links:
            if link.kind == "tracking":
                self.tracking_url = link.url
            self._links.addWidget(LinkField(self.desk.theme, link))

    def _build_links(self) -> None:
        section = self.section(self.tr("Addresses to paste"))
        inside = QWidget()
        self._links = QVBoxLayout(inside)
        self._links.setContentsMargins(0, 0, 0, 0)
        self._links.setSpacing(PAD)
        section.addWidget(inside)

    def _build_cost(self) -> None:
        section = self.section(
            self.tr("What the traffic costs"),
            self.tr("Where you pay for clicks or views and the source tells the price of each click, that counts."),
        )
        self.add(section, *CostFields(known_currencies(self.desk.data)).all())
        self.correct_button = QPushButton(self.tr("Correct the cost of a period…"))
        self.correct_button.setToolTip(self.tr("A bill that came later is spread over the clicks that are there"))
        section.addWidget(self.correct_button, alignment=Qt.AlignmentFlag.AlignLeft)

    def _build_paths(self) -> None:
        section = self.section(self.tr("Where its visitors go"))
        self.try_button = QPushButton(self.tr(" Try a visitor"))
        self.desk.theme.changed.connect(self._paint)
        self._paint()
        words = self.tr("Of the paths that let a visitor in, those of the highest priority share, each by its weight.")
        head = QHBoxLayout()
        head.setSpacing(PAD)
        head.addWidget(self.note(words), 1)
        head.addWidget(self.try_button, 0, Qt.AlignmentFlag.AlignTop)
        section.addLayout(head)
        self.paths = PathsField(self.desk.theme)
        self.add(section, self.paths)
        fallback = self.tr("your fallback URL, else the first path")
        self.add(
            section,
            TextField(
                self.tr("Whom no path takes goes to"),
                ("otherwise",),
                self.tr("So do all visitors while the campaign is paused."),
                default=fallback,
            ),
            TextField(
                self.tr("Bots go to"),
                ("bots",),
                self.tr("Crawlers, previews and scanners, before any path is asked."),
                default=self.tr("where others go"),
            ),
        )
        sticky = self.tr("Sticky: a visitor who comes again is led the same way, as long as paths and weights stay.")
        self.add(section, SwitchField(sticky, ("sticky",)))

    def _paint(self) -> None:
        self.try_button.setIcon(self.desk.theme.icon("flask-conical"))

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
