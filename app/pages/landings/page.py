"""The editor of landing pages."""

from __future__ import annotations

from app.desk import Desk
from app.pages.landings.form import LandingForm
from app.widgets.forms.editor_frame import Kind
from app.widgets.forms.editor_page import EditorPage


class LandingsPage(EditorPage):
    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            Kind(
                kind="landing",
                title=self.tr("Landing pages"),
                icon="file-text",
                noun=self.tr("landing page"),
                nothing=self.tr("No landing pages yet"),
                what=self.tr(
                    "A landing page is a page of yours between the click and the offer. You do not need one: "
                    "a campaign can send its visitors straight to an offer."
                ),
                form=LandingForm,
            ),
        )
