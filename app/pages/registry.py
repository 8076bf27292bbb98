"""The pages, in the order of the sidebar: a row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
    title: str
    icon: str
    make: Callable[[Desk], QWidget]
    shortcut: str = ""


PAGES: tuple[PageEntry, ...] = (
    PageEntry("today", "Today", "layout-dashboard", TodayPage),
    PageEntry("campaigns", "Campaigns", "arrow-right", CampaignsPage),
    PageEntry("sources", "Sources", "megaphone", SourcesPage),
    PageEntry("networks", "Networks", "network", NetworksPage),
    PageEntry("offers", "Offers", "tag", OffersPage),
    PageEntry("landings", "Landing pages", "file-text", LandingsPage),
    PageEntry("clicks", "Clicks", "mouse-pointer-click", ClicksPage),
    PageEntry("conversions", "Conversions", "badge-dollar-sign", ConversionsPage),
    PageEntry("postbacks", "Postbacks", "inbox", PostbacksPage),
    PageEntry("relays", "Relays", "send", RelaysPage),
    PageEntry("settings", "Settings", "settings", SettingsPage),
)
