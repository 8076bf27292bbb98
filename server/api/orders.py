"""What each list can be sorted by: the stored value behind a column, by the name under which a row shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, String, case, cast, func, select

from server.domain.things import SUBS
from server.reports.costs import corrected, part
from server.storage import corrections
from server.storage.tables import (
    AttemptRow,
    CampaignRow,
    ClickRow,
    ConversionRow,
    DestinationRow,
    LandingRow,
    NetworkRow,
    OfferRow,
    PostbackRow,
    RelayRow,
    SourceRow,
    StepRow,
)

Orders = Mapping[str, Any]  # SQL expressions, or what asks for one; what they give as NULL comes last


@dataclass(frozen=True, slots=True)
class Asked:
    """An order that follows from what stands elsewhere in the database."""

    of: Callable[[Connection], Any]


_TELLING = 200  # characters; texts that differ further on only are as good as equal


def _text(column: Any) -> Any:
    """As a person looks for it: case does not count, and what is empty is not there."""
    return func.nullif(func.lower(func.substr(column, 1, _TELLING)), "")


def _list(column: Any) -> Any:
    return func.nullif(cast(column, String), "[]")


def _key(table: Any, reference: Any) -> Any:
    """The owner's name for what a row refers to."""
    return select(table.key).where(table.id == reference).scalar_subquery()


def _owner(table: Any) -> Orders:
    return {"campaign": _key(CampaignRow, table.campaign_id), "source": _key(SourceRow, table.source_id)}


def _texts(table: Any, *names: str) -> Orders:
    return {name: _text(getattr(table, name)) for name in names}


OF_CLICKS: Orders = {
    "time": ClickRow.id,
    "id": ClickRow.id,
    **_owner(ClickRow),
    "where": func.coalesce(
        _key(OfferRow, func.coalesce(StepRow.offer_id, ClickRow.offer_id)), _key(LandingRow, ClickRow.landing_id)
    ),
    "cost": Asked(lambda c: corrected(corrections.standing(c), ClickRow.cost, lambda one: part(one.own))),
    "own_cost": ClickRow.cost,
    "reason": ClickRow.reason,
    "landing": _key(LandingRow, ClickRow.landing_id),
    "returning": ClickRow.is_returning,
    **_texts(ClickRow, "external_id", "ip", "language", "referrer", "user_agent", "country", "region", "isp"),
    **_texts(ClickRow, "device", "os", "os_version", "browser", "browser_version", "bot"),
    **_texts(ClickRow, *SUBS),
}
OF_CONVERSIONS: Orders = {
    "time": ConversionRow.id,
    "id": ConversionRow.id,
    **_owner(ConversionRow),
    "network": _key(NetworkRow, ConversionRow.network_id),
    "offer": _key(OfferRow, ConversionRow.offer_id),
    "status": case((ConversionRow.is_test, "test"), else_=func.coalesce(ConversionRow.kept, ConversionRow.status)),
    "counted": case((ConversionRow.is_test | ConversionRow.kept.is_not(None), 0), else_=1),
    "warnings": _list(ConversionRow.warnings),
    "click": ConversionRow.click_id,
    "updated": ConversionRow.updated,
    "payout": ConversionRow.payout,
    "net": ConversionRow.net,
    "payout_base": ConversionRow.payout_base,
    "sale_amount": ConversionRow.sale_amount,
    "own_cost": ConversionRow.cost,
    **_texts(ConversionRow, "event", "txn_id", *(f"custom{number}" for number in range(1, 6))),
}
OF_POSTBACKS: Orders = {
    "time": PostbackRow.id,
    "id": PostbackRow.id,
    "network": func.coalesce(_key(NetworkRow, PostbackRow.network_id), "/p/" + PostbackRow.address),
    "outcome": PostbackRow.outcome,
    "warnings": _list(PostbackRow.warnings),
    "click": PostbackRow.click_id,
    "conversion": PostbackRow.conversion_id,
    "replayed": PostbackRow.replayed,
    **_texts(PostbackRow, "reason", "remedy", "ip", "content_type"),
}
_OF_LAST_ATTEMPT = select(AttemptRow.status).where(AttemptRow.relay_id == RelayRow.id).order_by(AttemptRow.id.desc())
OF_RELAYS: Orders = {
    "time": RelayRow.id,
    "id": RelayRow.id,
    "state": RelayRow.state,
    "destination": func.replace(DestinationRow.key, "source:", ""),
    "status": RelayRow.status,
    "payout": RelayRow.payout,
    "reason": RelayRow.reason,
    "attempts": select(func.count()).where(AttemptRow.relay_id == RelayRow.id).scalar_subquery(),
    "next_attempt": case((RelayRow.state.in_(("waiting", "failed")), RelayRow.next_at)),
    "answer": _OF_LAST_ATTEMPT.limit(1).scalar_subquery(),
    "conversion": RelayRow.conversion_id,
    "click": RelayRow.click_id,
    "key": RelayRow.key,
}
