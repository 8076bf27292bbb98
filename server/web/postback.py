"""`/p/<network>`: a network's request is stored, judged and answered, in this order and after the commit."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError

from server.domain.outcome import OUTCOMES, Outcome
from server.pipeline import attribution
from server.pipeline.attribution import Received
from server.pipeline.ground import Ground
from server.pipeline.receipt import Receipt, refusal_of
from server.web.request import GET_AND_POST, NO_STORE, address, raw_query
from server.web.tracker import Tracker

log = logging.getLogger(__name__)


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
            return _answer("", 403 if refusal_of(receipt, network) else 200)
        received = _received(tracker, receipt, ground)
        if received is None:
            return _answer("not stored, try again", 503, {"Retry-After": "60"})
        if received.outcome in (Outcome.ACCEPTED, Outcome.UPDATED, Outcome.TEST):
            tracker.relay_owed()
        is_strict = network is not None and network.strict
        return _answer(_line(received), _status(received.outcome, is_strict=is_strict))


def _received(tracker: Tracker, receipt: Receipt, ground: Ground) -> Received | None:
    """None where nothing could be stored."""
    try:
        return tracker.writer.write(lambda connection: attribution.receive(connection, receipt, ground))
    except DBAPIError as error:
        log.error("a postback to /p/%s could not be stored: %s", receipt.address[:64], error.orig)  # noqa: TRY400
        return None
    except Exception:
        # A fault of ours must not cost a receipt: it is kept as it came, to be replayed when we are mended.
        log.exception("a postback to /p/%s could not be judged", receipt.address[:64])
    try:
        return tracker.writer.write(lambda connection: attribution.keep_unjudged(connection, receipt, ground))
    except Exception:
        log.exception("a postback to /p/%s could not even be kept", receipt.address[:64])
        return None


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


def _line(received: Received) -> str:
    if OUTCOMES[received.outcome].has_conversion:
        return f"OK {received.outcome} {received.conversion_id}"
    return f"STORED {received.outcome}"


def _status(outcome: Outcome, *, is_strict: bool) -> int:
    if outcome is Outcome.UNAUTHORISED or is_strict:
        return OUTCOMES[outcome].strict_status
    return 200


def _answer(line: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(line, status, {**NO_STORE, **(headers or {})}, content_type="text/plain; charset=utf-8")
