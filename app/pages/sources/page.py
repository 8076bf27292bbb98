"""The editor of sources."""

from __future__ import annotations

from app.desk import Desk
from app.pages.sources.form import SourceForm
from app.widgets.forms.editor_frame import Kind
from app.widgets.forms.editor_page import EditorPage


class SourcesPage(EditorPage):
    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            Kind(
                kind="source",
                title=self.tr("Sources"),
                icon="megaphone",
                noun=self.tr("source"),
                nothing=self.tr("No sources yet"),
                what=self.tr(
                    "A source sells you the clicks: an ad network, a platform. "
                    "Set it up from the catalog; each sale is then told to it by a relay."
                ),
                form=SourceForm,
            ),
        )
