"""The pages, in the order of the sidebar: a row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.desk import Desk
from app.pages.clicks.page import ClicksPage


@dataclass(frozen=True, slots=True)
class PageEntry:
    name: str
    title: str
    icon: str
    make: Callable[[Desk], QWidget]
    shortcut: str = ""


PAGES: tuple[PageEntry, ...] = (PageEntry("clicks", "Clicks", "mouse-pointer-click", ClicksPage),)
