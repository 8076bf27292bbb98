"""Last on the line: relays are claimed, sent, and settled; a lease is committed before anything leaves the machine."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, assert_never

from sqlalchemy import Connection, Row, and_, bindparam, case, delete, insert, select, update

from server.domain import retry
from server.domain.delivery import DEAD, DELIVERED, FAILED, HELD, SENDING, WAITING
from server.domain.masking import masked_headers, masked_url
from server.domain.retry import Again, Dead, Delivered, Held, Tries, Verdict
from server.pipeline import due, values
from server.pipeline.ground import Ground
from server.pipeline.outbox import template_of
from server.pipeline.rendering import rendered
from server.relays.message import Reply, Request
from server.storage.tables import AttemptRow, DestinationRow, RelayRow

OUR_FAULT = "a fault of Tallyback's"
MOST_UNCOUNTED = 40  # attempts that are kept of one relay beside those that count

_DESTINATION = select(*DestinationRow.__table__.columns).where(DestinationRow.id == bindparam("id"))
_LEASED = (
    select(RelayRow.destination_id, DestinationRow.paused, DestinationRow.failures, DestinationRow.waits_until)
    .join(DestinationRow, DestinationRow.id == RelayRow.destination_id)
    .where(RelayRow.id == bindparam("relay"), RelayRow.lease_token == bindparam("token"), RelayRow.state == SENDING)
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed relay, ready to go."""

    relay_id: int
    lease_token: int
    attempt_id: int
    request: Request | None  # None where it cannot be rendered: `problem` says why
    problem: str | None
    tries: Tries


def claim(connection: Connection, destination_id: int, most: int, owner: str, ground: Ground) -> list[Parcel]:
    """Takes what is due at one destination under a lease; behind an open breaker only one, as a probe."""
    now = ground.now
    destination = connection.execute(_DESTINATION, {"id": destination_id}).one()
    if destination.waits_until > now:  # another server was quicker
        return []
    is_probe = destination.failures >= retry.BREAKER_OPENS_AT
    if is_probe:
        most = 1
        _destination(connection, destination_id, waits_until=now + retry.PROBE_EVERY)
    rows = due.first_due(connection, destination_id, most, now)
    return [_lease(connection, row, destination.key, owner, ground, is_probe=is_probe) for row in rows]


def settle(connection: Connection, parcel: Parcel, reply: Reply, now: int, jitter: float) -> Verdict | None:
    """Writes down what came back; None where the lease was lost meanwhile."""
    row = connection.execute(_LEASED, {"relay": parcel.relay_id, "token": parcel.lease_token}).one_or_none()
    verdict = retry.verdict_of(reply.result, parcel.tries, now, jitter)
    status = reply.result.status if isinstance(reply.result, retry.Answer) else None
    is_counted = verdict.is_counted if isinstance(verdict, Again) else not parcel.tries.is_probe
    noted = {"status": status, "answer": reply.text, "milliseconds": reply.milliseconds, "is_counted": is_counted}
    result = _word(verdict) + (f": {reply.error}" if reply.error else "")
    connection.execute(update(AttemptRow).where(AttemptRow.id == parcel.attempt_id).values(result=result, **noted))
    if row is None:
        return None
    _settle_relay(connection, parcel, verdict, row.paused, now)
    if row.failures or row.waits_until or not isinstance(verdict, Delivered):
        _settle_destination(connection, row.destination_id, verdict, now)
    if not is_counted:
        _thin_out(connection, parcel.relay_id)
    return verdict


