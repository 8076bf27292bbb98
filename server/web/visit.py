"""`/c/<campaign>`: a visitor is recorded and sent on; nothing stands in the way of a paid click."""

from __future__ import annotations

import random

from flask import Flask, Response, request

from server.domain.choosing import Chances
from server.domain.things import Campaign, Setup
from server.pipeline import click
from server.pipeline.click import Sent
from server.web.cookie import new_cookie
from server.web.recording import count_missed, echo_of, record_visit
from server.web.request import GET_ONLY, address, headers_of, on_to, raw_query
from server.web.tracker import Tracker
from server.web.visitor import parameters_of, remember, visit_of


def add_to(app: Flask, tracker: Tracker) -> None:
    @app.route("/c/<path:key>", **GET_ONLY)
    def visit(key: str) -> Response:
        setup = tracker.setup()
        if key not in setup.campaigns:
            setup = tracker.fresh_setup()
        campaign = setup.campaigns.get(key)
        if campaign is None:
            if request.method != "HEAD":
                count_missed(tracker, key, address(request))
            return on_to(setup.owner.fallback_url)
        return _visit(tracker, campaign, setup)


def _visit(tracker: Tracker, campaign: Campaign, setup: Setup) -> Response:
    parameters = parameters_of(raw_query(request))
    ground = tracker.ground(setup)
    headers = headers_of(request)
    seen = visit_of(parameters, headers, address(request), ground.now, campaign, tracker.visitors)
    echo = echo_of(tracker, parameters, ground.now)
    chances = Chances(random.random(), random.random(), random.random())
    is_real = request.method != "HEAD"

    def decide(key: int) -> Sent:
        return click.decide(seen, campaign, key, chances, ground, echo)

    sent = record_visit(tracker, ground.now, decide, is_real=is_real)
    if not is_real:
        return on_to(sent.location)
    remember(seen, tracker.visitors)
    return on_to(sent.location, new_cookie(seen, headers, campaign, setup.owner, is_https=request.is_secure))
