"""Third question: who pays you."""

from __future__ import annotations

from app.desk import Desk
from app.dialogs.first_run_partner import PartnerList, PartnerStep
from server.api.beginning import Partner
from server.api.setup import catalog


class NetworkStep(PartnerStep):
    def __init__(self, desk: Desk) -> None:
        partners = PartnerList(
            self.tr("Find a network or platform…"),
            self.tr("Another network…"),
            desk.setup.networks,
            catalog().networks,
        )
        super().__init__(
            desk,
            self.tr("Payment"),
            self.tr("Who pays you?"),
            self.tr("An affiliate network, or the platform that an advertiser runs: it sends the postbacks."),
            partners,
        )
        self.details.addStretch()
        self.show_partner()

    def click_id_param(self) -> str:
        """The parameter of its tracking links that takes our click id, "" where nobody knows."""
        partner = self.partner()
        known = self.desk.setup.networks.get(partner.key)
        template = catalog().networks.get(partner.template or (known.template if known else ""))
        return (template.click_id_param or "") if template else ""

    def currency(self) -> str:
        """In which it pays, "" where that is not known."""
        partner = self.partner()
        known = self.desk.setup.networks.get(partner.key)
        if known:
            return known.currency or ""
        template = catalog().networks.get(partner.template)
        return str(template.spec.get("currency", "")) if template else ""

    def notes(self, partner: Partner) -> str:
        if partner.key:
            return self.tr("You have set this one up already; the new campaign uses it as it is.")
        if partner.template:
            return catalog().networks[partner.template].notes
        return self.tr(
            "Any network will do that can call a URL when it has a sale. Its macros go into the postback URL by hand."
        )
