"""The shapes: each accepts what it names and says what is wrong with the rest."""

from __future__ import annotations

import pytest

from server.catalog.shapes import Misfit, Shape, count, list_of, one_of, switch, table, table_of, text

PAIR = table({"name": text, "token": text}, required=("name",))


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (text, "a"),
        (switch, False),
        (count, 0),
        (one_of("GET", "POST"), "POST"),
        (list_of(text), []),
        (list_of(text), ["a", "b"]),
        (table_of(text), {"any name": "a"}),
        (PAIR, {"name": "zone", "token": "{z}"}),
        (PAIR, {"name": "zone"}),
    ],
)
def test_what_fits_passes(shape: Shape, value: object) -> None:
    shape("k", value)


@pytest.mark.parametrize(
    ("shape", "value", "key"),
    [
        (text, " ", "k"),
        (text, 1, "k"),
        (switch, 1, "k"),
        (switch, "true", "k"),
        (count, True, "k"),
        (count, -1, "k"),
        (count, 1.5, "k"),
        (one_of("GET", "POST"), "get", "k"),
        (one_of("GET", "POST"), ["GET"], "k"),
        (list_of(text), "a", "k"),
        (list_of(text), ["a", 2], "k[1]"),
        (table_of(text), ["a"], "k"),
        (table_of(text), {"x": 1}, "k.x"),
        (PAIR, "zone", "k"),
        (PAIR, {"name": "zone", "tokn": "{z}"}, "k.tokn"),
        (PAIR, {"token": "{z}"}, "k.name"),
    ],
)
def test_what_does_not_fit_names_its_key(shape: Shape, value: object, key: str) -> None:
    with pytest.raises(Misfit) as misfit:
        shape("k", value)

    assert misfit.value.key == key


def test_a_near_miss_is_answered_with_the_right_word() -> None:
    with pytest.raises(Misfit) as misfit:
        PAIR("k", {"name": "zone", "tokn": "{z}"})

    assert misfit.value.remedy == "Did you mean token?"


def test_a_wild_guess_is_answered_with_the_known_words() -> None:
    with pytest.raises(Misfit) as misfit:
        one_of("GET", "POST")("method", "carrier pigeon")

    assert misfit.value.remedy == "Known here: GET, POST."
