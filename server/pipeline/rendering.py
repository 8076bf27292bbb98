"""A relay as a request: its destination's template, filled with the click and the conversion as it was when owed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import Connection, Row, bindparam, select

from server.domain.delivery import TO_THE_SOURCE
from server.domain.masking import masked_url
from server.domain.template import Place, Values, render
from server.domain.things import RelayTemplate
from server.pipeline import click, values
from server.pipeline.ground import Ground
from server.relays.message import Request
from server.storage.tables import ConversionRow

_CONVERSION = select(*ConversionRow.__table__.columns).where(ConversionRow.id == bindparam("id"))


def rendered(connection: Connection, row: Any, template: RelayTemplate | None, ground: Ground) -> Request | None:
    if template is None or not template.url:
        return None
    visit = click.find(connection, row.click_id)
    conversion = connection.execute(_CONVERSION, {"id": row.conversion_id}).one()
    if visit is None:
        return None
    look_up = _values(connection, row, conversion, visit, ground)
    headers = {name: render(value, "header", look_up) for name, value in template.headers.items()}
    place: Place = "json" if _is_json(headers, template.body) else "form"
    body = render(template.body, place, look_up) if template.body else ""
    if body and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = "application/json" if place == "json" else "application/x-www-form-urlencoded"
    headers["Idempotency-Key"] = row.key
    url = render(template.url, "url", look_up)
    allow = tuple(template.allow)
    echo = visit["test_echo"]
    if echo and echo != TO_THE_SOURCE:
        headers["X-Tallyback-Test"] = masked_url(url)
        url, allow = _to_echo(url, echo), ("127.0.0.0/8", "::1/128")
        return Request(template.method, url, headers, body, allow)
    return Request(template.method, url, headers, body, allow, template.success)


def _values(connection: Connection, row: Any, conversion: Row[Any], visit: Mapping[str, Any], ground: Ground) -> Values:
    offer = ground.setup.offer_by_id.get(conversion.offer_id)
    happening = values.Happening(
        id=conversion.id,
        time=conversion.time,
        status=row.status,
        event=conversion.event,
        txn_id=conversion.txn_id,
        payout=row.payout,
        currency=row.currency,
        sale_amount=conversion.sale_amount,
        sale_currency=conversion.sale_currency,
        network=ground.setup.key_of_network.get(conversion.network_id, ""),
        offer=offer.key if offer else "",
        custom={f"custom{number}": getattr(conversion, f"custom{number}") for number in range(1, 6)},
    )
    click_values = values.of_click(visit, ground.click_text(row.click_id), ground.setup)
    convert = values.Rates(connection, ground.setup.owner.base_currency).at(conversion.time)
    return values.lookup_converted({**click_values, **values.of_happening(happening)}, happening, convert)


def _is_json(headers: Mapping[str, str], body: str) -> bool:
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return "json" in kind.lower() if kind else body.lstrip()[:1] in ("{", "[")


def _to_echo(url: str, echo: str) -> str:
    """A test's relay goes to the echo on this machine, path and query as they would be."""
    there, here = urlsplit(url), urlsplit(echo)
    return urlunsplit((here.scheme, here.netloc, there.path or "/", there.query, ""))
