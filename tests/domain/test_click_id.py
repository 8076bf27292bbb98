"""A click id carries its key and proves itself; any damage to it is seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from server.domain import click_id
from server.domain.click_id import Keys, decode, encode, first_key, is_suggested_by, key_time, surviving_key

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
NOON = 1_767_441_600_000
SECRET = b"0123456789abcdef"
KEYS = st.integers(0, (1 << 63) - 1)


@given(key=KEYS, secret=st.binary(min_size=1, max_size=32))
def test_an_id_gives_back_its_key_in_any_case(key: int, secret: bytes) -> None:
    text = encode(key, secret)
    assert decode(text, secret) == key
    assert decode(text.upper(), secret) == key
    assert decode(text.title(), secret) == key


@given(key=KEYS)
def test_an_id_is_23_characters_without_look_alikes(key: int) -> None:
    text = encode(key, SECRET)
    assert len(text) == 23
    assert set(text) <= set(LETTERS)
    assert not set(text) & set("ilou")


def test_an_id_stays_what_it_was_when_it_was_given_out() -> None:
    assert encode(1_234_567_890_123_456_789, SECRET) == "24h11x3xx60haq9xbfjmpb0"
    assert encode(0, SECRET) == "0000000000000y4sxx21z5g"


@given(key=KEYS, place=st.integers(0, 22), other=st.sampled_from(LETTERS) | st.characters())
@example(key=1, place=20, other="\N{KELVIN SIGN}")
def test_one_character_changed_is_damage(key: int, place: int, other: str) -> None:
    text = encode(key, SECRET)
    assume(other not in (text[place], text[place].upper()))
    assert decode(text[:place] + other + text[place + 1 :], SECRET) is None


@given(key=KEYS, place=st.integers(0, 22))
def test_one_character_dropped_is_damage(key: int, place: int) -> None:
    text = encode(key, SECRET)
    assert decode(text[:place] + text[place + 1 :], SECRET) is None


@given(key=KEYS, place=st.integers(0, 22))
def test_one_character_doubled_is_damage(key: int, place: int) -> None:
    text = encode(key, SECRET)
    assert decode(text[: place + 1] + text[place:], SECRET) is None


@given(key=KEYS, place=st.integers(0, 21))
def test_two_neighbours_swapped_are_damage(key: int, place: int) -> None:
    text = encode(key, SECRET)
    assume(text[place] != text[place + 1])
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert decode(swapped, SECRET) is None


@given(key=KEYS)
def test_an_id_of_another_data_folder_does_not_prove_itself(key: int) -> None:
    assert decode(encode(key, b"another key"), SECRET) is None


def test_spare_bits_have_to_be_zero() -> None:
    text = encode(7, SECRET)
    last = LETTERS.index(text[-1])
    assert last % 8 == 0
    assert [decode(text[:-1] + LETTERS[last + spare], SECRET) for spare in range(1, 8)] == [None] * 7


@given(text=st.text(max_size=30) | st.text(LETTERS, min_size=20, max_size=26))
def test_no_text_stumbles(text: str) -> None:
    assert decode(text, SECRET) is None
    key = surviving_key(text)
    assert key is None or 0 <= key < 1 << 63
    assert is_suggested_by(text, encode(5, SECRET)) in (True, False)


@given(key=KEYS, kept=st.integers(14, 22))
def test_fourteen_surviving_characters_suggest_the_click(key: int, kept: int) -> None:
    text = encode(key, SECRET)
    cut = text[:kept].upper()
    assert surviving_key(cut) == key
    assert is_suggested_by(cut, text)
    assert is_suggested_by(text[:14] + "000000000", text)


@pytest.mark.parametrize("kept", range(14))
def test_fewer_than_fourteen_characters_suggest_nothing(kept: int) -> None:
    assert surviving_key(encode(1 << 60, SECRET)[:kept]) is None


@given(key=KEYS, place=st.integers(0, 13), other=st.sampled_from(LETTERS))
def test_damage_within_the_first_fourteen_characters_suggests_another_click_or_none(
    key: int, place: int, other: str
) -> None:
    text = encode(key, SECRET)
    assume(other != text[place])
    assert not is_suggested_by(text[:place] + other + text[place + 1 :], text)


# -- keys ----------------------------------------------------------------------------------------------------------


@given(steps=st.lists(st.integers(0, 3), min_size=1, max_size=60), server=st.integers(0, 200))
def test_keys_rise_with_time_and_where_the_clock_stands_still(steps: list[int], server: int) -> None:
    keys, now, given_out = Keys(server), NOON, []
    for step in steps:
        now += step
        given_out.append(keys.next(now))
    assert given_out == sorted(set(given_out))


@given(jitter=st.lists(st.integers(-9_000, 9_000), min_size=1, max_size=60))
def test_keys_rise_though_the_clock_trembles(jitter: list[int]) -> None:
    keys = Keys(1)
    given_out = [keys.next(NOON + shift // 2) for shift in jitter]
    assert given_out == sorted(set(given_out))


def test_keys_rise_beyond_what_one_millisecond_holds() -> None:
    keys = Keys(3)
    given_out = [keys.next(NOON) for _ in range(70_000)]
    assert given_out == sorted(set(given_out))
    assert key_time(given_out[-1]) == NOON + 1


def test_a_clock_set_back_an_hour_is_believed_and_no_key_comes_twice() -> None:
    keys = Keys(0)
    first_pass = {keys.next(NOON + tick // 10) for tick in range(1000)}
    keys.next(NOON + 3_600_000)
    second_pass = {keys.next(NOON + tick // 10) for tick in range(1000)}
    assert not first_pass & second_pass
    assert len(second_pass) == 1000
    assert all(NOON <= key_time(key) < NOON + 100 for key in second_pass)


@pytest.mark.parametrize("now", [0, 1000, 1_577_836_799_999])
def test_a_machine_whose_clock_starts_in_1970_still_gives_out_ids(now: int) -> None:
    keys = Keys(5)
    one, two = keys.next(now), keys.next(now)
    assert 0 <= one < two
    assert decode(encode(one, SECRET), SECRET) == one


def test_threads_never_get_the_same_key() -> None:
    keys = Keys(9)
    with ThreadPoolExecutor(8) as pool:
        given_out = list(pool.map(keys.next, [NOON] * 4000))
    assert len(set(given_out)) == 4000


def test_servers_of_one_database_never_give_out_the_same_key() -> None:
    given_out = [Keys(server).next(NOON) for server in range(64)]
    assert len(set(given_out)) == 64


@given(time=st.integers(NOON - 10**11, NOON + 10**12), server=st.integers(0, 63))
def test_a_range_of_time_is_a_range_of_keys(time: int, server: int) -> None:
    key = Keys(server).next(time)
    assert key_time(key) == time
    assert first_key(time) <= key < first_key(time + 1)
    assert key <= click_id.MAX_KEY


def test_a_time_before_all_clicks_starts_at_the_smallest_key() -> None:
    assert first_key(0) == 0
    assert key_time(0) == 1_577_836_800_000
