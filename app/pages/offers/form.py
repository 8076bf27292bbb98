"""The form of an offer."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.theme import GAP
from app.widgets.empty import plain_label
from app.widgets.forms.choice_fields import ChoiceField
from app.widgets.forms.field import Trail
from app.widgets.forms.form import Form
from app.widgets.forms.macros import example
from app.widgets.forms.pairs_field import PairsField
from app.widgets.forms.preview import Preview
from app.widgets.forms.template_field import TemplateField
from app.widgets.forms.text_fields import NumberField, TextField
from server.api.beginning import place_click_id
from server.api.checking import known_currencies
from server.api.setup import catalog
from server.domain.template import pieces
from server.domain.things import Setup


class _CapField(NumberField):
    """What is wrong with the cap as a whole stands here, too."""

    def concerns(self, trail: Trail) -> int:
        return super().concerns(trail) or int(trail == self.trail[:1])


class OfferForm(Form):
    def build(self) -> None:
        self._build_url()
        self._build_payouts()
        self._build_limits()

    def _build_url(self) -> None:
        theme = self.desk.theme
        section = self.section(self.tr("Offer"))
        self.add(section, self.key_field, self.name_field)
        self.network = ChoiceField(self.tr("Network"), ("network",), (), self.tr("Who pays for it."))
        self.add(section, self.network)
        self.url = TemplateField(
            theme, self.tr("URL"), ("url",), self.tr("The tracking link as the network gave it, our click id in it.")
        )
        self.add(section, self.url)
        section.addWidget(self._click_id_warning())
        self.preview = Preview(theme, self.tr("With example values"))
        section.addWidget(self.preview)

    def _build_payouts(self) -> None:
        pays = self.section(self.tr("What it pays"))
        codes = known_currencies(self.desk.data)
        self.add(
            pays,
            TextField(self.tr("Payout"), ("payout",), self.tr("12.50, or a share of the sale: 30%")),
            TextField(self.tr("Currency"), ("currency",), words=codes, default=self.tr("the network's")),
        )
        events = PairsField(
            self.desk.theme,
            self.tr("Other events"),
            ("events",),
            (self.tr("Event, as the network calls it"), self.tr("Payout")),
            self.tr("For a network that reports several: registration, deposit …"),
        )
        self.add(pays, events)

    def _build_limits(self) -> None:
        limits = self.section(self.tr("Limits"))
        self.add(
            limits,
            NumberField(
                self.tr("Attribution window, days"),
                ("window_days",),
                self.tr("A conversion later than this after the click is kept, but not counted."),
                default=self.tr("no end"),
            ),
        )
        self.alternative = ChoiceField(
            self.tr("Once a cap is reached"),
            ("cap", "alternative"),
            (),
            self.tr("The offer to which further visitors of the day go."),
        )
        none = self.tr("no cap")
        whose_day = self.tr("From midnight to midnight in your time zone.")
        self.add(
            limits,
            _CapField(self.tr("Conversions a day, at most"), ("cap", "conversions"), whose_day, default=none),
            NumberField(self.tr("Clicks a day, at most"), ("cap", "clicks"), whose_day, default=none),
            self.alternative,
        )

    def prepare(self, setup: Setup) -> None:
        self.network.set_answers(*self.offered("network", setup.networks))
        others = {key: one for key, one in setup.offers.items() if key != self.key}
        self.alternative.set_answers(*self.offered("offer", others))

    def show_live(self) -> None:
        url = self.url.edit.text()
        self.warning.setVisible(bool(url) and "{click_id" not in url)
        parameter = self._parameter()
        self.put_in.setText(self.tr("Put it into {0}").format(parameter) if parameter else self.tr("Put it in"))
        self.preview.setVisible(bool(url))
        self.preview.show_pieces(pieces(url, "url", example))

    def _click_id_warning(self) -> QWidget:
        self.warning = QWidget()
        layout = QHBoxLayout(self.warning)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        words = plain_label(self.tr("▲ Without {click_id} in the URL no postback can be led back to its click."))
        words.setObjectName("bad")
        words.setWordWrap(True)
        self.put_in = QPushButton()
        self.put_in.clicked.connect(self._put_click_id_in)
        layout.addWidget(words, 1)
        layout.addWidget(self.put_in)
        return self.warning

    def _parameter(self) -> str:
        """Where this network wants the click id, as its template of the catalog knows."""
        network = self.setup.networks.get(str(self.network.shown()))
        template = catalog().networks.get(network.template) if network else None
        return (template.click_id_param or "") if template else ""

    def _put_click_id_in(self) -> None:
        self.url.edit.set_text(place_click_id(self.url.edit.text().strip(), self._parameter()).after)
