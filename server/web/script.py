"""`/t.js` and `/t/<campaign>`: a page registers its visitor by itself, from another origin and without a cookie."""

from __future__ import annotations

import gzip
import random
from collections.abc import Mapping
from importlib.resources import files

from flask import Flask, Response, jsonify, request

from server.domain.choosing import Chances
from server.domain.things import Campaign
from server.pipeline import page, step
from server.pipeline.click import Sent
from server.pipeline.ground import Ground
from server.web.landing import known_click, number_of
from server.web.recording import count_missed, echo_of, record_step, record_visit
from server.web.request import GET_ONLY, NO_SNIFFING, NO_STORE, address, headers_of, raw_query
from server.web.tracker import Tracker
from server.web.visitor import parameters_of, remember, visit_of

# Any page may ask, and none with the cookies of its visitor. A plain GET, so no browser asks beforehand.
_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*", **NO_STORE, **NO_SNIFFING}
_OF_ANY_PAGE = {"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin", **NO_SNIFFING}


def add_to(app: Flask, tracker: Tracker) -> None:
    plain = served_script()
    packed = gzip.compress(plain, mtime=0)

    @app.route("/t.js", **GET_ONLY)
    def script() -> Response:
        is_packed = request.accept_encodings.quality("gzip") > 0
        response = Response(packed if is_packed else plain, headers=_OF_ANY_PAGE, mimetype="text/javascript")
        response.vary.add("Accept-Encoding")
        if is_packed:
            response.content_encoding = "gzip"
        response.add_etag()
        response.make_conditional(request)
        return response

    @app.route("/t/<path:key>", **GET_ONLY)
    def register(key: str) -> Response:
        setup = tracker.setup()
        if key not in setup.campaigns:
            setup = tracker.fresh_setup()
        campaign = setup.campaigns.get(key)
        if campaign is None:
            if request.method != "HEAD":
                count_missed(tracker, key, address(request))
            return Response(b"", 404, _ANY_ORIGIN)
        answer = jsonify(click=_registered(tracker, campaign, tracker.ground(setup)))
        answer.headers.update(_ANY_ORIGIN)
        return answer


def served_script() -> bytes:
    """As it goes out: without what only its reader needs."""
    text = files("resources").joinpath("script", "t.js").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")).encode()


def _registered(tracker: Tracker, campaign: Campaign, ground: Ground) -> str:
    """The click id of a new visit, or of the one whose visitor now leaves by a link straight to an offer."""
    parameters = parameters_of(raw_query(request))
    is_real = request.method != "HEAD"
    known = known_click(tracker, {"click": parameters.get("click", "")}, ground)
    if known is None:
        return _visited(tracker, campaign, parameters, ground, is_real=is_real)
    left = step.decide_direct(known, number_of(parameters), parameters.get("to", ""), ground)
    if left and is_real:
        record_step(tracker, left)
    return ground.click_text(known["id"])


def _visited(
    tracker: Tracker, campaign: Campaign, parameters: Mapping[str, str], ground: Ground, *, is_real: bool
) -> str:
    visit = visit_of(parameters, headers_of(request), address(request), ground.now, campaign, tracker.visitors)
    where = page.plain_address(parameters.get("page")) or page.plain_address(visit.referrer)
    visit = visit._replace(referrer=parameters.get("ref"))
    echo = echo_of(tracker, parameters, ground.now)
    chances = Chances(random.random(), random.random(), random.random())

    def decide(key: int) -> Sent:
        return page.decide(visit, campaign, key, chances, ground, where, echo)

    sent = record_visit(tracker, ground.now, decide, is_real=is_real)
    if is_real:
        remember(visit, tracker.visitors)
    return sent.click_id
