"""Our own words, outcomes, warnings, statuses, states, devices, as they are spoken: here the translators find them."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP

SPOKEN = frozenset(
    {
        QT_TRANSLATE_NOOP("words", "unauthorised"),
        QT_TRANSLATE_NOOP("words", "unreadable"),
        QT_TRANSLATE_NOOP("words", "no click id"),
        QT_TRANSLATE_NOOP("words", "macro not replaced"),
        QT_TRANSLATE_NOOP("words", "click id damaged"),
        QT_TRANSLATE_NOOP("words", "click unknown"),
        QT_TRANSLATE_NOOP("words", "wrong network"),
        QT_TRANSLATE_NOOP("words", "unknown status"),
        QT_TRANSLATE_NOOP("words", "unknown currency"),
        QT_TRANSLATE_NOOP("words", "test"),
        QT_TRANSLATE_NOOP("words", "conflict"),
        QT_TRANSLATE_NOOP("words", "late"),
        QT_TRANSLATE_NOOP("words", "stale"),
        QT_TRANSLATE_NOOP("words", "duplicate"),
        QT_TRANSLATE_NOOP("words", "updated"),
        QT_TRANSLATE_NOOP("words", "accepted"),
        QT_TRANSLATE_NOOP("words", "click id in other parameter"),
        QT_TRANSLATE_NOOP("words", "repeated parameter"),
        QT_TRANSLATE_NOOP("words", "bad value"),
        QT_TRANSLATE_NOOP("words", "odd encoding"),
        QT_TRANSLATE_NOOP("words", "payout changed"),
        QT_TRANSLATE_NOOP("words", "no payout"),
        QT_TRANSLATE_NOOP("words", "no rate"),
        QT_TRANSLATE_NOOP("words", "no external id"),
        QT_TRANSLATE_NOOP("words", "pending"),
        QT_TRANSLATE_NOOP("words", "approved"),
        QT_TRANSLATE_NOOP("words", "rejected"),
        QT_TRANSLATE_NOOP("words", "refunded"),
        QT_TRANSLATE_NOOP("words", "charged back"),
        QT_TRANSLATE_NOOP("words", "waiting"),
        QT_TRANSLATE_NOOP("words", "sending"),
        QT_TRANSLATE_NOOP("words", "delivered"),
        QT_TRANSLATE_NOOP("words", "skipped"),
        QT_TRANSLATE_NOOP("words", "failed"),
        QT_TRANSLATE_NOOP("words", "held"),
        QT_TRANSLATE_NOOP("words", "dead"),
        QT_TRANSLATE_NOOP("words", "withdrawn"),
        QT_TRANSLATE_NOOP("words", "mobile"),
        QT_TRANSLATE_NOOP("words", "tablet"),
        QT_TRANSLATE_NOOP("words", "desktop"),
        QT_TRANSLATE_NOOP("words", "tv"),
        QT_TRANSLATE_NOOP("words", "console"),
        QT_TRANSLATE_NOOP("words", "bot"),
    }
)
