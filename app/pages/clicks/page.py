"""Every visit that was recorded, newest first, live."""

from __future__ import annotations

from app.desk import Desk
from app.pages.clicks.model import COLUMNS
from app.widgets.empty import Empty
from app.widgets.filter_bar import BOTS, CAMPAIGNS, COUNTRIES, DEVICES, SOURCES
from app.widgets.list_page import ListOf, ListPage
from server.api.lists import CLICKS

_MARKS = frozenset({"click", "step", "cost", "setup"})


class ClicksPage(ListPage):
    def __init__(self, desk: Desk) -> None:
        choices = (CAMPAIGNS, SOURCES, COUNTRIES, DEVICES, BOTS)
        super().__init__(
            desk,
            ListOf("clicks", self.tr("Clicks"), CLICKS, COLUMNS, choices, _MARKS),
            Empty(
                desk.theme,
                "mouse-pointer-click",
                self.tr("No clicks yet"),
                self.tr(
                    "Every visit to a tracking URL appears here the moment it arrives, with where it went and why."
                ),
                self.tr("Get a tracking URL"),
                lambda: desk.go_to("campaigns", {}),
            ),
        )
