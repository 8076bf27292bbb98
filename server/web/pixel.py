"""`/pixel/<network>.gif`: a browser says that something was sold; it always gets its dot, whatever is made of it."""

from __future__ import annotations

import base64

from flask import Flask, Response, request

from server.domain.browser import PIXEL
from server.pipeline.ground import Ground
from server.pipeline.receipt import Receipt, refusal_of
from server.web.counting import outcome_of
from server.web.postback import take
from server.web.request import GET_ONLY, NO_SNIFFING, NO_STORE, address, raw_query
from server.web.tracker import Tracker
from server.web.visitor import parameters_of

_CLEAR_DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_HEADERS = {**NO_STORE, **NO_SNIFFING, "Cross-Origin-Resource-Policy": "cross-origin"}


def add_to(app: Flask, tracker: Tracker) -> None:
    @app.route("/pixel/<path:key>.gif", **GET_ONLY)
    def pixel(key: str) -> Response:
        setup = tracker.setup()
        if key not in setup.networks:
            setup = tracker.fresh_setup()
        ground = tracker.ground(setup)
        key = key.replace("\x00", "%00")
        receipt = Receipt(ground.now, key, PIXEL, raw_query(request), b"", "", address(request), {})
        if request.method != "HEAD" and _is_kept(tracker, receipt, ground):
            tracker.counters.judged(outcome_of(take(tracker, receipt, ground).line))
        return Response(_CLEAR_DOT, headers=_HEADERS, mimetype="image/gif")


def _is_kept(tracker: Tracker, receipt: Receipt, ground: Ground) -> bool:
    """What may speak and names a click of ours; anything else can be said by anybody, and is kept now and then."""
    if refusal_of(receipt, ground.setup.networks.get(receipt.address)) is None:
        values = parameters_of(receipt.query).values()
        if any(ground.click_key(value) is not None for value in values):
            return True
    return tracker.strangers.may_ask(receipt.ip, ground.now)