def _thin_out(connection: Connection, relay_id: int) -> None:
    """Of the tries that used nothing up, by the thousand in a week, the first and the latest tell it all."""
    mine = (AttemptRow.relay_id == relay_id, AttemptRow.is_counted.is_(False))
    latest = select(AttemptRow.id).where(*mine).order_by(AttemptRow.id.desc())
    first = select(AttemptRow.id).where(*mine).order_by(AttemptRow.id).limit(MOST_UNCOUNTED // 2)
    past = connection.scalar(latest.offset(MOST_UNCOUNTED // 2).limit(1))
    if past is not None:
        connection.execute(delete(AttemptRow).where(*mine, AttemptRow.id <= past, AttemptRow.id.not_in(first)))


def refuse(connection: Connection, parcel: Parcel, now: int) -> None:
    """A parcel that cannot be rendered is held, with what is missing, until a person has mended it."""
    reason = parcel.problem or ""
    connection.execute(
        update(AttemptRow).where(AttemptRow.id == parcel.attempt_id).values(result=reason, is_counted=False)
    )
    mine = (RelayRow.id == parcel.relay_id) & (RelayRow.lease_token == parcel.lease_token) & (RelayRow.state == SENDING)
    held = {"state": HELD, "reason": reason, "held_at": now, "attempts": parcel.tries.counted - 1}
    connection.execute(update(RelayRow).where(mine).values(**held))


def pause(connection: Connection, destination_id: int, why: str, now: int) -> None:
    _destination(connection, destination_id, paused=why)
    connection.execute(
        update(RelayRow)
        .where(RelayRow.destination_id == destination_id, RelayRow.state.in_(due.STATES))
        .values(state=HELD, reason=why, held_at=now)
    )


def resume(connection: Connection, destination_id: int, now: int) -> int:
    """Lets a destination's held relays go on; the time they were held does not age them, nor cut their delay short."""
    resume_destination(connection, destination_id)
    is_delayed = and_(RelayRow.attempts == 0, RelayRow.uncounted == 0, RelayRow.next_at > now)
    held = connection.execute(
        update(RelayRow)
        .where(RelayRow.destination_id == destination_id, RelayRow.state == HELD)
        .values(
            state=WAITING,
            reason=None,
            next_at=case((is_delayed, RelayRow.next_at), else_=now),
            delay=case((is_delayed, RelayRow.delay), else_=0),
            held_at=None,
            expires_at=RelayRow.expires_at + now - RelayRow.held_at,
        )
    )
    return held.rowcount


def resume_destination(connection: Connection, destination_id: int) -> None:
    _destination(connection, destination_id, paused=None, failures=0, waits_until=0)


def send_again(connection: Connection, relay_id: int, now: int) -> None:
    """A person replays a relay that is not delivered: with the same key, and a fresh count."""
    _relay(
        connection,
        relay_id,
        state=WAITING,
        reason=None,
        attempts=0,
        uncounted=0,
        next_at=now,
        delay=0,
        held_at=None,
        expires_at=now + retry.MAX_AGE,
    )


def preview(connection: Connection, row: Any, destination: str, ground: Ground) -> Request | None:
    """The request as it would go now; None where it cannot be rendered."""
    template = template_of(destination, ground.setup)
    try:
        return rendered(connection, row, template, ground) if template else None
    except values.NoRate:
        return None


def _lease(
    connection: Connection, row: Row[Any], destination: str, owner: str, ground: Ground, *, is_probe: bool
) -> Parcel:
    template = template_of(destination, ground.setup)
    request, problem = None, None
    try:
        request = rendered(connection, row, template, ground) if template else None
        problem = None if request else "no_relay_url"
    except values.NoRate as error:
        problem = f"no_rate: {error}"
    except Exception:  # of ours: it must not keep the relays behind it from going
        log.exception("relay %d cannot be rendered", row.id)
        problem = OUR_FAULT
    token = row.lease_token + 1
    tries = Tries(
        counted=row.attempts + 1,
        uncounted=row.uncounted + 1,
        expires_at=row.expires_at,
        on_ambiguous=template.on_ambiguous if template else "retry",
        is_probe=is_probe,
    )
    _relay(connection, row.id, state=SENDING, lease_owner=owner, lease_token=token, is_probe=is_probe)
    attempt = connection.execute(
        insert(AttemptRow)
        .values(
            relay_id=row.id,
            time=ground.now,
            method=request.method if request else None,
            url=masked_url(request.url) if request else None,
            headers=masked_headers(request.headers) if request else None,
            body=request.body if request else None,
            result=SENDING,
            is_counted=not is_probe,
        )
        .returning(AttemptRow.id)
    ).scalar_one()
    return Parcel(row.id, token, attempt, request, problem, tries)


def _settle_relay(connection: Connection, parcel: Parcel, verdict: Verdict, paused: str | None, now: int) -> None:
    counted = parcel.tries.counted
    match verdict:
        case Delivered():
            _relay(connection, parcel.relay_id, state=DELIVERED, reason=None, next_at=None, attempts=counted)
        case Again(at=at, reason=reason, is_counted=is_counted):
            tally = (
                {"attempts": counted, "uncounted": 0}
                if is_counted
                else {"attempts": counted - 1, "uncounted": parcel.tries.uncounted}
            )
            # Its destination may have been paused meanwhile: then it waits for the person too.
            waits = {"state": FAILED, "reason": reason} if paused is None else {"state": HELD, "reason": paused}
            held_at = now if paused else None
            _relay(connection, parcel.relay_id, next_at=at, delay=at - now, held_at=held_at, **waits, **tally)
        case Held(reason=reason):
            attempts = counted - 1 if parcel.tries.is_probe else counted
            _relay(connection, parcel.relay_id, state=HELD, reason=reason, next_at=now, held_at=now, attempts=attempts)
        case Dead(reason=reason):
            _relay(connection, parcel.relay_id, state=DEAD, reason=reason, next_at=None, attempts=counted)
        case _:
            assert_never(verdict)


def _settle_destination(connection: Connection, destination_id: int, verdict: Verdict, now: int) -> None:
    match verdict:
        case Delivered():
            _destination(connection, destination_id, failures=0, waits_until=0)
        case Again(destination_waits_until=until):
            waits = {"waits_until": until} if until else {}
            _destination(connection, destination_id, failures=DestinationRow.failures + 1, **waits)
        case Held(reason=reason, pauses=pauses) | Dead(reason=reason, pauses=pauses):
            if pauses:
                pause(connection, destination_id, reason, now)
        case _:
            assert_never(verdict)


def _word(verdict: Verdict) -> str:
    return "delivered" if isinstance(verdict, Delivered) else verdict.reason


def _relay(connection: Connection, relay_id: int, **columns: Any) -> None:
    connection.execute(update(RelayRow).where(RelayRow.id == relay_id).values(**columns))


def _destination(connection: Connection, destination_id: int, **columns: Any) -> None:
    connection.execute(update(DestinationRow).where(DestinationRow.id == destination_id).values(**columns))
