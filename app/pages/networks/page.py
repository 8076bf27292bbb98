"""The editor of networks."""

from __future__ import annotations

from app.desk import Desk
from app.pages.networks.form import NetworkForm
from app.widgets.forms.editor_frame import Kind
from app.widgets.forms.editor_page import EditorPage


class NetworksPage(EditorPage):
    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            Kind(
                kind="network",
                title=self.tr("Networks"),
                icon="network",
                noun=self.tr("network"),
                nothing=self.tr("No networks yet"),
                what=self.tr(
                    "A network pays for conversions and reports each by a postback. "
                    "Set it up from the catalog and paste its postback URL into your account there."
                ),
                form=NetworkForm,
            ),
        )
