"""`/go`: a visitor leaves a landing page for an offer, whatever became of the click id on the way."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request

from server.domain.choosing import Chances
from server.domain.things import Campaign
from server.pipeline import page, step
from server.pipeline.click import Sent
from server.pipeline.ground import Ground
from server.web.recording import find_click, record_step, record_visit
from server.web.request import GET_ONLY, address, headers_of, on_to, raw_query
from server.web.tracker import Tracker
from server.web.visitor import parameters_of, visit_of


def add_to(app: Flask, tracker: Tracker) -> None:
    @app.route("/go", **GET_ONLY)
    def go() -> Response:
        parameters = parameters_of(raw_query(request))
        ground = tracker.ground(tracker.setup())
        seen = known_click(tracker, parameters, ground)
        campaign = ground.setup.campaigns.get(parameters.get("campaign", ""))
        if seen is None and campaign is not None:
            seen = _met(tracker, campaign, parameters, ground)
        stepped = step.decide_step(seen, number_of(parameters), random.random(), ground) if seen else None
        if stepped is None:
            return on_to(ground.setup.owner.fallback_url)
        if request.method != "HEAD":
            record_step(tracker, stepped)
        return on_to(stepped.location)


def known_click(tracker: Tracker, parameters: Mapping[str, str], ground: Ground) -> Mapping[str, Any] | None:
    """The click whose id is said, in `click` or wherever else one proves itself."""
    said = (parameters.get("click", ""), *parameters.values())
    key = next((key for text in said if (key := ground.click_key(text)) is not None), None)
    return find_click(tracker, key) if key is not None else None


def number_of(parameters: Mapping[str, str]) -> int | None:
    """Which offer the page names, counted from 1."""
    text = parameters.get("offer", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else None


def _met(tracker: Tracker, campaign: Campaign, parameters: Mapping[str, str], ground: Ground) -> Mapping[str, Any]:
    """Who comes without an id that holds is met here, so that a sale finds its campaign; the source was paid before."""
    visit = visit_of(parameters, headers_of(request), address(request), ground.now, campaign, tracker.visitors)
    came_from = page.plain_address(visit.referrer)
    chances = Chances(random.random(), random.random(), random.random())

    def decide(key: int) -> Sent:
        return page.unpaid(page.decide(visit, campaign, key, chances, ground, came_from))

    return record_visit(tracker, ground.now, decide, is_real=request.method != "HEAD").click
