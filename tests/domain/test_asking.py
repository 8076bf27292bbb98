"""What a path can ask about a visitor: each fact of the click's columns and of the owner's time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.clock import HOUR
from server.domain.asking import FACTS, WEEKDAYS, facts_of, host_of
from tests.pipeline.world import NOON  # a Sunday

CLICK = {
    "country": "US",
    "region": "California",
    "isp": "Comcast",
    "device": "mobile",
    "os": "iOS",
    "os_version": "17.4",
    "browser": "Safari",
    "browser_version": "17.4",
    "language": "en-us",
    "referrer": "https://News.example:8/a?b",
    "bot": "agent: Googlebot",
    "is_returning": True,
    "sub1": "z",
    "sub20": "y",
}


def test_every_fact_of_a_click_that_says_all() -> None:
    known = {name: value for name, value in facts_of(FACTS, CLICK, NOON, "Europe/Berlin").items() if value is not None}
    assert known == {
        "country": "US",
        "region": "California",
        "network": "Comcast",
        "device": "mobile",
        "os": "iOS",
        "os_version": "17.4",
        "browser": "Safari",
        "browser_version": "17.4",
        "language": "en-us",
        "referrer": "news.example",
        "hour": "13",
        "weekday": "sunday",
        "bot": "yes",
        "returning": "yes",
        "sub1": "z",
        "sub20": "y",
    }


def test_of_a_click_that_says_nothing_only_the_time_is_known_and_that_it_is_no_bot() -> None:
    facts = facts_of(FACTS, {}, NOON, "UTC")
    assert {name: value for name, value in facts.items() if value is not None} == {
        "hour": "12",
        "weekday": "sunday",
        "bot": "no",
    }
    assert facts.keys() == set(FACTS)


def test_only_what_is_asked_is_worked_out() -> None:
    assert facts_of(["sub1"], CLICK, NOON, "no zone at all") == {"sub1": "z"}
    assert facts_of([], CLICK, NOON, "no zone at all") == {}


@pytest.mark.parametrize(("is_returning", "fact"), [(True, "yes"), (False, "no"), (None, None)])
def test_whether_a_visitor_returns_can_be_unknown(is_returning: bool | None, fact: str | None) -> None:
    assert facts_of(["returning"], {"is_returning": is_returning}, NOON, "UTC") == {"returning": fact}


@pytest.mark.parametrize(
    ("zone", "hours", "hour", "weekday"),
    [
        ("UTC", 0, "12", "sunday"),
        ("Asia/Tokyo", 3, "0", "monday"),
        ("America/Los_Angeles", -5, "23", "saturday"),
        ("Asia/Kolkata", 0, "17", "sunday"),
    ],
)
def test_hour_and_weekday_are_those_of_the_owner(zone: str, hours: int, hour: str, weekday: str) -> None:
    assert facts_of(["hour", "weekday"], {}, NOON + hours * HOUR, zone) == {"hour": hour, "weekday": weekday}
    assert weekday in WEEKDAYS


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://news.example/a", "news.example"),
        ("HTTP://USER:PW@News.Example:80", "news.example"),
        ("news.example/a", "news.example"),
        ("android-app://com.example", "com.example"),
        ("https://[::1]/", "::1"),
        ("https://[", None),
        ("//", None),
        ("", None),
    ],
)
def test_the_host_of_a_referrer(referrer: str, host: str | None) -> None:
    assert host_of(referrer) == host


@given(st.text())
def test_no_referrer_is_too_odd(referrer: str) -> None:
    host = host_of(referrer)
    assert host is None or isinstance(host, str)
