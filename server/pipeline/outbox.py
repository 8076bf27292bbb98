"""Fourth on the line: what a change owes the source is put into the outbox, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select, update

from server.clock import SECOND
from server.domain.delivery import DEAD, DELIVERED, FAILED, HELD, SKIPPED, TO_THE_SOURCE, WAITING
from server.domain.fold import State
from server.domain.owing import Owed, Told, owed, relay_key
from server.domain.retry import MAX_AGE
from server.domain.status import Status
from server.domain.things import RelayTemplate, Setup
from server.pipeline.ground import Ground
from server.storage.dialect import insert_or_ignore
from server.storage.tables import ClickRow, ConversionRow, DestinationRow, RelayRow

PAUSED_BY_SETUP = "paused_by_owner"
TEST = "test"
WITHDRAWN = "withdrawn"  # a replay left its conversion without a receipt before it was sent


class Bought(Protocol):
    """A click, or a conversion of it."""

    @property
    def source_id(self) -> int: ...

    @property
    def campaign_id(self) -> int: ...


class Booked(NamedTuple):
    """What of a conversion, and of its click, decides which relays are owed and what they tell."""

    id: int
    click_id: int
    campaign_id: int
    source_id: int
    kept: str | None
    is_test: bool
    status: str
    event: str | None
    payout: int | None
    net: int
    currency: str | None
    external_id: str | None
    test_echo: str | None


_BOOKED = (
    select(
        *(ConversionRow.id, ConversionRow.click_id, ConversionRow.campaign_id, ConversionRow.source_id),
        *(ConversionRow.kept, ConversionRow.is_test, ConversionRow.status, ConversionRow.event),
        *(ConversionRow.payout, ConversionRow.net, ConversionRow.currency),
        *(ClickRow.external_id, ClickRow.test_echo),
    )
    .join(ClickRow, ClickRow.id == ConversionRow.click_id)
    .where(ConversionRow.id == bindparam("conversion"))
)
_DESTINATION = select(*DestinationRow.__table__.columns).where(DestinationRow.key == bindparam("key"))


class Due(NamedTuple):
    """One relay to be put into the outbox, and where it goes."""

    destination: str
    template: RelayTemplate
    revision: int
    is_withheld: bool


def owe(
    connection: Connection, conversion_id: int, before: State | None, ground: Ground, *, withhold: bool = False
) -> None:
    """Each status owes each destination one relay, once; a conversion that is kept apart owes none."""
    row: Any = connection.execute(_BOOKED, {"conversion": conversion_id}).one()
    conversion = Booked(*row)
    if conversion.kept is not None:
        return
    status = Status(conversion.status)
    is_new_status = before is None or before.status != status
    is_new_payout = before is not None and _told_amount(before, before.status) != _told_amount(conversion, status)
    for name, template in destinations(conversion, ground.setup):
        if is_new_status:
            revision = 0
        elif is_new_payout and template.on_payout_change:
            revision = 1 + _count(connection, conversion_id, conversion.status, name)
        else:
            continue
        due = Due(name, template, revision, withhold)
        destination = destination_row(connection, name)
        sent_today = _sent_today(connection, destination.id, ground) if template.cap is not None else 0
        _put(connection, relay_row(due, conversion, destination, sent_today, ground))


def withdraw(connection: Connection, conversion_id: int) -> None:
    """What was not sent yet of a conversion that nothing speaks of any more is not sent."""
    unsent = (RelayRow.conversion_id == conversion_id) & RelayRow.state.in_((WAITING, FAILED, HELD))
    skipped = {"state": SKIPPED, "reason": WITHDRAWN, "next_at": None, "held_at": None}
    connection.execute(update(RelayRow).where(unsent).values(**skipped))


def end_test(connection: Connection, click_id: int) -> None:
    """What a test could not deliver while somebody looked on is never sent behind their back; the rest is marked."""
    of_test = of_click(click_id)
    undelivered = of_test & RelayRow.state.in_((WAITING, FAILED, HELD, DEAD))
    skipped = {"state": SKIPPED, "reason": TEST, "next_at": None, "held_at": None}
    connection.execute(update(RelayRow).where(undelivered).values(**skipped))
    connection.execute(update(RelayRow).where(of_test, RelayRow.state == DELIVERED).values(reason=TEST))


def of_click(click_id: int | None) -> ColumnElement[bool]:
    """The relays of a click: by its conversions, since an index of their own would cost every sale."""
    return RelayRow.conversion_id.in_(select(ConversionRow.id).where(ConversionRow.click_id == click_id))


def destinations(bought: Bought, setup: Setup) -> Iterator[tuple[str, RelayTemplate]]:
    """The source itself, then the campaign's further ones."""
    source_key = setup.key_of_source.get(bought.source_id)
    if source_key:
        yield of_source(source_key), setup.sources[source_key].relay
    campaign_key = setup.key_of_campaign.get(bought.campaign_id)
    if campaign_key:
        for number, template in enumerate(setup.every_campaign[campaign_key].destinations, start=1):
            yield of_campaign(campaign_key, number), template


def of_source(key: str) -> str:
    return f"source:{key}"


def of_campaign(key: str, number: int) -> str:
    """One of a campaign's further destinations, counted from 1."""
    return f"campaign:{key}:{number}"


