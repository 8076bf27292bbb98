"""What a report can be asked for: every dimension, filters by any, and what is refused with the nearest right word."""

from __future__ import annotations

from typing import Any

import pytest

from server.api.reports import report
from server.errors import BadInput
from server.reports.dimensions import DIMENSIONS
from tests.pipeline.world import World
from tests.reports.small_books import rows


def test_filters(books: World) -> None:
    assert rows(books, "sub1", "clicks", where={"sub1": ["A"]}) == [("a", 3)]
    assert rows(books, "campaign", "clicks", "revenue", where={"sub1": ["a", "B"], "sub2": ["creative 0"]}) == [
        ("summer", 3, "15.00")
    ]
    assert rows(books, "sub1", "clicks", where={"campaign": ["winter"]}) == []
    # Clicks have no status: filtered by one, only conversions are left.
    assert rows(books, "sub1", "clicks", "conversions", where={"status": ["approved", "rejected"]}) == [
        ("a", 0, 1),
        ("b", 0, 1),
    ]


def test_filters_that_leave_out(books: World) -> None:
    books.click()
    assert rows(books, "sub1", "clicks", without={"sub1": ["A"]}) == [("b", 2), (None, 1)]
    assert rows(books, "sub1", "clicks", where={"sub1": ["", "b"]}) == [("b", 2), (None, 1)]
    assert rows(books, "sub1", "clicks", without={"sub1": ["", "b"]}) == [("a", 3)]
    # Clicks have no status, so they have none of those that are left out.
    assert rows(books, "sub1", "clicks", "conversions", without={"status": ["approved", "rejected"]}) == [
        ("a", 3, 2),
        ("b", 2, 0),
        (None, 1, 0),
    ]


def test_every_dimension_can_be_asked_for_and_filtered_by(books: World) -> None:
    for dimension in DIMENSIONS:
        found = report(books.data, [dimension.name, "sub1"])
        assert (found.total["clicks"], found.total["conversions"], found.total["revenue"]) == (5, 4, "15.00")
        some = next((row[dimension.name] for row in found.rows if row[dimension.name] is not None), "")
        report(books.data, ["campaign"], where={dimension.name: [some]})


def test_what_no_report_knows_is_refused(books: World) -> None:
    with pytest.raises(BadInput, match=r"There is no dimension sub21\. Did you mean sub1\?|Did you mean sub"):
        report(books.data, ["sub21"])
    for by in ([], ["sub1", "sub2", "sub3", "sub4", "sub5"]):
        with pytest.raises(BadInput, match="A report has one to four dimensions"):
            report(books.data, by)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"metrics": ["profitt"]}, r"There is no metric profitt\. Did you mean profit\?"),
        ({"sort": "clicsk"}, r"There is no metric clicsk\. Did you mean clicks\?"),
        ({"where": {"sub1": []}}, r"--where: A filter by sub1 has no values\. Write sub1=VALUE\."),
        ({"without": {"bot": []}}, r"--where: A filter by bot has no values\. Write bot=yes\."),
        ({"where": {"status": ["aproved"]}}, r"--where: No status is aproved\. Did you mean approved\?"),
        ({"without": {"hour": ["24"]}}, r"--where: No hour is 24\. There are 00, 01, "),
        ({"span": "yesteday"}, r"--span: yesteday is no span of time\. Did you mean yesterday\?"),
        ({"is_compared": True}, "--compare: There is nothing before everything to compare with"),
    ],
)
def test_words_that_no_report_knows_are_refused_with_the_nearest(
    world: World, words: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        report(world.data, ["campaign"], **words)


def test_days_of_two_periods_are_not_compared(world: World) -> None:
    for name in ("day", "week", "month"):
        with pytest.raises(BadInput, match=f"--compare: No {name} lies in two periods"):
            report(world.data, ["campaign", name], span="today", is_compared=True)
