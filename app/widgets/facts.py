"""What a visit tells of the visitor, as a person calls it; here the translators find the words."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

_FACTS = {
    "country": QT_TRANSLATE_NOOP("facts", "Country"),
    "region": QT_TRANSLATE_NOOP("facts", "Region"),
    "isp": QT_TRANSLATE_NOOP("facts", "Provider"),
    "device": QT_TRANSLATE_NOOP("facts", "Device"),
    "os": QT_TRANSLATE_NOOP("facts", "System"),
    "os_version": QT_TRANSLATE_NOOP("facts", "System version"),
    "browser": QT_TRANSLATE_NOOP("facts", "Browser"),
    "browser_version": QT_TRANSLATE_NOOP("facts", "Browser version"),
    "language": QT_TRANSLATE_NOOP("facts", "Language"),
    "bot": QT_TRANSLATE_NOOP("facts", "Bot"),
    "returning": QT_TRANSLATE_NOOP("facts", "Returning"),
}


def name_of_fact(fact: str) -> str:
    return QCoreApplication.translate("facts", _FACTS[fact])
