"""Requests for what is not there: some are kept as evidence, a flood of one address is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.web.strangers import BURST, EACH_MS, MOST_KNOWN, Strangers
from tests.web.conftest import World

NOON = 1_790_000_000_000


def test_a_burst_is_let_through_and_then_one_now_and_then() -> None:
    strangers = Strangers()
    assert [strangers.may_ask("203.0.113.7", NOON) for _ in range(BURST + 5)] == [True] * BURST + [False] * 5
    assert strangers.may_ask("203.0.113.8", NOON), "another address has a bucket of its own"
    assert strangers.may_ask("203.0.113.7", NOON + EACH_MS)
    assert not strangers.may_ask("203.0.113.7", NOON + EACH_MS)
    assert strangers.may_ask("203.0.113.7", NOON - 86_400_000), "a clock that was set back locks nobody out"


def test_one_network_of_ipv6_is_one_stranger() -> None:
    strangers = Strangers()
    answers = [strangers.may_ask(f"2001:db8::{number:x}", NOON) for number in range(BURST + 1)]
    assert answers == [True] * BURST + [False]


def test_this_machine_is_everybody_behind_a_proxy_that_is_not_named() -> None:
    strangers = Strangers()
    assert all(strangers.may_ask("127.0.0.1", NOON) for _ in range(2 * BURST))


@given(st.lists(st.integers(0, 400), min_size=1, max_size=300))
def test_never_more_than_the_bucket_holds(pauses: list[int]) -> None:
    strangers = Strangers()
    now, let_through = NOON, []
    for pause in pauses:
        now += pause
        if strangers.may_ask("203.0.113.7", now):
            let_through.append(now)
    for number, begin in enumerate(let_through):
        within = [time for time in let_through[number:] if time - begin < BURST * EACH_MS]
        assert len(within) <= 2 * BURST


def test_what_is_remembered_is_bounded() -> None:
    strangers = Strangers()
    for number in range(MOST_KNOWN + 50):
        strangers.may_ask(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", NOON)
    assert len(strangers._free_at) == MOST_KNOWN


def test_a_flood_of_one_address_leaves_no_more_than_its_bucket(world: World) -> None:
    visitor = "203.0.113.77"

    def ask(target: str) -> int:
        return world.request("GET", target, headers={"X-Forwarded-For": visitor}, peer="127.0.0.2").status

    answers = [ask(f"/p/flood-{number}?click_id=x") for number in range(2 * BURST)]
    assert answers[0] == 403
    assert answers.count(429) >= BURST // 2
    kept = [row for row in world.postbacks() if row["ip"] == visitor]
    assert len(kept) == answers.count(403) < 2 * BURST
    assert ask("/c/summer?ext=after-the-flood") == 302
