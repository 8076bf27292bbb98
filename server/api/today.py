"""Today so far, against yesterday and last week up to the same time of day; what came last; what needs a hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from server.api.data import Data
from server.api.lists import CLICKS, CONVERSIONS, POSTBACKS, RELAYS, Filters, Shown, page
from server.api.status import UNATTRIBUTED
from server.clock import DAY, MINUTE
from server.domain.click_id import first_key
from server.domain.moment import iso
from server.domain.things import Setup
from server.pipeline.unrecorded import NOT_APPLIED, SPOOL_FULL
from server.reports.metrics import METRICS, Sums, shown
from server.reports.query import Question, run
from server.storage.tables import ClickRow, ConversionRow, DowntimeRow, PostbackRow, RelayRow

HOURS = tuple(f"{hour:02}" for hour in range(24))
_RUSH = 12  # clicks a minute that are told one by one; more are told as a number
_WEEK = 7

_MEND = {
    SPOOL_FULL: "The database could not be written for long: make room on the disk, or end what holds it.",
    NOT_APPLIED: "The database would not have them; the server's log says why.",
}

Figures = Mapping[str, Any]  # metric -> value as every report shows it


@dataclass(frozen=True, slots=True)
class Today:
    """`hours` are of the whole days; the totals of the days before end at the same time of day as today's."""

    base_currency: str
    today: Figures
    yesterday: Figures
    last_week: Figures
    hours_today: Sequence[Figures]
    hours_yesterday: Sequence[Figures]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that came in; of clicks in a rush only the number in the last minute."""

    kind: Literal["click", "clicks", "conversion", "postback", "relay"]
    time: str
    row: Shown
    count: int = 1


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that waits for a person: which list it stands in, the word to narrow that to, and an example."""

    page: Literal["postbacks", "relays", "conversions", "networks", "sources", "downtime"]
    word: str  # an outcome, a state, why it is kept, a key, or why something is missing
    count: int
    reason: str = ""
    remedy: str = ""


def today(data: Data) -> Today:
    setup = data.setup()
    zone = ZoneInfo(setup.owner.timezone)
    now = datetime.fromtimestamp(data.clock() / 1000, UTC).astimezone(zone)
    with data.database.read() as connection:

        def hours(days: int, start: datetime, end: datetime) -> dict[str, Sums]:
            question = Question(("hour",), zone, _ms(start, days), _ms(end, days))
            return {str(hour): sums for (hour,), sums in run(connection, question, setup).items()}

        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        so_far = hours(0, midnight, now + timedelta(minutes=1))
        before, rest = hours(1, midnight, now), hours(1, now, midnight + timedelta(days=1))
        week = hours(_WEEK, midnight, now)
    whole = {hour: _added([by[hour] for by in (before, rest) if hour in by]) for hour in HOURS}
    return Today(
        base_currency=setup.owner.base_currency,
        today=_figures(_added(so_far.values())),
        yesterday=_figures(_added(before.values())),
        last_week=_figures(_added(week.values())),
        hours_today=[_figures(so_far.get(hour, Sums())) for hour in HOURS],
        hours_yesterday=[_figures(whole[hour]) for hour in HOURS],
    )


def feed(data: Data, most: int = 40) -> list[Event]:
    """The newest first: clicks, conversions, postbacks that no conversion came of, relays."""
    ground = data.ground()
    with data.database.read() as connection:
        query = POSTBACKS.query(Filters(), ground).where(PostbackRow.outcome.in_(UNATTRIBUTED))
        rows = connection.execute(query.order_by(PostbackRow.id.desc()).limit(most)).all()
        postbacks = POSTBACKS.shape(connection, rows, ground)
    conversions = page(data, CONVERSIONS, Filters(limit=most))
    relays = _real(data, page(data, RELAYS, Filters(limit=most)))
    events = [
        *_clicks(data),
        *(Event("conversion", row["updated"], row) for row in conversions if not row["test"]),
        *(Event("postback", row["time"], row) for row in postbacks),
        *(Event("relay", _last_time(row), row) for row in relays if row["state"] != "skipped"),
    ]
    return sorted(events, key=lambda event: event.time, reverse=True)[:most]


def attention(data: Data) -> list[Attention]:
    setup = data.setup()
    with data.database.read() as connection:
        return [
            *_missing(connection, data.clock() - DAY),
            *_unattributed(connection, data.clock() - DAY),
            *_counted(connection, "relays", RelayRow.state, ("dead", "held")),
            *_counted(connection, "conversions", ConversionRow.kept, ("late", "conflict")),
            *_open_ends(setup),
        ]


