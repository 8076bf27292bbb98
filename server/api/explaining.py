"""Explains a URL: which address of ours it is, and what it would do."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from server.api.data import Data
from server.api.setup import campaign_of
from server.errors import BadInput
from server.evidence.explain import explain_click, explain_postback
from server.pipeline.receipt import Receipt


def explain(data: Data, url: str, body: str = "", content_type: str = "") -> dict[str, Any]:
    try:
        parts = urlsplit(url.strip())
    except ValueError as error:
        raise BadInput(f"This is no URL: {error}.", remedy="Give a tracking or postback URL in quotes.") from error
    kind, _, key = parts.path.lstrip("/").partition("/")
    ground = data.ground()
    query = parts.query.encode("utf-8", "replace")
    if kind == "c":
        return explain_click(campaign_of(ground.setup, unquote(key)), query, ground)
    if kind != "p":
        raise BadInput(
            f"{parts.path[:40] or 'This'} is no address of ours.",
            remedy="Give a URL with /c/<campaign> or /p/<network>.",
        )
    address = unquote(key)
    receipt = Receipt(
        arrived_at=ground.now,
        address=address,
        method="POST" if body else "GET",
        query=query,
        body=body.encode("utf-8", "replace"),
        content_type=content_type,
        ip="127.0.0.1",
        headers={},
    )
    with data.database.read() as connection:
        return explain_postback(connection, receipt, ground.setup.networks.get(address), ground)
