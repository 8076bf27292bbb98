"""Why a click went where it went: in a few words for a list, and in the sentence that explains them."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.widgets.tones import spoken
from server.domain.choosing import REASONS

SHORT = {
    "only_path": QT_TRANSLATE_NOOP("reasons", "the only open path"),
    "weight": QT_TRANSLATE_NOOP("reasons", "by weight"),
    "conditions": QT_TRANSLATE_NOOP("reasons", "conditions hold"),
    "priority": QT_TRANSLATE_NOOP("reasons", "by priority"),
    "default": QT_TRANSLATE_NOOP("reasons", "default path"),
    "no_path_open": QT_TRANSLATE_NOOP("reasons", "no path open"),
    "paused": QT_TRANSLATE_NOOP("reasons", "campaign paused"),
    "bot": QT_TRANSLATE_NOOP("reasons", "a bot"),
    "capped": QT_TRANSLATE_NOOP("reasons", "offer full, another taken"),
    "no_offer_open": QT_TRANSLATE_NOOP("reasons", "every offer full"),
}


def reason_in_short(word: str) -> str:
    """Of a reason that a newer server knows, at least its word."""
    return QCoreApplication.translate("reasons", SHORT[word]) if word in SHORT else spoken(word)


def reason_in_full(word: str) -> str:
    return REASONS.get(word, spoken(word))
