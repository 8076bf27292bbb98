"""The editor of offers."""

from __future__ import annotations

from app.desk import Desk
from app.pages.offers.form import OfferForm
from app.widgets.forms.editor_frame import Kind
from app.widgets.forms.editor_page import EditorPage


class OffersPage(EditorPage):
    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            Kind(
                kind="offer",
                title=self.tr("Offers"),
                icon="tag",
                noun=self.tr("offer"),
                nothing=self.tr("No offers yet"),
                what=self.tr(
                    "An offer is what a network pays you for: its tracking link, with our click id in it, "
                    "and what a conversion brings."
                ),
                form=OfferForm,
            ),
        )
