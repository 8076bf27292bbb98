"""The editor of campaigns."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from app.desk import Desk
from app.pages.campaigns.form import CampaignForm
from app.widgets.forms.editor_frame import Kind
from app.widgets.forms.editor_page import EditorPage


class CampaignsPage(EditorPage):
    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            Kind(
                kind="campaign",
                title=self.tr("Campaigns"),
                icon="arrow-right",
                noun=self.tr("campaign"),
                nothing=self.tr("No campaigns yet"),
                what=self.tr(
                    "A campaign leads one source's visitors to your offers and has the tracking URL that you "
                    "give to the source. It needs a source and an offer."
                ),
                form=CampaignForm,
                step=self.tr("Set up step by step"),
            ),
        )
        self.action(self.tr("Copy tracking URL"), self.copy_url, "Ctrl+Shift+C")
        self.copy_button = self.panel.button("copy", self.tr("Copy tracking URL"), self.copy_url)
        self.test_button = self.panel.button("zap", self.tr("Fire a test"), self.fire_test)
        self.action(self.tr("Fire a test"), self.fire_test, "Ctrl+T")

    def copy_url(self) -> None:
        url = self.form.tracking_url if isinstance(self.form, CampaignForm) else ""
        if url:
            QGuiApplication.clipboard().setText(url)
            self.desk.say(self.tr("The tracking URL is copied."))

    def fire_test(self) -> None:
        """Of what is stored: unsaved changes are saved or discarded first."""
        self._leave(self._fire)

    def _fire(self) -> None:
        from app.dialogs.fire_test import FireTestDialog  # noqa: PLC0415 - only once it is asked for

        if self._key is not None:
            FireTestDialog(self.desk, self._key, self).show()
