"""What a file does not name is left alone; what it names is replaced whole; secrets stay unless they are said anew."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from server.setup.merge import merge
from server.setup.specs import Spec, Specs

NETWORK = {"token": "old", "currency": "EUR", "hmac": {"header": "X-Sig", "secret": "s"}}
RELAY = {"url": "https://a.example", "headers": {"Authorization": "Bearer s", "X-Plain": "p"}}


def merged(kind: str, old: Spec | None, new: Spec) -> Any:
    current = Specs(**{kind: {} if old is None else {"a": old}})
    return merge(current, Specs(**{kind: {"a": new}}), lambda: "made").of(kind)["a"]


def test_what_the_file_does_not_name_is_left_alone() -> None:
    current = Specs(owner={"timezone": "UTC", "domain": "https://a.example"}, landing={"a": {"url": "u"}, "b": {}})
    document = Specs(owner={"timezone": "Asia/Tokyo"}, landing={"a": {"url": "v"}})
    assert merge(current, document, str) == Specs(
        owner={"timezone": "Asia/Tokyo", "domain": "https://a.example"}, landing={"a": {"url": "v"}, "b": {}}
    )


def test_neither_side_is_changed_by_it() -> None:
    current, document = Specs(network={"a": {**NETWORK}}), Specs(network={"a": {"hmac": {"header": "Y"}}, "b": {}})
    merge(current, document, lambda: "made")
    assert current == Specs(network={"a": NETWORK})
    assert document == Specs(network={"a": {"hmac": {"header": "Y"}}, "b": {}})


@pytest.mark.parametrize(
    ("old", "new", "token"),
    [
        (None, {}, "made"),
        (None, {"token": "***"}, "made"),
        (None, {"token": ""}, ""),
        (None, {"token": "said"}, "said"),
        ({"token": "old"}, {}, "old"),
        ({"token": "old"}, {"token": "***"}, "old"),
        ({"token": "old"}, {"token": ""}, ""),
        ({"token": "old"}, {"token": "said"}, "said"),
        ({"token": ""}, {}, ""),
    ],
)
def test_a_token_is_made_once_and_stays(old: Spec | None, new: Spec, token: str) -> None:
    assert merged("network", old, new) == {"token": token}


def test_each_new_network_has_a_token_of_its_own() -> None:
    tokens = count()
    specs = merge(Specs(), Specs(network={"a": {}, "b": {}}), lambda: str(next(tokens)))
    assert specs.network == {"a": {"token": "0"}, "b": {"token": "1"}}


@pytest.mark.parametrize(
    ("new", "hmac"),
    [
        ({"hmac": {"header": "Y"}}, {"header": "Y", "secret": "s"}),
        ({"hmac": {"header": "Y", "secret": "***"}}, {"header": "Y", "secret": "s"}),
        ({"hmac": {"header": "Y", "secret": "t"}}, {"header": "Y", "secret": "t"}),
        ({}, None),
    ],
)
def test_the_secret_of_a_signature_stays_as_long_as_there_is_one(new: Spec, hmac: Spec | None) -> None:
    assert merged("network", NETWORK, new).get("hmac") == hmac


@pytest.mark.parametrize(
    ("relay", "headers"),
    [
        ({}, {"Authorization": "Bearer s"}),
        ({"headers": {"authorization": "***"}}, {"authorization": "Bearer s"}),
        ({"headers": {"Authorization": "Bearer t"}}, {"Authorization": "Bearer t"}),
        ({"headers": {"Authorization": ""}}, {"Authorization": ""}),
        ({"headers": {"X-Plain": "***"}}, {"X-Plain": "***", "Authorization": "Bearer s"}),
        ({"headers": {"X-Api-Key": "***"}}, {"X-Api-Key": "***", "Authorization": "Bearer s"}),
    ],
)
def test_a_secret_header_stays_and_others_go(relay: Spec, headers: Spec) -> None:
    assert merged("source", {"relay": RELAY}, {"relay": relay}) == {"relay": {"headers": headers}}


def test_a_secret_header_stays_even_where_the_relay_is_left_out() -> None:
    assert merged("source", {"relay": RELAY}, {"name": "A"}) == {
        "name": "A",
        "relay": {"headers": {"Authorization": "Bearer s"}},
    }
    assert merged("source", {"relay": {"url": "https://a.example"}}, {"name": "A"}) == {"name": "A"}


def test_no_destination_gets_the_secret_of_another() -> None:
    old = [
        {"url": "https://one.example", "headers": {"Authorization": "one"}},
        {"url": "https://two.example", "headers": {"Authorization": "two"}},
        {"url": "https://two.example", "headers": {"Authorization": "three"}},
    ]
    masked = {"Authorization": "***"}
    new: list[Spec] = [
        {"url": "https://two.example", "headers": masked},
        {"url": "https://two.example"},
        {"url": "https://new.example", "headers": masked},
    ]
    kept = merged("campaign", {"destinations": old}, {"destinations": new})["destinations"]
    assert [destination.get("headers") for destination in kept] == [
        {"Authorization": "two"},
        {"Authorization": "three"},
        masked,  # nobody knows it: refused when it is built
    ]
