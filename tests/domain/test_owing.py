"""Which relays a change owes: each has a key of its own, and one that is not sent says why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.owing import Told, owed, relay_key
from server.domain.status import Status
from server.domain.things import RelayTemplate

TEMPLATE = RelayTemplate(url="https://ads.example/?v={external_id}&p={payout}")
TOLD = Told(
    status=Status.APPROVED, event="Deposit", payout=10_000_000, currency="USD", has_external_id=True, is_test=False
)
KEY = relay_key(1, Status.APPROVED, 0, "source:prop")


def skipped(template: RelayTemplate = TEMPLATE, *, sent_today: int = 0, **told: Any) -> str | None:
    return owed(template, TOLD._replace(**told), KEY, sent_today=sent_today).skip


def test_a_plain_relay_is_owed_in_full() -> None:
    relay = owed(TEMPLATE, TOLD, KEY, sent_today=0)
    assert (relay.key, relay.payout, relay.skip) == (KEY, 10_000_000, None)


@pytest.mark.parametrize(
    ("template", "told", "reason"),
    [
        ({"url": ""}, {}, "no_relay_url"),
        ({}, {"status": Status.PENDING}, "status_not_relayed"),
        ({"statuses": ()}, {}, "status_not_relayed"),
        ({"statuses": (Status.REFUNDED,)}, {"status": Status.REFUNDED}, None),
        ({"events": ["deposit"]}, {}, None),
        ({"events": ["sale"]}, {}, "event_not_relayed"),
        ({"events": []}, {}, "event_not_relayed"),
        ({"events": ["deposit"]}, {"event": None}, "event_not_relayed"),
        ({"events": [""]}, {"event": None}, None),
        ({"events": None}, {"event": None}, None),
        ({}, {"has_external_id": False}, "no_external_id"),
        ({"url": "https://ads.example/?p={payout}"}, {"has_external_id": False}, None),
        ({"url": "https://a.example/", "body": "v={external_id}"}, {"has_external_id": False}, "no_external_id"),
        (
            {"url": "https://a.example/", "headers": {"X-Id": "{external_id|raw}"}},
            {"has_external_id": False},
            "no_external_id",
        ),
        ({"url": "https://ads.example/YOUR_AID?v={external_id}"}, {}, "not_filled_in"),
        ({"body": "aid=YOUR_AID"}, {}, "not_filled_in"),
        ({"headers": {"Authorization": "Bearer YOUR_TOKEN"}}, {}, "not_filled_in"),
        ({"url": "https://ads.example/?your_aid=FOR_YOUR"}, {}, None),
        ({"minimum": 10_000_000}, {}, None),
        ({"minimum": 10_000_001}, {}, "below_minimum"),
        ({"minimum": 6_000_000, "share": 500_000}, {}, "below_minimum"),
        ({"sample": 0}, {}, "not_in_sample"),
        ({"sample": 1_000_000}, {}, None),
    ],
)
def test_a_relay_that_is_not_sent_says_why(template: dict[str, Any], told: dict[str, Any], reason: str | None) -> None:
    assert skipped(replace(TEMPLATE, **template), **told) == reason


@pytest.mark.parametrize(
    ("cap", "sent_today", "reason"), [(2, 1, None), (2, 2, "over_cap"), (0, 0, "over_cap"), (None, 10**6, None)]
)
def test_a_cap_ends_the_day(cap: int | None, sent_today: int, reason: str | None) -> None:
    assert skipped(replace(TEMPLATE, cap=cap), sent_today=sent_today) == reason


def test_the_first_reason_is_the_one_that_is_said() -> None:
    template = replace(TEMPLATE, statuses=(), events=[], minimum=10**12, sample=0, cap=0)
    assert skipped(template, has_external_id=False) == "status_not_relayed"
    assert skipped(replace(template, statuses=(Status.APPROVED,)), has_external_id=False) == "event_not_relayed"
    assert skipped(replace(template, statuses=(Status.APPROVED,), events=None)) == "below_minimum"


def test_a_test_is_always_relayed() -> None:
    template = replace(TEMPLATE, statuses=(), events=[], minimum=10**12, sample=0, cap=0)
    assert skipped(template, is_test=True, has_external_id=False) is None


@pytest.mark.parametrize(
    ("share", "payout"), [(1_000_000, 10_000_000), (700_000, 7_000_000), (0, 0), (333_333, 3_333_330)]
)
def test_the_source_is_told_its_share(share: int, payout: int) -> None:
    assert owed(replace(TEMPLATE, share=share), TOLD, KEY, sent_today=0).payout == payout


# -- keys and samples ----------------------------------------------------------------------------------------------


def test_a_key_is_26_characters_and_stays_the_same() -> None:
    assert KEY == "aaaaaaaaaaaaa735dcjk5vb4rf"
    assert len(KEY) == 26


KEYS = st.tuples(
    st.integers(1, 9), st.sampled_from(Status), st.integers(0, 3), st.sampled_from(["a", "b", "c:1", "c:1:2"])
)


@given(one=KEYS, other=KEYS)
def test_another_conversion_status_revision_or_destination_is_another_key(
    one: tuple[int, Status, int, str], other: tuple[int, Status, int, str]
) -> None:
    assert (relay_key(*one) == relay_key(*other)) == (one == other)


def test_a_sample_keeps_about_its_share_and_always_the_same_relays() -> None:
    template = replace(TEMPLATE, sample=300_000)
    keys = [relay_key(number, Status.APPROVED, 0, "source:prop") for number in range(2000)]
    first = [owed(template, TOLD, key, sent_today=0).skip for key in keys]
    again = [owed(template, TOLD, key, sent_today=0).skip for key in keys]
    assert first == again
    assert 500 < first.count(None) < 700


def test_a_larger_sample_keeps_what_a_smaller_one_kept() -> None:
    keys = [relay_key(number, Status.APPROVED, 0, "source:prop") for number in range(300)]
    small = {key for key in keys if owed(replace(TEMPLATE, sample=200_000), TOLD, key, sent_today=0).skip is None}
    large = {key for key in keys if owed(replace(TEMPLATE, sample=600_000), TOLD, key, sent_today=0).skip is None}
    assert small < large
