"""`/c/<campaign>` and `/go`: a visitor is recorded and sent on; nothing stands in the way of a paid click."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Mapping

from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError, IntegrityError

from server.domain.reading import read_request
from server.domain.things import Campaign, Setup
from server.pipeline import click
from server.pipeline.click import Chances, Sent, Visit
from server.web.request import GET_ONLY, NO_STORE, address, header, raw_query
from server.web.tracker import Tracker

log = logging.getLogger(__name__)

_NAMES = frozenset({"ext", "cost", *(f"sub{number}" for number in range(1, 21)), *click.PLATFORM_IDS})
_TICKET = "tallyback_test"
_TRIES = 3  # for a key that another click already has, after the clock was set back
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")


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
    parameters = _parameters()
    ground = tracker.ground(setup)
    seen = Visit(
        arrived_at=ground.now,
        parameters=parameters,
        ip=address(request),
        user_agent=header(request, "User-Agent"),
        referrer=header(request, "Referer"),
        language=_language(header(request, "Accept-Language")),
    )
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
    except DBAPIError as error:  # the visitor is paid for and goes on, recorded or not
        log.error("click %s could not be recorded: %s", sent.click_id, error.orig)  # noqa: TRY400 - one line is enough
    return True


def _go(tracker: Tracker) -> Response:
    parameters = _parameters()
    setup = tracker.setup()
    ground = tracker.ground(setup)
    key = ground.click_key(parameters.get("click", ""))
    with tracker.database.read() as connection:
        seen = click.find(connection, key) if key is not None else None
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
        except DBAPIError as error:
            log.error("a step of click %s could not be recorded: %s", key, error.orig)  # noqa: TRY400
    return _on_to(stepped.location)


def _missed(tracker: Tracker, key: str) -> Response:
    setup: Setup = tracker.setup()
    if request.method != "HEAD":
        try:
            tracker.writer.write(lambda connection: click.record_missed(connection, key, tracker.clock()))
        except DBAPIError as error:
            log.error("a visit to an unknown address could not be counted: %s", error.orig)  # noqa: TRY400
    return _on_to(setup.owner.fallback_url)


def _on_to(location: str | None) -> Response:
    if location is None:
        return Response(b"", 404)
    return Response(b"", 302, {"Location": location, **NO_STORE})


def _parameters() -> Mapping[str, str]:
    """The first of each name that says something."""
    found: dict[str, str] = {}
    for parameter in read_request(raw_query(request), b"", "", _NAMES).parameters:
        if not parameter.is_nothing:
            found.setdefault(parameter.name, parameter.value)
    return found


def _echo(tracker: Tracker, parameters: Mapping[str, str], now: int) -> str | None:
    ticket = parameters.get(_TICKET)
    if not ticket:
        return None
    with tracker.database.read() as connection:
        return click.echo_of(connection, ticket, now)


def _language(accepted: str | None) -> str | None:
    match = _LANGUAGE.match(accepted or "")
    return match[0].lower() if match else None
