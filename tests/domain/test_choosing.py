"""Where a click goes: paths by conditions, priority and weight, offers by weight and cap; a click never goes nowhere."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.choosing import (
    REASONS,
    Chances,
    ChosenOffer,
    Way,
    choose,
    choose_offer,
    choose_path,
    choose_way,
    odds_of_offers,
    odds_of_paths,
    offer_of_step,
    open_among,
    sticky_chances,
)
from server.domain.conditions import Condition
from server.domain.paths import Path, Weighted
from server.domain.things import Campaign, Cap, Landing, Offer, Owner, Setup

OFFERS = [Weighted("keto")]
FACTS: Mapping[str, str | None] = {"country": "US", "device": "mobile", "bot": "no"}
BOT = {**FACTS, "bot": "yes"}
CHANCES = st.floats(0, 1, exclude_max=True)
MIDDLE = Chances(0.5, 0.5, 0.5)
NO_ONE = frozenset[str]()


def path(weight: int = 100, *, priority: int = 0, default: bool = False, **when: str) -> Path:
    conditions = [Condition(fact, "is", (value,)) for fact, value in when.items()]
    return Path(OFFERS, when=conditions, weight=weight, priority=priority, default=default)


def offer(key: str, alternative: str = "") -> Offer:
    return Offer(key, "maxi", f"https://{key}.example/", cap=Cap(alternative, clicks=1) if alternative else None)


def setup(*offers: Offer, fallback: str | None = None) -> Setup:
    return Setup(Owner(fallback_url=fallback), offers={one.key: one for one in (offer("keto"), *offers)})


def campaign(*paths: Path, **more: object) -> Campaign:
    return Campaign("summer", "prop", paths, **more)  # type: ignore[arg-type]


def chosen(*paths: Path, facts: Mapping[str, str | None] = FACTS, chance: float = 0.5) -> tuple[int, str] | None:
    found = choose_path(paths, facts, chance)
    return tuple(found) if found else None


# -- paths -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([path()], (0, "only_path")),
        ([path(country="US")], (0, "conditions")),
        ([path(country="CA")], None),
        ([path(0)], None),
        ([path(country="CA"), path()], (1, "only_path")),
        ([path(), path(priority=1)], (1, "priority")),
        ([path(), path(priority=1, country="US")], (1, "conditions")),
        ([path(), path(priority=1, country="CA")], (0, "only_path")),
        ([path(default=True), path(country="US")], (1, "conditions")),
        ([path(default=True), path(country="CA")], (0, "default")),
        ([path(default=True, priority=9), path()], (1, "only_path")),
        ([path(default=True), path(0)], (0, "default")),
        ([path(50), path(50)], (1, "weight")),
    ],
)
def test_which_path_is_taken_and_why(paths: list[Path], expected: tuple[int, str] | None) -> None:
    assert chosen(*paths) == expected


def test_only_open_paths_of_the_highest_priority_share_the_clicks() -> None:
    paths = [path(country="CA", priority=9), path(30, priority=1), path(70, priority=1, device="mobile"), path()]
    assert [chosen(*paths, chance=chance) for chance in (0.0, 0.29, 0.31, 0.99)] == [
        (1, "weight"),
        (1, "weight"),
        (2, "conditions"),
        (2, "conditions"),
    ]


PATHS = st.lists(
    st.builds(
        lambda weight, priority, default, country: path(
            weight, priority=priority, default=default, **({} if default or country is None else {"country": country})
        ),
        st.integers(0, 1000),
        st.integers(0, 2),
        st.booleans(),
        st.none() | st.sampled_from(["US", "CA"]),
    ),
    min_size=1,
    max_size=5,
)


@given(paths=PATHS, chance=CHANCES)
def test_a_path_that_is_taken_is_open_has_weight_and_no_better_one_is_open(paths: list[Path], chance: float) -> None:
    found = choose_path(paths, FACTS, chance)
    is_open = open_among(paths, FACTS)
    assert (found is None) == (not is_open)
    if found:
        assert found.path in is_open
        assert paths[found.path].weight > 0
        assert paths[found.path].priority == max(paths[index].priority for index in is_open)
        assert found in odds_of_paths(paths, FACTS)
        assert found.reason in REASONS


@given(paths=PATHS)
def test_the_odds_of_all_paths_are_one_or_there_are_none(paths: list[Path]) -> None:
    odds = odds_of_paths(paths, FACTS)
    assert sum(odds.values()) == (1 if open_among(paths, FACTS) else 0)


# -- by weight ---------------------------------------------------------------------------------------------------------


def test_weights_share_the_clicks() -> None:
    options = [Weighted("a", 1), Weighted("b", 0), Weighted("c", 3)]
    assert Counter(choose(options, chance / 1000) for chance in range(1000)) == {"a": 250, "c": 750}


def chi_squared(counts: Mapping[str, int], shares: Mapping[str, Fraction]) -> float:
    total = sum(counts.values())
    return sum((counts[key] - total * share) ** 2 / float(total * share) for key, share in shares.items())


def test_choices_are_even_to_within_statistics() -> None:
    """With three degrees of freedom chi-squared stays below 16.27 in 999 of 1000 runs; the seed is fixed."""
    options = [Weighted("a", 1), Weighted("b", 2), Weighted("c", 30), Weighted("d", 67)]
    shares = {option.key: Fraction(option.weight, 100) for option in options}
    chances = random.Random(5)
    counts = Counter(str(choose(options, chances.random())) for _ in range(100_000))
    assert chi_squared(counts, shares) < 16.27
    paths = [path(option.weight) for option in options]
    taken = Counter(options[found[0]].key for _ in range(100_000) if (found := chosen(*paths, chance=chances.random())))
    assert chi_squared(taken, shares) < 16.27


def test_sticky_chances_are_even_among_visitors_too() -> None:
    options = [Weighted("a", 1), Weighted("b", 2), Weighted("c", 30), Weighted("d", 67)]
    shares = {option.key: Fraction(option.weight, 100) for option in options}
    one = campaign(path())
    for which in range(3):
        every = [sticky_chances(one, str(visitor), b"k" * 32)[which] for visitor in range(50_000)]
        assert chi_squared(Counter(str(choose(options, chance)) for chance in every), shares) < 16.27


def test_a_visitor_who_sticks_has_the_same_chances_and_another_campaign_key_or_visitor_others() -> None:
    one = sticky_chances(campaign(path()), "7", b"k" * 32)
    assert one == sticky_chances(campaign(path(), path()), "7", b"k" * 32)
    others = [
        sticky_chances(Campaign("winter", "prop", [path()]), "7", b"k" * 32),
        sticky_chances(campaign(path()), "8", b"k" * 32),
        sticky_chances(campaign(path()), "7", b"K" * 32),
    ]
    assert len({one, *others}) == 4
    assert len(set(one)) == 3
    assert all(0 <= chance < 1 for chance in one)


def test_without_options_there_is_no_choice() -> None:
    assert choose([], 0.5) is None
    assert choose([Weighted("a", 0)], 0.5) is None
    assert choose([Weighted("a", 0), Weighted("b", 0)], 0.5) is None


@given(weights=st.lists(st.integers(0, 1000), min_size=1, max_size=6), chance=CHANCES)
def test_whatever_the_chance_only_an_option_with_weight_is_chosen(weights: list[int], chance: float) -> None:
    options = [Weighted(str(number), weight) for number, weight in enumerate(weights)]
    found = choose(options, chance)
    assert (found is None) == (sum(weights) == 0)
    assert found is None or weights[int(found)] > 0


def test_the_very_end_of_chance_still_chooses() -> None:
    assert choose([Weighted("a", 1), Weighted("b", 1), Weighted("c", 0)], 1.0) == "b"


# -- caps --------------------------------------------------------------------------------------------------------------

CHAIN = {one.key: one for one in (offer("a", "b"), offer("b", "c"), offer("c"), offer("d", "e"), offer("e", "c"))}
MIX = Path([Weighted("a", 1), Weighted("d", 3)])


@pytest.mark.parametrize(
    ("full", "odds"),
    [
        ("", {("a", False): Fraction(1, 4), ("d", False): Fraction(3, 4)}),
        ("a", {("b", True): Fraction(1, 4), ("d", False): Fraction(3, 4)}),
        ("ab", {("c", True): Fraction(1, 4), ("d", False): Fraction(3, 4)}),
        ("abde", {("c", True): Fraction(1)}),
        ("bce", {("a", False): Fraction(1, 4), ("d", False): Fraction(3, 4)}),
        ("abc", {("d", False): Fraction(1)}),
        ("abcde", {}),
    ],
)
def test_a_full_offer_gives_its_visitors_to_its_alternative_else_to_those_that_are_left(
    full: str, odds: dict[tuple[str, bool], Fraction]
) -> None:
    assert odds_of_offers(MIX, CHAIN, set(full)) == odds
    every = Counter(choose_offer(MIX, CHAIN, set(full), chance / 1000) for chance in range(1000))
    assert every == ({ChosenOffer(*key): int(1000 * share) for key, share in odds.items()} or {None: 1000})


@given(full=st.sets(st.sampled_from("abcde")), chance=CHANCES)
def test_no_full_offer_is_ever_chosen(full: set[str], chance: float) -> None:
    found = choose_offer(MIX, CHAIN, full, chance)
    assert found is None or found.key not in full
    assert (found is None) == (not odds_of_offers(MIX, CHAIN, full))


def test_a_step_goes_to_the_offer_that_the_page_names_as_long_as_it_is_open() -> None:
    assert [offer_of_step(MIX, number, CHAIN, NO_ONE, 0) for number in (None, 0, 1, 2, 3)] == ["a", "a", "a", "d", "a"]
    assert offer_of_step(MIX, 1, CHAIN, {"a"}, 0.9) == "b"
    assert offer_of_step(MIX, 1, CHAIN, {"a", "b", "c"}, 0) == "d"
    assert offer_of_step(MIX, 1, CHAIN, set("abcde"), 0) is None


# -- the whole way -----------------------------------------------------------------------------------------------------

ELSE, FALLBACK, BOTS = "https://else.example/", "https://fallback.example/", "https://bots.example/"
SHUT = path(country="CA")
CAPPED = setup(*CHAIN.values())
FULL = set("abcde")


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ((campaign(path()), FACTS, setup(), NO_ONE), Way("only_path", 0, offer="keto")),
        (
            (campaign(Path(OFFERS, [Weighted("quiz")])), FACTS, setup(), NO_ONE),
            Way("only_path", 0, landing="quiz"),
        ),
        ((campaign(path(), paused=True), FACTS, setup(), NO_ONE), Way("only_path", 0, offer="keto")),
        ((campaign(path(), paused=True, otherwise=ELSE), FACTS, setup(), NO_ONE), Way("paused", url=ELSE)),
        ((campaign(path(), paused=True), FACTS, setup(fallback=FALLBACK), NO_ONE), Way("paused", url=FALLBACK)),
        ((campaign(path(), bots=BOTS), FACTS, setup(), NO_ONE), Way("only_path", 0, offer="keto")),
        ((campaign(path(), bots=BOTS), BOT, setup(), NO_ONE), Way("bot", url=BOTS)),
        ((campaign(path()), BOT, setup(), NO_ONE), Way("only_path", 0, offer="keto")),
        ((campaign(SHUT, otherwise=ELSE), FACTS, setup(fallback=FALLBACK), NO_ONE), Way("no_path_open", url=ELSE)),
        ((campaign(SHUT), FACTS, setup(fallback=FALLBACK), NO_ONE), Way("no_path_open", url=FALLBACK)),
        ((campaign(SHUT), FACTS, setup(), NO_ONE), Way("no_path_open", 0, offer="keto")),
        ((campaign(MIX), FACTS, CAPPED, {"d"}), Way("capped", 0, offer="e")),
        ((campaign(MIX, otherwise=ELSE), FACTS, CAPPED, FULL), Way("no_offer_open", 0, url=ELSE)),
        ((campaign(MIX), FACTS, CAPPED, FULL), Way("no_offer_open", 0, offer="d")),
    ],
)
def test_where_a_click_goes(way: tuple[Campaign, Mapping[str, str | None], Setup, set[str]], expected: Way) -> None:
    asked, facts, known, full = way
    assert choose_way(asked, facts, MIDDLE, known, full) == expected
    assert expected.reason in REASONS


@given(
    paths=PATHS,
    full=st.sets(st.sampled_from(["keto", "a", "b"])),
    is_bot=st.booleans(),
    is_paused=st.booleans(),
    urls=st.tuples(*[st.sampled_from([None, ELSE])] * 3),
    chances=st.builds(Chances, CHANCES, CHANCES, CHANCES),
)
def test_a_click_never_goes_nowhere(
    paths: list[Path],
    full: set[str],
    is_bot: bool,
    is_paused: bool,
    urls: tuple[str | None, str | None, str | None],
    chances: Chances,
) -> None:
    bots, otherwise, fallback = urls
    known = setup(offer("a", "b"), offer("b"), fallback=fallback)
    asked = campaign(*paths, bots=bots, otherwise=otherwise, paused=is_paused)
    way = choose_way(asked, BOT if is_bot else FACTS, chances, known, full)
    assert (way.url is None) == (way.offer is not None)
    assert way.reason in REASONS
    assert (way.path is None) == (way.reason in ("paused", "bot") or (way.reason == "no_path_open" and bool(way.url)))


def test_every_reason_is_a_sentence() -> None:
    assert all(words.endswith(".") and words[0].isupper() for words in REASONS.values())


def test_a_landing_page_is_chosen_by_weight_and_offers_wait_for_the_step() -> None:
    known = Setup(landings={"quiz": Landing("quiz", "https://lp.example/")}, offers={"keto": offer("keto", "keto2")})
    asked = campaign(Path(OFFERS, [Weighted("quiz", 0), Weighted("quiz", 1)]))
    assert choose_way(asked, FACTS, MIDDLE, known, {"keto"}) == Way("only_path", 0, landing="quiz")