def _ms(moment: datetime, days_before: int) -> int:
    """By the wall clock: yesterday at ten is at ten, even where the night had an hour more."""
    earlier = moment - timedelta(days=days_before)
    return int(earlier.timestamp() * 1000)


def _added(parts: Any) -> Sums:
    total = Sums()
    for part in parts:
        total.add(part)
    return total


def _figures(sums: Sums) -> Figures:
    return {metric.name: shown(metric, sums) for metric in METRICS}


def _clicks(data: Data) -> list[Event]:
    now = data.clock()
    with data.database.read() as connection:
        in_a_minute = connection.scalar(
            select(func.count())
            .select_from(ClickRow)
            .where(ClickRow.id >= first_key(now - MINUTE), ClickRow.test_echo.is_(None))
        )
    rows = [row for row in page(data, CLICKS, Filters(limit=_RUSH)) if not row["test"]]
    if in_a_minute and in_a_minute > _RUSH and rows:
        return [Event("clicks", rows[0]["time"], rows[0], in_a_minute)]
    return [Event("click", row["time"], row) for row in rows]


def _real(data: Data, relays: list[Shown]) -> list[Shown]:
    """Without those of a test, which went to an echo."""
    of = [relay["conversion"] for relay in relays]
    with data.database.read() as connection:
        tests = set(
            connection.scalars(
                select(ConversionRow.id).where(ConversionRow.id.in_(of), ConversionRow.is_test.is_(True))
            )
        )
    return [relay for relay in relays if relay["conversion"] not in tests]


def _last_time(relay: Shown) -> str:
    return str(relay["history"][-1]["time"] if relay["history"] else relay["time"])


def _missing(connection: Connection, since: int) -> list[Attention]:
    """What came and was not recorded, by why; the count is of clicks and postbacks together."""
    groups = connection.execute(
        select(
            DowntimeRow.why,
            func.sum(func.coalesce(DowntimeRow.clicks, 0)),
            func.sum(func.coalesce(DowntimeRow.postbacks, 0)),
            func.min(DowntimeRow.began_at),
            func.max(DowntimeRow.ended_at),
        )
        .where(DowntimeRow.ended_at >= since)
        .group_by(DowntimeRow.why)
        .order_by(DowntimeRow.why)
    ).all()
    return [
        Attention(
            "downtime",
            why,
            int(clicks + postbacks),
            f"Not recorded from {iso(began)} to {iso(ended)}: clicks {clicks}, postbacks {postbacks}.",
            _MEND.get(why, ""),
        )
        for why, clicks, postbacks, began, ended in groups
    ]


def _unattributed(connection: Connection, since: int) -> list[Attention]:
    """By outcome, the most frequent first, with what the newest of each says."""
    groups = connection.execute(
        select(PostbackRow.outcome, func.count(), func.max(PostbackRow.id))
        .where(PostbackRow.time >= since, PostbackRow.outcome.in_(UNATTRIBUTED))
        .group_by(PostbackRow.outcome)
        .order_by(func.count().desc(), PostbackRow.outcome)
    ).all()
    newest = {
        row.id: row
        for row in connection.execute(
            select(PostbackRow.id, PostbackRow.reason, PostbackRow.remedy).where(
                PostbackRow.id.in_([group[2] for group in groups])
            )
        )
    }
    return [
        Attention("postbacks", outcome, count, newest[last].reason, newest[last].remedy)
        for outcome, count, last in groups
    ]


def _counted(
    connection: Connection, where: Literal["relays", "conversions"], column: Any, words: Sequence[str]
) -> list[Attention]:
    query = select(column, func.count()).where(column.in_(words)).group_by(column)
    found = {str(word): int(count) for word, count in connection.execute(query)}
    return [Attention(where, word, found[word]) for word in words if word in found]


def _open_ends(setup: Setup) -> list[Attention]:
    """What the set-up itself leaves open: addresses without a token, relays that wait for the owner's words."""
    used = {campaign.source for campaign in setup.campaigns.values()}
    networks = [Attention("networks", key, 1) for key, network in setup.networks.items() if not network.token]
    return [
        *networks,
        *(
            Attention("sources", key, len(source.relay.fill_in), ", ".join(source.relay.fill_in))
            for key, source in setup.sources.items()
            if source.relay.fill_in and key in used
        ),
    ]
