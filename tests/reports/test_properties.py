"""Whatever happened: a report adds up to a recount by hand, over any dimensions and filters, alike on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from server.api.reports import report
from server.clock import DAY, HOUR, MINUTE
from server.domain.click_id import first_key
from server.domain.money import format_money
from server.domain.status import Status
from server.reports.dimensions import DIMENSIONS
from server.reports.metrics import METRICS
from server.storage.tables import ClickRow, ConversionRow
from tests.pipeline.world import World, small_setup, world_on
from tests.reports.small_books import at
from tests.storage import databases

START = at("2026-03-27T00:00Z")
END = START + 5 * DAY
ANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
TEXT = st.sampled_from([None, "a", "A", "b", "–", "ünder"])
TIME = st.integers(START // MINUTE, END // MINUTE - 1).map(lambda minute: minute * MINUTE)
MICROS = st.integers(0, 10**13)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "Africa/Cairo", "America/St_Johns"]).map(ZoneInfo)

CLICK = st.fixed_dictionaries(
    {
        "time": TIME,
        **dict.fromkeys(("sub1", "sub20", "country", "device", "isp", "bot"), TEXT),
        "referrer": st.sampled_from([None, "https://a.example/x", "https://A.example/y", "https://[b"]),
        "is_returning": st.sampled_from([None, True, False]),
        "landing_id": st.sampled_from([None, 1]),
        "path": st.sampled_from([None, 0, 1]),
        "cost": st.none() | MICROS,
        "cost_currency": st.sampled_from(["USD", "EUR"]),
    }
)
CONVERSION = st.fixed_dictionaries(
    {
        "click": st.integers(0, 7),
        "time": TIME,
        "status": st.sampled_from([str(status) for status in Status]),
        "event": st.sampled_from([None, "deposit"]),
        "net_base": st.none() | MICROS,
        "kept": st.sampled_from([None, None, None, "late"]),
        "offer_id": st.sampled_from([1, 2]),
    }
)
HISTORY = st.tuples(st.lists(CLICK, min_size=8, max_size=12), st.lists(CONVERSION, max_size=10))
BY = st.lists(st.sampled_from([dimension.name for dimension in DIMENSIONS]), min_size=1, max_size=4, unique=True)
History = tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]


def write(world: World, history: History) -> None:
    clicks = [_click(number, one) for number, one in enumerate(history[0])]
    conversions = [_conversion(number, one, clicks) for number, one in enumerate(history[1])]

    def written(connection: Any) -> None:
        connection.execute(delete(ConversionRow))
        connection.execute(delete(ClickRow))
        connection.execute(insert(ClickRow), clicks)
        if conversions:
            connection.execute(insert(ConversionRow), conversions)

    world.data.database.write(written)


def _click(number: int, drawn: dict[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in drawn.items() if name != "time"}
    key = first_key(drawn["time"]) + number
    return {"id": key, "campaign_id": 1, "source_id": 1, "reason": "only_path", **columns}


def _conversion(number: int, drawn: dict[str, Any], clicks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    columns = {name: value for name, value in drawn.items() if name != "click"}
    money = {"currency": "EUR", "payout": 1, "payout_base": drawn["net_base"], "net": 1, "base_currency": "USD"}
    return {
        "identity": str(number).encode(),
        "click_id": clicks[drawn["click"]]["id"],
        "campaign_id": 1,
        "source_id": 1,
        "network_id": 1,
        "event_key": "",
        "updated": drawn["time"],
        "is_test": False,
        "original_status": drawn["status"],
        "warnings": [],
        **money,
        **columns,
    }


def recounted(history: History) -> dict[str, Any]:
    """With nothing of what reports do."""
    clicks, conversions = history
    counted = [one for one in conversions if one["kept"] is None]
    in_base = [one["cost"] for one in clicks if one["cost"] is not None and one["cost_currency"] == "USD"]
    strange = [one for one in clicks if one["cost"] is not None and one["cost_currency"] == "EUR"]
    without_rate = len(strange) + sum(one["net_base"] is None for one in counted)
    return {
        "clicks": len(clicks),
        "conversions": len(counted),
        **{status: sum(one["status"] == status for one in counted) for status in ("approved", "pending", "rejected")},
        "reversed": sum(one["status"] in ("refunded", "charged_back") for one in counted),
        "revenue": format_money(sum(one["net_base"] or 0 for one in counted)),
        "cost": format_money(sum(in_base)),
        "without_rate": without_rate,
        "unique_clicks": sum(one["is_returning"] is False for one in clicks),
        "bots": sum(one["bot"] is not None for one in clicks),
        "lp_views": sum(one["landing_id"] is not None for one in clicks),
    }


def added(rows: Sequence[Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: sum(float_free(row[name]) for row in rows) for name in names}


def float_free(value: str | int) -> int:
    """Counts as they are, money in millionths."""
    if isinstance(value, int):
        return value
    whole, _, decimals = value.lstrip("-").partition(".")
    micros = int(whole) * 1_000_000 + int(decimals.ljust(6, "0"))
    return -micros if value.startswith("-") else micros


@ANY
@given(history=HISTORY, by=BY, zone=ZONES, time=st.sampled_from(["click", "conversion"]))
def test_the_rows_of_any_dimensions_add_up_to_the_recount(
    world: World, history: History, by: list[str], zone: ZoneInfo, time: str
) -> None:
    write(world, history)
    found = report(world.data, by, zone=zone, time=time)
    expected = recounted(history)
    assert {name: found.total[name] for name in expected} == expected
    assert added(found.rows, list(expected)) == {name: float_free(value) for name, value in expected.items()}


@ANY
@given(history=HISTORY, zone=ZONES)
def test_each_click_lies_where_the_clock_of_its_zone_stood(world: World, history: History, zone: ZoneInfo) -> None:
    write(world, history)
    stood = [datetime.fromtimestamp(one["time"] / 1000, zone) for one in history[0]]
    expected = Counter(local.strftime("%G-W%V %Y-%m %Y-%m-%d %H") for local in stood)
    found = report(world.data, ["week", "month", "day", "hour"], zone=zone).rows
    clicks = {f"{row['week']} {row['month']} {row['day']} {row['hour']}": row["clicks"] for row in found}
    assert {when: count for when, count in clicks.items() if count} == expected


@ANY
@given(history=HISTORY, by=BY, zone=ZONES)
def test_nested_rows_add_up_to_those_of_fewer_dimensions(
    world: World, history: History, by: list[str], zone: ZoneInfo
) -> None:
    write(world, history)
    names = ("clicks", "conversions", "revenue", "cost", "bots")
    nested = report(world.data, by, zone=zone).rows
    outer = report(world.data, by[:1], zone=zone).rows
    for row in outer:
        inner = [one for one in nested if one[by[0]] == row[by[0]]]
        assert added(inner, names) == {name: float_free(row[name]) for name in names}


@ANY
@given(history=HISTORY, by=BY, zone=ZONES, data=st.data())
def test_a_filter_and_its_complement_add_up_to_all(
    world: World, history: History, by: list[str], zone: ZoneInfo, data: Any
) -> None:
    write(world, history)
    there = sorted({row[by[0]] or "" for row in report(world.data, by[:1], zone=zone).rows})
    values = data.draw(st.lists(st.sampled_from(there), min_size=1, unique=True))
    names = ("clicks", "conversions", "revenue", "cost", "unique_clicks")
    whole = report(world.data, by, zone=zone).total
    those = report(world.data, by, zone=zone, where={by[0]: values}).total
    others = report(world.data, by, zone=zone, without={by[0]: values}).total
    assert added([those, others], names) == {name: float_free(whole[name]) for name in names}


@ANY
@given(history=HISTORY, by=BY, names=st.lists(st.sampled_from([one.name for one in METRICS]), min_size=1, unique=True))
def test_a_metric_is_the_same_whatever_is_asked_for_beside_it(
    world: World, history: History, by: list[str], names: list[str]
) -> None:
    write(world, history)
    whole = report(world.data, by)
    some = report(world.data, by, metrics=names)
    kept = [*by, *names]
    assert list(some.rows) == [{name: row[name] for name in kept} for row in whole.rows]
    sorted_by = names[-1]
    in_order = [[row[name] for name in by] for row in report(world.data, by, sort=sorted_by).rows]
    assert [[row[name] for name in by] for row in report(world.data, by, metrics=names[:1], sort=sorted_by).rows] == (
        in_order
    )


@ANY
@given(history=HISTORY, cut=TIME, time=st.sampled_from(["click", "conversion"]))
def test_two_periods_add_up_to_the_one_that_they_make(world: World, history: History, cut: int, time: str) -> None:
    write(world, history)
    names = ("clicks", "conversions", "revenue", "cost")
    parts = [
        report(world.data, ["campaign"], time=time, until=cut).total,
        report(world.data, ["campaign"], time=time, since=cut).total,
    ]
    whole = report(world.data, ["campaign"], time=time, since=START, until=END + HOUR).total
    assert added(parts, names) == {name: float_free(whole[name]) for name in names}


@ANY
@given(history=HISTORY, by=BY, zone=ZONES, time=st.sampled_from(["click", "conversion"]))
def test_both_databases_say_the_same(
    two_worlds: tuple[World, World], history: History, by: list[str], zone: ZoneInfo, time: str
) -> None:
    for one in two_worlds:
        write(one, history)
    ours, theirs = (report(one.data, by, zone=zone, time=time) for one in two_worlds)
    assert (ours.rows, ours.total) == (theirs.rows, theirs.total)


@pytest.fixture
def two_worlds(tmp_path: Path) -> tuple[World, World]:
    worlds = [world_on(databases.without_rows(kind), tmp_path / kind) for kind in databases.KINDS]
    for world in worlds:
        world.apply(small_setup())
    return worlds[0], worlds[1]
