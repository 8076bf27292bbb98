"""`/c/<campaign>` and `/go`: a visitor is recorded and sent on; nothing stands in the way of a paid click."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from server.domain.things import Campaign, Setup
from server.pipeline import click, spooled
from server.pipeline.click import Chances, Sent
from server.web.request import GET_ONLY, NO_STORE, address, headers_of, raw_query
from server.web.tracker import Tracker
from server.web.visitor import TICKET, parameters_of, visit_of

log = logging.getLogger(__name__)

_TRIES = 3  # for a key that another click already has, after the clock was set back


def add_to(app: Flask, tracker: Tracker) -> None:
    @app.route("/c/<path:key>", **GET_ONLY)
    def visit(key: str) -> Response:
        setup = tracker.setup()
        if key not in setup.campaigns:
            setup = tracker.fresh_setup()
        campaign = setup.campaigns.get(key)
        if campaign is None:
            return _missed(tracker, key)
        return _visit(tracker, campaign, setup)

    @app.route("/go", **GET_ONLY)
    def go() -> Response:
        return _go(tracker)


def _visit(tracker: Tracker, campaign: Campaign, setup: Setup) -> Response:
    parameters = parameters_of(raw_query(request))
    ground = tracker.ground(setup)
    seen = visit_of(parameters, headers_of(request), address(request), ground.now)
    echo = _echo(tracker, parameters, ground.now)
    chances = Chances(random.random(), random.random(), random.random())
    for _ in range(_TRIES):
        sent = click.decide(seen, campaign, tracker.keys.next(ground.now), chances, ground, echo)
        if request.method == "HEAD" or _is_recorded(tracker, sent):
            break
    return _on_to(sent.location)


def _is_recorded(tracker: Tracker, sent: Sent) -> bool:
    """False only where another click has the key: then the visit is decided anew."""
    try:
        tracker.writer.write(lambda connection: click.record(connection, sent))
    except IntegrityError as error:
        log.warning("the key of click %s is taken: %s", sent.click_id, error.orig)
        return False
    except SQLAlchemyError as error:  # the visitor is paid for and goes on, recorded or not
        tracker.keep([spooled.of_click(sent)], "click", error)
    return True


def _go(tracker: Tracker) -> Response:
    parameters = parameters_of(raw_query(request))
    setup = tracker.setup()
    ground = tracker.ground(setup)
    key = ground.click_key(parameters.get("click", ""))
    seen = _click(tracker, key) if key is not None else None
    number = parameters.get("offer", "")
    stepped = None
    if seen is not None:
        chosen = int(number) if number.isascii() and number.isdecimal() and len(number) < 4 else None
        stepped = click.decide_step(seen, chosen, random.random(), ground)
    if stepped is None:
        return _on_to(setup.owner.fallback_url)
    if request.method != "HEAD":
        try:
            tracker.writer.write(lambda connection: click.record_step(connection, stepped))
        except SQLAlchemyError as error:
            tracker.keep([spooled.of_step(stepped)], "click", error)
    return _on_to(stepped.location)


def _click(tracker: Tracker, key: int) -> Mapping[str, Any] | None:
    """From the database, else from the spool, else from the database into which it has come meanwhile."""
    found = _stored(tracker, key)
    if found is None and tracker.spool.waiting:
        found = spooled.find_click(tracker.spool, key) or _stored(tracker, key)
    return found


def _stored(tracker: Tracker, key: int) -> Mapping[str, Any] | None:
    try:
        with tracker.database.read() as connection:
            return click.find(connection, key)
    except SQLAlchemyError as error:
        log.error("a click could not be looked up: %s", error)  # noqa: TRY400
        return None


def _missed(tracker: Tracker, key: str) -> Response:
    setup: Setup = tracker.setup()
    now = tracker.clock()
    if request.method != "HEAD" and tracker.strangers.may_ask(address(request), now):
        try:
            tracker.writer.write(lambda connection: click.record_missed(connection, key, now))
        except SQLAlchemyError as error:
            tracker.keep([spooled.of_missed(key, now)], None, error)
    return _on_to(setup.owner.fallback_url)


def _on_to(location: str | None) -> Response:
    if location is None:
        return Response(b"", 404)
    return Response(b"", 302, {"Location": location, **NO_STORE})


def _echo(tracker: Tracker, parameters: Mapping[str, str], now: int) -> str | None:
    ticket = parameters.get(TICKET)
    if not ticket:
        return None
    try:
        with tracker.database.read() as connection:
            return click.echo_of(connection, ticket, now)
    except SQLAlchemyError as error:
        log.error("a test could not be looked up: %s", error)  # noqa: TRY400
        return None