def template_of(destination: str, setup: Setup) -> RelayTemplate | None:
    """The template behind a destination's name, None where it was removed since."""
    kind, _, rest = destination.partition(":")
    if kind == "source":
        return setup.sources[rest].relay if rest in setup.sources else None
    key, _, number = rest.rpartition(":")
    campaign = setup.every_campaign.get(key)
    further = campaign.destinations if campaign else ()
    return further[int(number) - 1] if 0 < int(number) <= len(further) else None


def destination_row(connection: Connection, name: str) -> Row[Any]:
    row = connection.execute(_DESTINATION, {"key": name}).one_or_none()
    if row is None:
        new = insert_or_ignore(connection.dialect.name)(DestinationRow).values(key=name, failures=0, waits_until=0)
        connection.execute(new.on_conflict_do_nothing())
        row = connection.execute(_DESTINATION, {"key": name}).one()
    return row


def relay_row(due: Due, conversion: Booked, destination: Row[Any], sent_today: int, ground: Ground) -> dict[str, Any]:
    """The row of the outbox; what is not to be sent is one too."""
    now = ground.now
    template = replace(due.template, delay=0) if conversion.is_test else due.template  # somebody looks on
    status = Status(conversion.status)
    amount, currency = _told_amount(conversion, status)
    told = Told(
        status=status,
        event=conversion.event,
        payout=amount,
        currency=currency or ground.setup.owner.base_currency,
        has_external_id=conversion.external_id is not None,
        is_test=conversion.is_test and conversion.test_echo != TO_THE_SOURCE,
    )
    key = relay_key(conversion.id, told.status, due.revision, due.destination)
    decided = owed(template, told, key, sent_today=sent_today)
    if due.is_withheld and decided.skip is None:
        decided = decided._replace(skip="withheld")
    if conversion.is_test and not _is_for_test(due.destination, conversion.test_echo):
        decided = decided._replace(skip=TEST)
    return {
        "key": key,
        "time": now,
        "conversion_id": conversion.id,
        "click_id": conversion.click_id,
        "source_id": conversion.source_id,
        "campaign_id": conversion.campaign_id,
        "destination_id": destination.id,
        "status": conversion.status,
        "revision": due.revision,
        "payout": decided.payout,
        "currency": told.currency,
        "expires_at": now + MAX_AGE,
        **_UNTRIED,
        **_state(decided, template, destination, now, told),
    }


def _is_for_test(destination: str, echo: str | None) -> bool:
    """A test goes to its echo, or for real to the source; a partner hears of none."""
    return destination.startswith("source:") if echo == TO_THE_SOURCE else bool(echo)


_UNTRIED = {"attempts": 0, "uncounted": 0, "lease_token": 0, "is_probe": False}


def _put(connection: Connection, row: dict[str, Any]) -> None:
    """Once for each key; one that was withdrawn with its conversion comes back with it."""
    new = insert_or_ignore(connection.dialect.name)(RelayRow).values(**row)
    is_withdrawn = (RelayRow.state == SKIPPED) & (RelayRow.reason == WITHDRAWN)
    anew = {name: value for name, value in row.items() if name != "lease_token"}
    connection.execute(new.on_conflict_do_update(index_elements=[RelayRow.key], set_=anew, where=is_withdrawn))


def _state(decided: Owed, template: RelayTemplate, destination: Row[Any], now: int, told: Told) -> dict[str, Any]:
    if decided.skip:
        return {"state": SKIPPED, "reason": decided.skip, "next_at": None, "delay": 0, "held_at": None}
    delay = template.delay * SECOND
    schedule = {"next_at": now + delay, "delay": delay}
    paused = destination.paused or (PAUSED_BY_SETUP if template.paused else None)
    if paused and not told.is_test:
        return {"state": HELD, "reason": paused, "held_at": now, **schedule}
    return {"state": WAITING, "reason": None, "held_at": None, **schedule}


def _told_amount(conversion: Booked | State, status: Status) -> tuple[int, str | None]:
    """What is left after reversals for those, the payout for everything else."""
    amount = conversion.net if status.is_reversal else conversion.payout
    return int(amount or 0), conversion.currency


def _count(connection: Connection, conversion_id: int, status: str, name: str) -> int:
    query = (
        select(func.count())
        .select_from(RelayRow)
        .join(DestinationRow, DestinationRow.id == RelayRow.destination_id)
        .where(RelayRow.conversion_id == conversion_id, RelayRow.status == status, DestinationRow.key == name)
        .where(RelayRow.revision > 0)
    )
    return int(connection.scalar(query) or 0)


def _sent_today(connection: Connection, destination_id: int, ground: Ground) -> int:
    """How many relays of the owner's day are sent or will be; tests take no place."""
    local = datetime.fromtimestamp(ground.now / 1000, UTC).astimezone(ZoneInfo(ground.setup.owner.timezone))
    midnight = int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
    query = (
        select(func.count())
        .select_from(RelayRow)
        .join(ConversionRow, ConversionRow.id == RelayRow.conversion_id)
        .where(RelayRow.destination_id == destination_id, RelayRow.time >= midnight)
        .where(RelayRow.state != SKIPPED, ConversionRow.is_test.is_(False))
    )
    return int(connection.scalar(query) or 0)
