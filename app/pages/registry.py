"""The pages, in the order of the sidebar: a row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QWidget

from app.desk import Desk
from app.pages.campaigns.page import CampaignsPage
from app.pages.clicks.page import ClicksPage
from app.pages.conversions.page import ConversionsPage
from app.pages.landings.page import LandingsPage
from app.pages.networks.page import NetworksPage
from app.pages.offers.page import OffersPage
from app.pages.postbacks.page import PostbacksPage
from app.pages.relays.page import RelaysPage
from app.pages.settings.page import SettingsPage
from app.pages.sources.page import SourcesPage
from app.pages.today.page import TodayPage


@dataclass(frozen=True, slots=True)
class PageEntry:
    name: str
    title: object  # text that is marked for translators
    icon: str
    make: Callable[[Desk], QWidget]
    shortcut: str = ""

    @property
    def words(self) -> str:
        """The title in the user's language."""
        return QCoreApplication.translate("Pages", str(self.title))


PAGES: tuple[PageEntry, ...] = (
    PageEntry("today", QT_TRANSLATE_NOOP("Pages", "Today"), "layout-dashboard", TodayPage),
    PageEntry("campaigns", QT_TRANSLATE_NOOP("Pages", "Campaigns"), "arrow-right", CampaignsPage),
    PageEntry("sources", QT_TRANSLATE_NOOP("Pages", "Sources"), "megaphone", SourcesPage),
    PageEntry("networks", QT_TRANSLATE_NOOP("Pages", "Networks"), "network", NetworksPage),
    PageEntry("offers", QT_TRANSLATE_NOOP("Pages", "Offers"), "tag", OffersPage),
    PageEntry("landings", QT_TRANSLATE_NOOP("Pages", "Landing pages"), "file-text", LandingsPage),
    PageEntry("clicks", QT_TRANSLATE_NOOP("Pages", "Clicks"), "mouse-pointer-click", ClicksPage),
    PageEntry("conversions", QT_TRANSLATE_NOOP("Pages", "Conversions"), "badge-dollar-sign", ConversionsPage),
    PageEntry("postbacks", QT_TRANSLATE_NOOP("Pages", "Postbacks"), "inbox", PostbacksPage),
    PageEntry("relays", QT_TRANSLATE_NOOP("Pages", "Relays"), "send", RelaysPage),
    PageEntry("settings", QT_TRANSLATE_NOOP("Pages", "Settings"), "settings", SettingsPage),
)
