"""What an answer means for its relay: delivered, again at a known time, held for a person, or dead."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.retry import (
    BREAKER_OPENS_AT,
    MAX_AGE,
    MAX_ATTEMPTS,
    PROBE_EVERY,
    Again,
    Answer,
    Dead,
    Delivered,
    Failure,
    FailureKind,
    Held,
    Tries,
    Verdict,
    verdict_of,
)

NOW = 1_767_441_600_000
SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
SCHEDULE = [
    *(5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR),
    *(24 * HOUR, 24 * HOUR),
]


def tries(counted: int = 1, uncounted: int = 1, **more: Any) -> Tries:
    return Tries(counted, uncounted, more.pop("expires_at", NOW + 7 * DAY), **more)


def after(result: Answer | Failure, counted: int = 1, *, jitter: float = 0.0, **more: Any) -> Verdict:
    return verdict_of(result, tries(counted, **more), NOW, jitter)


def wait_of(verdict: Verdict) -> int:
    assert isinstance(verdict, Again)
    return verdict.at - NOW


# -- the schedule --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("counted", "wait"), list(enumerate(SCHEDULE, start=1)))
def test_the_waits_are_those_of_the_design(counted: int, wait: int) -> None:
    assert after(Answer(500), counted) == Again(NOW + wait, "http_500")


@pytest.mark.parametrize(("counted", "wait"), list(enumerate(SCHEDULE, start=1)))
def test_each_wait_is_spread_by_a_fifth(counted: int, wait: int) -> None:
    assert wait_of(after(Answer(500), counted, jitter=-1.0)) == wait * 4 // 5
    assert wait_of(after(Answer(500), counted, jitter=1.0)) == wait * 6 // 5


@given(counted=st.integers(1, 11), jitter=st.floats(-1, 1))
def test_no_wait_leaves_the_fifth(counted: int, jitter: float) -> None:
    wait = SCHEDULE[counted - 1]
    assert wait * 0.8 - 1 <= wait_of(after(Answer(503), counted, jitter=jitter)) <= wait * 1.2


def test_three_errors_and_a_success_are_requests_at_0_5_35_and_155_seconds() -> None:
    moments, at = [0], 0
    for counted in (1, 2, 3):
        at += wait_of(after(Answer(500), counted)) // SECOND
        moments.append(at)
    assert moments == [0, 5, 35, 155]
    assert after(Answer(200), 4) == Delivered()


def test_the_twelfth_attempt_is_the_last() -> None:
    assert MAX_ATTEMPTS == 12
    assert isinstance(after(Answer(500), 11), Again)
    assert after(Answer(500), 12) == Dead("http_500")
    assert after(Failure("timeout"), 12) == Dead("timeout")


@pytest.mark.parametrize(
    "result", [Answer(500), Answer(404), Answer(200, says_success=False), Failure("timeout"), Failure("dns")]
)
def test_after_seven_days_it_is_dead(result: Answer | Failure) -> None:
    assert MAX_AGE == 7 * DAY
    assert isinstance(after(result, expires_at=NOW + 1), Again)
    assert after(result, expires_at=NOW) == Dead("expired")


# -- answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 204, 226, 299])
def test_a_success_delivers_whatever_the_attempt(status: int) -> None:
    assert after(Answer(status)) == Delivered()
    assert after(Answer(status), 12, expires_at=NOW - 1) == Delivered()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 520, 599])
def test_these_are_tried_again(status: int) -> None:
    assert after(Answer(status)) == Again(NOW + 5 * SECOND, f"http_{status}")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, 399])
def test_a_redirect_is_not_followed_but_tried_again(status: int) -> None:
    assert after(Answer(status)) == Again(NOW + 5 * SECOND, "redirect")


@pytest.mark.parametrize("status", [400, 402, 405, 406, 409, 411, 413, 414, 415, 418, 422, 423, 451, 499])
def test_other_refusals_are_dead_at_once(status: int) -> None:
    assert after(Answer(status)) == Dead(f"http_{status}", pauses=False)


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_pauses_the_destination_and_holds_the_relay(status: int) -> None:
    assert after(Answer(status), 12) == Held(f"http_{status}", pauses=True)


def test_gone_kills_the_relay_and_pauses_the_destination() -> None:
    assert after(Answer(410)) == Dead("http_410", pauses=True)


def test_not_found_is_tried_three_times() -> None:
    assert [after(Answer(404), counted) for counted in (1, 2, 3)] == [
        *(Again(NOW + 5 * SECOND, "http_404"), Again(NOW + 30 * SECOND, "http_404"), Dead("http_404"))
    ]


def test_a_success_without_its_text_is_tried_three_times() -> None:
    verdicts = [after(Answer(200, says_success=False), counted) for counted in (1, 2, 3)]
    assert verdicts == [
        Again(NOW + 5 * SECOND, "no_success_text"),
        Again(NOW + 30 * SECOND, "no_success_text"),
        Dead("no_success_text"),
    ]


def test_the_success_text_matters_to_successes_only() -> None:
    assert after(Answer(500, says_success=False)) == Again(NOW + 5 * SECOND, "http_500")
    assert after(Answer(400, says_success=False)) == Dead("http_400")


@given(status=st.integers(100, 999), counted=st.integers(1, 12), retry_after=st.none() | st.integers(-(10**6), 10**13))
def test_every_status_has_a_verdict(status: int, counted: int, retry_after: int | None) -> None:
    verdict = after(Answer(status, retry_after=retry_after), counted)
    assert isinstance(verdict, Delivered) == (200 <= status < 300)
    if isinstance(verdict, Again):
        assert NOW < verdict.at <= NOW + 29 * HOUR
        assert verdict.is_counted


# -- Retry-After ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "retry_after", "wait", "destination_waits"),
    [
        (429, 7 * SECOND, 7 * SECOND, 7 * SECOND),
        (503, 2 * SECOND, 5 * SECOND, 2 * SECOND),
        (503, 90 * MINUTE, 90 * MINUTE, 90 * MINUTE),
        (302, 60 * SECOND, 60 * SECOND, 60 * SECOND),
        (429, DAY, DAY, DAY),
        (429, 25 * HOUR, DAY, DAY),
        (429, 10**12, DAY, DAY),
        (429, -1 * SECOND, 5 * SECOND, None),
        (429, 0, 5 * SECOND, None),
        (429, None, 5 * SECOND, None),
    ],
)
def test_retry_after_is_obeyed_up_to_a_day_and_by_the_whole_destination(
    status: int, retry_after: int | None, wait: int, destination_waits: int | None
) -> None:
    until = None if destination_waits is None else NOW + destination_waits
    reason = "redirect" if status == 302 else f"http_{status}"
    expected = Again(NOW + wait, reason, destination_waits_until=until)
    assert after(Answer(status, retry_after=retry_after)) == expected


def test_retry_after_buys_no_attempt_and_no_time() -> None:
    assert after(Answer(429, retry_after=HOUR), 12) == Dead("http_429")
    assert after(Answer(429, retry_after=HOUR), expires_at=NOW) == Dead("expired")


# -- no answer -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["timeout", "broken_off"])
def test_what_may_have_arrived_is_sent_again_unless_the_owner_says_hold(kind: FailureKind) -> None:
    assert after(Failure(kind)) == Again(NOW + 5 * SECOND, kind)
    assert after(Failure(kind), on_ambiguous="hold") == Held(f"ambiguous_{kind}", pauses=False)


@pytest.mark.parametrize("kind", ["dns", "connect", "tls"])
def test_what_was_never_sent_uses_no_attempt_up_and_waits_ten_minutes_at_most(kind: FailureKind) -> None:
    verdicts = [verdict_of(Failure(kind), tries(12, uncounted), NOW, 0.0) for uncounted in (1, 2, 3, 4, 5, 11, 12, 900)]
    assert [wait_of(verdict) for verdict in verdicts] == [
        *(5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 10 * MINUTE, 10 * MINUTE, 10 * MINUTE, 10 * MINUTE)
    ]
    assert all(isinstance(verdict, Again) and not verdict.is_counted and verdict.reason == kind for verdict in verdicts)


def test_hold_means_nothing_to_what_was_never_sent() -> None:
    assert after(Failure("connect"), on_ambiguous="hold") == Again(NOW + 5 * SECOND, "connect", is_counted=False)


def test_a_blocked_address_pauses_the_destination() -> None:
    assert after(Failure("blocked_ip")) == Held("blocked_ip", pauses=True)


# -- probes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("result", [Answer(500), Answer(429), Answer(302), Failure("timeout"), Failure("broken_off")])
@pytest.mark.parametrize("counted", [1, 2, 12])
def test_a_probe_that_fails_uses_no_attempt_up_and_stays_due(result: Answer | Failure, counted: int) -> None:
    verdict = after(result, counted, is_probe=True)
    assert isinstance(verdict, Again)
    assert (verdict.at, verdict.is_counted) == (NOW, False)


def test_a_probe_that_fails_before_sending_uses_no_attempt_up() -> None:
    verdict = after(Failure("dns"), 12, is_probe=True)
    assert isinstance(verdict, Again)
    assert not verdict.is_counted


def test_a_probe_obeys_retry_after() -> None:
    verdict = after(Answer(503, retry_after=HOUR), is_probe=True)
    assert verdict == Again(NOW, "http_503", is_counted=False, destination_waits_until=NOW + HOUR)


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        (Answer(200), Delivered()),
        (Answer(400), Dead("http_400")),
        (Answer(401), Held("http_401", pauses=True)),
        (Answer(410), Dead("http_410", pauses=True)),
    ],
)
def test_a_probe_that_is_answered_counts_like_any_attempt(result: Answer, verdict: Verdict) -> None:
    assert after(result, is_probe=True) == verdict


def test_a_probe_does_not_outlive_its_week() -> None:
    assert after(Answer(500), is_probe=True, expires_at=NOW) == Dead("expired")


def test_five_failures_in_a_row_open_the_breaker_and_probes_go_every_half_minute() -> None:
    assert BREAKER_OPENS_AT == 5
    assert PROBE_EVERY == 30 * SECOND
