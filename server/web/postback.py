"""`/p/<network>`: a network's request is stored, judged and answered, in this order and after the commit."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Flask, Response, request

from server.domain.outcome import OUTCOMES, Outcome
from server.domain.things import Network
from server.pipeline import attribution, spooled
from server.pipeline.attribution import Received
from server.pipeline.ground import Ground
from server.pipeline.receipt import Receipt, refusal_of
from server.storage import dialect
from server.web.request import GET_AND_POST, NO_STORE, address, raw_query
from server.web.tracker import Tracker

MOST_USED_BY_STRANGERS = 0.5  # of the spool
OWING = frozenset({Outcome.ACCEPTED, Outcome.UPDATED, Outcome.TEST})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """What a network is answered."""

    line: str
    status: int
    again_in_s: int | None = None


SPOOLED = Said("STORED spooled", 200)
TOO_MANY = Said("too many requests for what is not here", 429, again_in_s=60)
NOT_STORED = Said("not stored, try again", 503, again_in_s=60)


def add_to(app: Flask, tracker: Tracker) -> None:
    @app.route("/p/", defaults={"key": ""}, **GET_AND_POST)
    @app.route("/p/<path:key>", **GET_AND_POST)
    def postback(key: str) -> Response:
        setup = tracker.setup()
        if key not in setup.networks:
            setup = tracker.fresh_setup()
        ground = tracker.ground(setup)
        receipt = _receipt(key, ground.now)
        network = setup.networks.get(key)
        if request.method == "HEAD":
            return _answer(Said("", 403 if refusal_of(receipt, network) else 200))
        if network is None and not tracker.strangers.may_ask(receipt.ip, ground.now):
            return _answer(TOO_MANY)
        return _answer(take(tracker, receipt, ground))


def take(tracker: Tracker, receipt: Receipt, ground: Ground) -> Said:
    """Stored and judged, or kept for later: what its network is answered."""
    network = ground.setup.networks.get(receipt.address)
    try:
        received = _received(tracker, receipt, ground)
    except Exception as error:  # noqa: BLE001 - whatever it is, the receipt is not in the database
        return _spooled(tracker, receipt, network, error)
    if received.outcome in OWING:
        tracker.relay_owed()
    return said(received, network)


def _received(tracker: Tracker, receipt: Receipt, ground: Ground) -> Received:
    try:
        return tracker.writer.write(lambda connection: attribution.receive(connection, receipt, ground))
    except Exception as error:
        if dialect.cannot_write(error):
            raise
        # A fault of ours must not cost a receipt: it is kept as it came, to be replayed when we are mended.
        log.exception("a postback to /p/%s could not be judged", receipt.address[:64])
    return tracker.writer.write(lambda connection: attribution.keep_unjudged(connection, receipt, ground))


def _spooled(tracker: Tracker, receipt: Receipt, network: Network | None, why: Exception) -> Said:
    """Judged when the database can be written again; who may not speak hears so now, and takes no room from others."""
    if not dialect.cannot_write(why):
        log.error("a postback to /p/%s could not even be kept", receipt.address[:64], exc_info=why)
    refusal = refusal_of(receipt, network)
    record = spooled.of_receipt(receipt, network, refusal)
    if refusal:
        if tracker.spool.used < MOST_USED_BY_STRANGERS:
            tracker.keep([record], None, why)
        return said(Received(Outcome.UNAUTHORISED, None), network)
    return SPOOLED if tracker.keep([record], "postback", why) else NOT_STORED


def _receipt(key: str, now: int) -> Receipt:
    return Receipt(
        arrived_at=now,
        address=key.replace("\x00", "%00"),
        method=request.method,
        query=raw_query(request),
        body=request.get_data(cache=False),
        content_type=request.headers.get("Content-Type", "").replace("\x00", ""),
        ip=address(request),
        headers={name.lower(): value for name, value in request.headers.items()},
    )


def said(received: Received, network: Network | None) -> Said:
    """A network switches an address off that answers errors, so whatever is stored is answered 200."""
    outcome = OUTCOMES[received.outcome]
    line = f"STORED {received.outcome}"
    if outcome.has_conversion:
        line = f"OK {received.outcome} {received.conversion_id}"
    is_told = received.outcome is Outcome.UNAUTHORISED or (network is not None and network.strict)
    return Said(line, outcome.strict_status if is_told else 200)


def _answer(what: Said) -> Response:
    again = {"Retry-After": str(what.again_in_s)} if what.again_in_s else {}
    return Response(what.line, what.status, {**NO_STORE, **again}, content_type="text/plain; charset=utf-8")
