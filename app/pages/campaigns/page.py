"""The editor of campaigns."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent

from app.desk import Desk
from app.pages.campaigns.form import CampaignForm
from app.pages.campaigns.simulator import Draft, Simulator
from app.widgets.forms.editor_frame import Kind
from app.widgets.forms.editor_page import EditorPage

_ROOM_FOR_ALL = 1500  # the list, the form, and the simulator
_UNNAMED = "unnamed"  # the key of a new campaign as long as nobody writes one


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
        self.simulator = Simulator(desk, self._draft)
        self._wants_simulator: bool | None = None  # as there is room, where nobody says
        self.panel.put_beside(self.simulator)
        self.simulator.closed.connect(self.try_visitor)
        self.action(self.tr("Try a visitor"), self.try_visitor, "Ctrl+Shift+T")
        if isinstance(self.form, CampaignForm):
            self.form.try_button.clicked.connect(lambda: self.try_visitor())
            self.form.correct_button.clicked.connect(self.correct_cost)
            self.form.looked_new.connect(self.simulator.look)
        desk.pulse.changed.connect(lambda _moved: self.simulator.look())
        self._show_simulator()
        self.action(self.tr("Correct the cost"), self.correct_cost)
        self.things.list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.things.list.addActions(self.actions()[-4:])  # those above, which only a campaign has

    def copy_url(self) -> None:
        url = self.form.tracking_url if isinstance(self.form, CampaignForm) else ""
        if url:
            QGuiApplication.clipboard().setText(url)
            self.desk.say(self.tr("The tracking URL is copied."))

    def fire_test(self) -> None:
        """Of what is stored: unsaved changes are saved or discarded first."""
        self._leave(self._fire)

    def try_visitor(self) -> None:
        """Shows the simulator, or puts it away."""
        self._wants_simulator = not self.simulator.isVisibleTo(self)
        self._show_simulator()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._show_simulator()

    def _show_simulator(self) -> None:
        """Where there is no room for all three, it takes the place of the list."""
        has_room = self.width() >= _ROOM_FOR_ALL
        is_shown = has_room if self._wants_simulator is None else self._wants_simulator
        self.simulator.setVisible(is_shown)
        self.things.setVisible(has_room or not is_shown)

    def _draft(self) -> Draft | None:
        if self._key is None and not self._is_new:
            return None
        return Draft(self.form.key or _UNNAMED, self.form.spec())

    def correct_cost(self) -> None:
        """Of the clicks that are there, whatever is typed into the form."""
        from app.dialogs.cost import CostDialog  # noqa: PLC0415 - only once it is asked for

        campaign = self.desk.setup.every_campaign.get(self._key or "")
        if campaign is None:
            self.desk.say(self.tr("Save the campaign first: it has no clicks yet."))
        else:
            CostDialog(self.desk, campaign, self).show()

    def _fire(self) -> None:
        from app.dialogs.fire_test import FireTestDialog  # noqa: PLC0415 - only once it is asked for

        if self._key is not None:
            FireTestDialog(self.desk, self._key, self).show()
