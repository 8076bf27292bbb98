"""The form of a source: what it tells with each click, and the relay that tells it about a sale."""

from __future__ import annotations

from app.pages.sources.relay import RelaySection
from app.widgets.copy_field import CopyField
from app.widgets.forms.catalog_field import CatalogField
from app.widgets.forms.choice_fields import ChoiceField
from app.widgets.forms.field import Field, Spec
from app.widgets.forms.form import Form
from app.widgets.forms.table_fields import GridColumn, GridField
from app.widgets.forms.text_fields import TextField
from app.widgets.labelled import Labelled
from server.api.checking import known_currencies
from server.api.editing import Checked
from server.api.setup import catalog
from server.domain.things import SUBS

_SUBS_SHOWN = 4


class SourceForm(Form):
    def build(self) -> None:
        section = self.section(self.tr("Source"))
        self.add(section, self.key_field, self.name_field)
        self.catalog = CatalogField(catalog().sources, self.tr("It knows the source's macros and its relay."))
        self.add(section, self.catalog)
        self.catalog.chosen_anew.connect(self.follow_template)
        self._build_click()
        self.relay = RelaySection(self)

    def template_of(self, spec: Spec) -> Spec:
        return self.catalog.template_of(spec)

    def show_checked(self, checked: Checked) -> None:
        self.url.set_text(next((link.url for link in checked.links), ""))

    def show_live(self) -> None:
        template = catalog().sources.get(self.catalog.shown())
        self.relay.show_live(template.fill_in if template else {})

    def _build_click(self) -> None:
        section = self.section(
            self.tr("What it tells with each click"),
            self.tr("The source's own macros, as it writes them; they go into the tracking URL."),
        )
        self.add(
            section,
            TextField(
                self.tr("External id"),
                ("external_id",),
                self.tr("Its own id of the click, which the relay hands back."),
                default="${SUBID}",
            ),
            TextField(self.tr("Cost"), ("cost",), self.tr("The price of this click."), default="{cost}"),
        )
        self.add(section, *self._of_cost())
        columns = (
            GridColumn(self.tr("Your name for it"), ("subs",), ("name",)),
            GridColumn(self.tr("Its macro"), ("subs",), ("token",)),
        )
        rows = [(sub, sub) for sub in SUBS]
        hint = self.tr("Zone, creative, keyword …; in grey what the template says. Write - to take one away.")
        self.add(section, GridField(self.tr("Sub ids"), rows, columns, _SUBS_SHOWN, hint))
        self.url = CopyField(self.desk.theme, name=self.tr("Tracking URL"))
        section.addWidget(
            Labelled(
                self.tr("Tracking URL"), self.url, self.tr("As it follows from the above; each campaign has its own.")
            )
        )

    def _of_cost(self) -> tuple[Field, Field]:
        codes = known_currencies(self.desk.data)
        return (
            TextField(
                self.tr("Currency of the cost"), ("cost_currency",), default=self.tr("your base currency"), words=codes
            ),
            ChoiceField(
                self.tr("Numbers"),
                ("number_style",),
                (("1,234.50", "1,234.50"), ("1.234,50", "1.234,50"), ("", self.tr("by look"))),
                self.tr("How it writes the cost. By look, 1,234 could be two amounts and is left out."),
                default="",
            ),
        )
