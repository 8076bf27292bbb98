"""Rows as they are shown and given by `--json`: times ISO 8601, money decimal text, keys instead of row ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from server.domain import click_id as ids
from server.domain.costing import Correction
from server.domain.masking import masked_headers, masked_url
from server.domain.moment import iso
from server.domain.money import format_money
from server.domain.things import SUBS, Setup
from server.pipeline.ground import Ground
from server.relays.message import Request


def click_of(row: Row[Any], setup: Setup, secret: bytes, correction: Correction | None = None) -> dict[str, Any]:
    offer = setup.offer_by_id.get(row.step_offer_id or row.offer_id)
    return {
        "id": ids.encode(row.id, secret),
        "time": iso(ids.key_time(row.id)),
        "campaign": setup.key_of_campaign.get(row.campaign_id),
        "source": setup.key_of_source.get(row.source_id),
        "path": row.path + 1 if row.path is not None else None,
        "reason": row.reason,
        "landing": setup.key_of_landing.get(row.landing_id),
        "offer": offer.key if offer else None,
        "destination": row.step_destination or row.destination,
        "external_id": row.external_id,
        **_cost_of_click(row, correction),
        "country": row.country,
        "region": row.region,
        "isp": row.isp,
        "device": row.device,
        "os": row.os,
        "os_version": row.os_version,
        "browser": row.browser,
        "browser_version": row.browser_version,
        "language": row.language,
        "bot": row.bot,
        "returning": row.is_returning,
        "ip": row.ip,
        "user_agent": row.user_agent,
        "referrer": row.referrer,
        **{name: getattr(row, name) for name in SUBS},
        "platform_ids": row.platform_ids,
        "direct": bool(row.is_direct),
        "test": row.test_echo is not None,
    }


def conversion_of(row: Row[Any], setup: Setup, secret: bytes, correction: Correction | None = None) -> dict[str, Any]:
    offer = setup.offer_by_id.get(row.offer_id)
    return {
        "id": row.id,
        "click": ids.encode(row.click_id, secret),
        "campaign": setup.key_of_campaign.get(row.campaign_id),
        "source": setup.key_of_source.get(row.source_id),
        "offer": offer.key if offer else None,
        "network": setup.key_of_network.get(row.network_id),
        "event": row.event,
        "txn_id": row.txn_id,
        "status": row.status,
        "original_status": row.original_status,
        "counted": row.kept is None and not row.is_test,
        "kept": row.kept,
        "payout": _money(row.payout),
        "currency": row.currency,
        "sale_amount": _money(row.sale_amount),
        "net": _money(row.net),
        "payout_base": _money(row.payout_base),
        "rate": row.rate,
        "base_currency": row.base_currency,
        "cost": _money(row.cost if correction is None or row.cost is None else 0),
        "cost_currency": row.cost_currency,
        "original_cost": _money(row.cost) if correction and row.cost else None,
        "time": iso(row.time),
        "updated": iso(row.updated),
        "warnings": row.warnings,
        **{f"custom{number}": getattr(row, f"custom{number}") for number in range(1, 6)},
        "test": row.is_test,
    }


def postback_of(row: Row[Any], setup: Setup, secret: bytes) -> dict[str, Any]:
    return {
        "id": row.id,
        "time": iso(row.time),
        "network": setup.key_of_network.get(row.network_id) if row.network_id else None,
        "address": f"/p/{row.address}",
        "method": row.method,
        "query": _text(row.query),
        "body": _text(row.body),
        "content_type": row.content_type or None,
        "ip": row.ip,
        "outcome": row.outcome,
        "warnings": [warning["warning"] for warning in row.warnings],
        "warning_reasons": [warning["reason"] for warning in row.warnings],
        "reason": row.reason,
        "remedy": row.remedy,
        "click": ids.encode(row.click_id, secret) if row.click_id is not None else None,
        "conversion": row.conversion_id,
        "replayed": row.replayed,
    }


def attempt_of(row: Row[Any]) -> dict[str, Any]:
    return {
        "time": iso(row.time),
        "method": row.method,
        "url": row.url,
        "headers": row.headers,
        "body": row.body,
        "status": row.status,
        "answer": row.answer,
        "milliseconds": row.milliseconds,
        "result": row.result,
        "counted": row.is_counted,
    }


def relay_of(
    row: Row[Any], attempts: Sequence[dict[str, Any]], request: Request | None, ground: Ground
) -> dict[str, Any]:
    """The request as it was sent last, else as it would be sent now."""
    if attempts:
        shown = {name: attempts[-1][name] for name in ("method", "url", "headers", "body")}
    elif request:
        shown = {
            "method": request.method,
            "url": masked_url(request.url),
            "headers": masked_headers(request.headers),
            "body": request.body,
        }
    else:
        shown = dict.fromkeys(("method", "url", "headers", "body"))
    return {
        "id": row.id,
        "time": iso(row.time),
        "click": ground.click_text(row.click_id),
        "conversion": row.conversion_id,
        "source": ground.setup.key_of_source.get(row.source_id),
        "destination": row.destination,
        "status": row.status,
        "state": row.state,
        "reason": row.reason,
        "attempts": row.attempts,
        "next_attempt": iso(row.next_at) if row.next_at is not None and row.state in ("waiting", "failed") else None,
        **shown,
        "body": shown["body"] or None,
        "payout": _money(row.payout),
        "currency": row.currency,
        "key": row.key,
        "history": list(attempts),
    }


def _cost_of_click(row: Row[Any], correction: Correction | None) -> dict[str, Any]:
    """By its latest correction, with what it cost by itself where that differs."""
    own = (row.cost, row.cost_currency)
    now = own if correction is None else (correction.own.of(row.id), correction.currency)
    before = own if now != own else (None, None)
    return {
        "cost": _money(now[0]),
        "currency": now[1],
        "original_cost": _money(before[0]),
        "original_currency": before[1],
        "correction": correction.id if correction else None,
    }


def _money(micros: int | None) -> str | None:
    return None if micros is None else format_money(micros)


def _text(raw: bytes) -> str | None:
    return raw.decode("utf-8", "backslashreplace").replace("\x00", "\\x00") or None
