"""The facts of a click in its evidence: whose it is, what it cost, who came, and what the source told."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.figures import NONE, money
from app.widgets.facts import name_of_fact
from server.api.lists import Shown
from server.domain.things import SUBS

_VERSIONS = {"os": "os_version", "browser": "browser_version"}
_REQUEST = {
    "ip": QT_TRANSLATE_NOOP("Evidence", "Address"),
    "referrer": QT_TRANSLATE_NOOP("Evidence", "Referrer"),
    "user_agent": QT_TRANSLATE_NOOP("Evidence", "Agent"),
}


def facts_of(click: Shown) -> tuple[tuple[str, str], ...]:
    """What is not known is not there."""
    facts = [
        (_tr("Campaign"), click["campaign"] or NONE),
        (_tr("Source"), click["source"]),
        (_tr("External id"), click["external_id"]),
        (_tr("Cost"), _cost(click)),
        *_of_visitor(click),
        *((_tr(words), click[name]) for name, words in _REQUEST.items()),
        *((sub, click[sub]) for sub in SUBS),
        *(click["platform_ids"] or {}).items(),
    ]
    return tuple((name, str(value)) for name, value in facts if value)


def cost_of_conversion(row: Shown) -> str | None:
    """Where the source is paid for conversions; None where this one costs nothing of its own."""
    if row["original_cost"] is not None:
        before = money(row["original_cost"], row["cost_currency"])
        return _tr("{0} by itself; a correction covers it").format(before)
    return money(row["cost"], row["cost_currency"]) if row["cost"] is not None else None


def _cost(click: Shown) -> str | None:
    if click["cost"] is None:
        return None
    cost = money(click["cost"], click["currency"])
    if click["correction"] is None:
        return cost
    if click["original_cost"] is None:
        return _tr("{0} by correction {1}").format(cost, click["correction"])
    before = money(click["original_cost"], click["original_currency"])
    return _tr("{0} by correction {1}, by itself {2}").format(cost, click["correction"], before)


def _of_visitor(click: Shown) -> Iterator[tuple[str, str | None]]:
    for fact in ("country", "region", "isp", "device"):
        yield name_of_fact(fact), click[fact]
    for fact, version in _VERSIONS.items():
        yield name_of_fact(fact), " ".join(filter(None, (click[fact], click[version])))
    for fact in ("language", "bot"):
        yield name_of_fact(fact), click[fact]
    if click["returning"] is not None:
        yield name_of_fact("returning"), _tr("yes") if click["returning"] else _tr("no")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Evidence", text)
