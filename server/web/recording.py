"""Writes what visitors do, or has it kept until it can be written; finds a click again, wherever it is by then."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from server.pipeline import click, spooled, step
from server.pipeline.click import Sent
from server.pipeline.step import Stepped
from server.web.tracker import Tracker
from server.web.visitor import TICKET

log = logging.getLogger(__name__)

_TRIES = 3  # for a key that another click already has, after the clock was set back


def record_visit(tracker: Tracker, now: int, decide: Callable[[int], Sent], *, is_real: bool = True) -> Sent:
    """Decided with a new key, and recorded unless somebody only looks."""
    for _ in range(_TRIES):
        sent = decide(tracker.keys.next(now))
        if not is_real or _is_recorded(tracker, sent):
            break
    return sent


def record_step(tracker: Tracker, stepped: Stepped) -> None:
    if not stepped.step:
        return
    tracker.caps.took(None if stepped.is_test else stepped.step["offer_id"])
    try:
        tracker.writer.write(lambda connection: step.record_step(connection, stepped))
    except SQLAlchemyError as error:
        tracker.keep([spooled.of_step(stepped)], "click", error)


def count_missed(tracker: Tracker, key: str, ip: str) -> None:
    """A visit to what is no campaign of ours; who comes too often is not even counted."""
    now = tracker.clock()
    if not tracker.strangers.may_ask(ip, now):
        return
    try:
        tracker.writer.write(lambda connection: click.record_missed(connection, key, now))
    except SQLAlchemyError as error:
        tracker.keep([spooled.of_missed(key, now)], None, error)


def find_click(tracker: Tracker, key: int) -> Mapping[str, Any] | None:
    """From the database, else from the spool, else from the database into which it has come meanwhile."""
    found = _stored(tracker, key)
    if found is None and tracker.spool.waiting:
        found = spooled.find_click(tracker.spool, key) or _stored(tracker, key)
    return found


def echo_of(tracker: Tracker, parameters: Mapping[str, str], now: int) -> str | None:
    """Where the relays of a test go, for a visit that is one."""
    ticket = parameters.get(TICKET)
    if not ticket:
        return None
    try:
        with tracker.database.read() as connection:
            return click.echo_of(connection, ticket, now)
    except SQLAlchemyError as error:
        log.error("a test could not be looked up: %s", error)  # noqa: TRY400
        return None


def _is_recorded(tracker: Tracker, sent: Sent) -> bool:
    """False only where another click has the key: then the visit is decided anew."""
    tracker.caps.took(None if sent.click["test_echo"] else sent.click["offer_id"])
    try:
        tracker.writer.write(lambda connection: click.record(connection, sent))
    except IntegrityError as error:
        log.warning("the key of click %s is taken: %s", sent.click_id, error.orig)
        return False
    except SQLAlchemyError as error:  # the visitor is paid for and goes on, recorded or not
        tracker.keep([spooled.of_click(sent)], "click", error)
    return True


def _stored(tracker: Tracker, key: int) -> Mapping[str, Any] | None:
    try:
        with tracker.database.read() as connection:
            return click.find(connection, key)
    except SQLAlchemyError as error:
        log.error("a click could not be looked up: %s", error)  # noqa: TRY400
        return None
