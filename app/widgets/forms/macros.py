"""What each macro of a template means, and an example of what it stands for."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from server.domain.template import MACROS

EXAMPLES: dict[str, str] = {
    "click_id": "0m3k7d9q2w5x8z1c4v6b7np",
    "external_id": "e1f7a9c2",
    "payout": "32.00",
    "sale_amount": "149.90",
    "currency": "USD",
    "status": "approved",
    "event": "sale",
    "txn_id": "T-1001",
    "conversion_id": "4711",
    "time": "1790000000",
    "time_ms": "1790000000000",
    "time_iso": "2026-09-21T14:13:20.000Z",
    "click_time": "1789996400",
    "click_time_ms": "1789996400000",
    "campaign": "summer",
    "source": "prop",
    "network": "maxi",
    "offer": "keto-us",
    "landing": "quiz",
    "country": "US",
    "device": "mobile",
    "os": "Android",
    "browser": "Chrome",
    "ip": "203.0.113.7",
    "user_agent": "Mozilla/5.0",
}


def example(name: str, currency: str | None) -> str:
    """As the rules ask for a macro's value."""
    if name == "payout" and currency not in (None, "USD"):
        return "29.10"
    return EXAMPLES.get(name, f"{name}-value")


def meaning(name: str) -> str:
    def tr(text: str) -> str:
        return QCoreApplication.translate("Macros", text)

    if name.startswith("sub") and name[3:].isdecimal():
        return tr("what the source told in {0}").format(name)
    if name.startswith("custom"):
        return tr("what the network told in {0}").format(name)
    return {
        "click_id": tr("our id of the click: the network hands it back"),
        "external_id": tr("the source's own id of the click"),
        "payout": tr("what the network pays; {payout:EUR} converts"),
        "sale_amount": tr("what the customer paid"),
        "currency": tr("the currency of the payout"),
        "status": tr("pending, approved, rejected …; {status|approved=1} maps"),
        "event": tr("the event's name, as the network says it"),
        "txn_id": tr("the network's id of the transaction"),
        "conversion_id": tr("our number of the conversion"),
        "time": tr("when it happened, in seconds since 1970"),
        "time_ms": tr("when it happened, in milliseconds since 1970"),
        "time_iso": tr("when it happened, as 2026-09-21T14:13:20.000Z"),
        "click_time": tr("when the click came, in seconds since 1970"),
        "click_time_ms": tr("when the click came, in milliseconds since 1970"),
        "campaign": tr("the campaign's key"),
        "source": tr("the source's key"),
        "network": tr("the network's key"),
        "offer": tr("the offer's key"),
        "landing": tr("the landing page's key"),
        "country": tr("the visitor's country"),
        "device": tr("the visitor's kind of device"),
        "os": tr("the visitor's operating system"),
        "browser": tr("the visitor's browser"),
        "ip": tr("the visitor's address"),
        "user_agent": tr("what the visitor's browser calls itself"),
    }[name]


def matching(start: str) -> list[str]:
    """Macros that begin so, then those that hold it."""
    wanted = start.lower()
    first = [name for name in MACROS if name.startswith(wanted)]
    return [*first, *(name for name in MACROS if wanted in name and name not in first)]
