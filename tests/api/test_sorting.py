"""Sorted lists: every row once and in order, with ties and gaps; what came since is counted; on both databases."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from sqlalchemy import delete, insert, select, update

from server.api.lists import CLICKS, CONVERSIONS, POSTBACKS, RELAYS, Filters, page, stream
from server.api.sorting import Sorting, came_since, in_order, rows_of
from server.domain.click_id import first_key
from server.errors import BadInput
from server.storage.tables import (
    AttemptRow,
    CampaignRow,
    ClickRow,
    ConversionRow,
    DestinationRow,
    LandingRow,
    NetworkRow,
    OfferRow,
    PostbackRow,
    RelayRow,
    SourceRow,
    StepRow,
)
from tests.pipeline.world import NOON, small_setup, world_on
from tests.storage import databases

ROWS = 90
LISTS = {"clicks": CLICKS, "conversions": CONVERSIONS, "postbacks": POSTBACKS, "relays": RELAYS}
COLUMNS = [(name, column) for name, listing in LISTS.items() for column in listing.orders]
WORDS = (None, None, "", "b", "A", "a", "Zz", "10", "9", "ab" * 400)
MONEY = (None, None, 0, 10, 5_000_000, 12_345_678, -3)
FIRST = first_key(NOON)


@pytest.fixture(params=databases.KINDS)
def data(request, tmp_path):
    world = world_on(databases.without_rows(request.param), tmp_path)
    world.apply(small_setup())
    return world.data


@pytest.fixture
def books(data):
    data.database.write(fill)
    return data


def fill(connection):
    """Few different values, so that most rows are equal to some other one."""
    pick = random.Random(7).choice

    def ids(table):
        return [*connection.scalars(select(table.id))]

    def add(table, rows):
        connection.execute(insert(table), list(rows))

    (source,), (campaign,), offers, networks = ids(SourceRow), ids(CampaignRow), ids(OfferRow), ids(NetworkRow)
    owner, clicks = {"campaign_id": campaign, "source_id": source}, [FIRST + 7 * n for n in range(ROWS)]
    words = ("external_id", "country", "device", "ip", "os", "browser", "language", "referrer", "user_agent")
    subs = [f"sub{number}" for number in range(1, 21)]
    add(
        ClickRow,
        (
            {
                **owner, "id": key, "reason": "only_path", "offer_id": pick([None, *offers]), "cost": pick(MONEY),
                "landing_id": pick([None, *ids(LandingRow)]), **{name: pick(WORDS) for name in (*words, *subs)},
            }
            for key in clicks
        ),
    )  # fmt: skip
    step = {"time": NOON, "network_id": networks[0], "destination": "https://go.example.net"}
    add(StepRow, ({**step, "click_id": pick(clicks), "offer_id": pick(offers)} for _ in range(30)))
    moments, states = (NOON, NOON + 1, NOON + 2), ("waiting", "failed", "delivered", "dead")
    customs = [f"custom{number}" for number in range(1, 6)]
    add(
        ConversionRow,
        (
            {
                **owner, "id": n, "identity": str(n).encode(), "click_id": pick(clicks), "network_id": pick(networks),
                "offer_id": pick(offers), "event_key": "", "time": NOON, "updated": pick(moments),
                "status": pick(["approved", "pending"]), "original_status": "approved", "net": pick(MONEY[2:]),
                "kept": pick([None, "late", "conflict"]), "is_test": pick([True, False]), "currency": "USD",
                "base_currency": "USD", "warnings": pick([[], ["no_rate"], ["bad_value", "no_rate"]]),
                **{name: pick(MONEY) for name in ("payout", "payout_base", "sale_amount")},
                **{name: pick(WORDS) for name in ("event", "txn_id", *customs)},
            }
            for n in range(1, ROWS + 1)
        ),
    )  # fmt: skip
    warnings = [[], [{"warning": "no_rate", "reason": "x"}], [{"warning": "bad_value", "reason": "x"}]]
    add(
        PostbackRow,
        (
            {
                "id": n, "time": NOON, "network_id": pick(networks), "address": "maxi", "method": "GET", "query": b"q",
                "body": b"", "outcome": pick(["accepted", "late"]), "warnings": pick(warnings), "replayed": pick([0, 2]),
                "click_id": pick([None, *clicks]), "conversion_id": pick([None, 3, 4]),
                **{name: pick(WORDS) or "" for name in ("reason", "remedy", "ip", "content_type")},
            }
            for n in range(1, ROWS + 1)
        ),
    )  # fmt: skip
    add(DestinationRow, ({"id": n, "key": key} for n, key in ((901, "source:prop"), (902, "campaign:summer:1"))))
    add(
        RelayRow,
        (
            {
                **owner, "id": n, "key": f"k{n * 37 % ROWS}", "time": NOON, "conversion_id": pick([3, 4]),
                "click_id": pick(clicks), "destination_id": pick([901, 902]), "status": pick(["approved", "refunded"]),
                "revision": 1, "payout": pick(MONEY[2:]), "currency": "USD", "state": pick(states),
                "reason": pick([None, "dns", "expired"]), "next_at": pick([None, *moments]), "expires_at": NOON,
            }
            for n in range(1, ROWS + 1)
        ),
    )  # fmt: skip
    attempt = {"time": NOON, "headers": {}, "result": "delivered", "is_counted": True}
    tried = range(1, ROWS)
    add(AttemptRow, ({**attempt, "relay_id": pick(tried), "status": pick([None, 200, 500])} for _ in range(60)))


def value_of(name, column, row, ground):  # noqa: C901 - a list of cases
    """What a person sees a row sorted by; None where there is nothing."""
    match name, column:
        case ("clicks", "time" | "id"):
            return ground.click_key(row["id"])
        case (_, "time"):
            return row["id"]
        case (_, "click"):
            return row["click"] and ground.click_key(row["click"])
        case ("clicks", "where"):
            return row["offer"] or row["landing"]
        case (_, "cost" | "payout" | "net" | "payout_base" | "sale_amount"):
            return None if row[column] is None else Decimal(row[column])
        case (_, "own_cost"):
            own = row["cost"] if row["original_cost"] is None else row["original_cost"]
            return None if own is None else Decimal(own)
        case ("conversions", "status"):
            return "test" if row["test"] else row["kept"] or row["status"]
        case (_, "warnings"):
            return row["warnings"] or None
        case ("relays", "destination"):
            return row["destination"].removeprefix("source:")
        case ("relays", "attempts"):
            return len(row["history"])
        case ("relays", "answer"):
            return row["history"][-1]["status"] if row["history"] else None
    value = row[column]
    return value[:200].lower() or None if isinstance(value, str) else value


def paged(data, listing, filters, sorting, size=7):
    order = in_order(data, listing, filters, sorting)
    pages = (order.keys[place : place + size] for place in range(0, len(order.keys), size))
    return [row for keys in pages for row in rows_of(data, listing, filters, keys)]


@pytest.mark.parametrize("is_falling", [False, True])
@pytest.mark.parametrize("name", LISTS)
def test_each_row_comes_once_and_in_order_by_every_column(books, name, is_falling):
    listing, ground = LISTS[name], books.ground()
    newest_first = page(books, listing, Filters(limit=1000))
    assert len(newest_first) == ROWS
    for column in listing.orders:
        value = {row["id"]: value_of(name, column, row, ground) for row in newest_first}
        present = [row["id"] for row in newest_first if value[row["id"]] is not None]
        missing = [row["id"] for row in newest_first if value[row["id"]] is None]
        expected = sorted(present, key=value.__getitem__, reverse=is_falling) + missing
        found = [row["id"] for row in paged(books, listing, Filters(), Sorting(column, is_falling))]
        assert found == expected, column


def test_sorted_rows_are_the_rows_of_the_list(books):
    filters = Filters(text="ab", limit=20)
    newest_first = page(books, CLICKS, filters)
    found = list(stream(CLICKS, books, Filters(text="ab"), Sorting("sub1", is_falling=True)))
    assert {row["id"] for row in newest_first} <= {row["id"] for row in found}
    assert [row for row in newest_first if row in found] == newest_first
    assert len(list(stream(CLICKS, books, filters, Sorting("sub1")))) == 20


def test_every_filter_of_every_list_can_be_sorted(books):
    filters = Filters(campaign="summer", source="prop", network="maxi", since=NOON, until=NOON + 10_000, text="a")
    for listing in LISTS.values():
        for column in listing.orders:
            sorting = Sorting(column)
            found = {row["id"] for row in paged(books, listing, filters, sorting)}
            assert found == {row["id"] for row in page(books, listing, filters)}


def test_what_changes_meanwhile_moves_no_row_and_what_is_gone_is_missing(data):
    data.database.write(fill)
    before = paged(data, CONVERSIONS, Filters(), Sorting("payout"))
    order = in_order(data, CONVERSIONS, Filters(), Sorting("payout"))
    change = update(ConversionRow).where(ConversionRow.id.in_([5, 6])).values(payout=99)
    data.database.write(lambda connection: connection.execute(change))
    data.database.write(lambda connection: connection.execute(delete(ConversionRow).where(ConversionRow.id == 7)))
    after = rows_of(data, CONVERSIONS, Filters(), order.keys)
    assert [row["id"] for row in after] == [row["id"] for row in before if row["id"] != 7]
    assert {row["payout"] for row in after if row["id"] in (5, 6)} == {"0.000099"}


def test_ids_as_they_are_shown_name_the_rows_too(books):
    some = page(books, CLICKS, Filters(limit=4))
    assert rows_of(books, CLICKS, Filters(), [row["id"] for row in reversed(some)]) == some[::-1]


def test_what_came_since_is_counted_also_what_was_written_late(books):
    order = in_order(books, CLICKS, Filters(), Sorting("sub1"))
    assert came_since(books, CLICKS, Filters(), order) == 0
    (source,), (campaign,) = ([row["id"] for row in rows] for rows in keys_of(books))
    new = {"campaign_id": campaign, "source_id": source, "reason": "only_path"}
    rows = [{**new, "id": key} for key in (FIRST + 7 * ROWS - 10, FIRST + 10**9, FIRST + 10**9 + 1)]
    books.database.write(lambda connection: connection.execute(insert(ClickRow), rows))
    assert came_since(books, CLICKS, Filters(), order) == 3
    assert came_since(books, CLICKS, Filters(text="ab"), order) == 0


def keys_of(data):
    with data.database.read() as connection:
        return [[{"id": one} for one in connection.scalars(select(table.id))] for table in (SourceRow, CampaignRow)]


def test_a_short_list_counts_all_that_is_not_in_its_order(data):
    order = in_order(data, CLICKS, Filters(), Sorting("sub1"))
    data.database.write(fill)
    assert came_since(data, CLICKS, Filters(), order) == ROWS


def test_a_column_that_nobody_stores_cannot_be_sorted_by(books):
    with pytest.raises(BadInput, match=r"cannot be sorted by contry\. Did you mean country\?"):
        in_order(books, CLICKS, Filters(), Sorting("contry"))
