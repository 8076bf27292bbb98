"""A network's request becomes a receipt with an outcome: who may speak, what is stored, and what it was found to be."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from server.clock import DAY, MINUTE
from server.domain import click_id as ids
from server.domain.outcome import Outcome
from server.pipeline import attribution
from server.pipeline.attribution import MOST_UNAUTHORISED
from server.storage.tables import PostbackRow
from tests.pipeline.world import NOON, World, small_setup

TOKEN = "the-secret-of-maxi"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def setup_with(network: str, **more: str) -> str:
    return small_setup(**more).replace('key = "maxi"\ntoken = ""', f'key = "maxi"\n{network}')


@pytest.fixture
def guarded(empty_world: World) -> World:
    empty_world.apply(setup_with(f'token = "{TOKEN}"'))
    return empty_world


def outcome(world: World, query: str = "", body: str = "", content_type: str = "", **more: Any) -> str:
    return world.receive(world.receipt(query.encode(), body.encode(), content_type, **more)).outcome.value


# -- who may speak ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "body", "content_type"),
    [
        (f"token={TOKEN}&click_id=CLICK", "", ""),
        (f"click_id=CLICK&TOKEN=%20{TOKEN.replace('-', '%2D')}/", "", ""),
        (f"click_id=CLICK&amp;token={TOKEN}", "", ""),
        (f"token={TOKEN}?click_id=CLICK&payout=5", "", ""),
        ("click_id=CLICK", f"payout=5&token={TOKEN}", FORM),
        ("", json.dumps({"token": TOKEN, "click_id": "CLICK"}), JSON),
        ("", json.dumps({"click_id": "CLICK", "Token": TOKEN}), ""),
        (f"token=&token={TOKEN}&click_id=CLICK", "", ""),
    ],
    ids=["query", "encoded", "amp", "second question mark", "form", "json", "json, any case", "the second one"],
)
def test_the_token_opens_the_door_wherever_it_stands_and_is_not_stored(
    guarded: World, query: str, body: str, content_type: str
) -> None:
    click_id = guarded.click()
    query, body = query.replace("CLICK", click_id), body.replace("CLICK", click_id)
    assert outcome(guarded, query, body, content_type) == "accepted"
    (stored,) = guarded.receipts()
    raw = stored.query + stored.body
    assert b"***" in raw
    assert click_id.encode() in raw
    assert b"secret" not in raw
    assert guarded.replay()[0].after == "accepted"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("click_id=CLICK", "The request carries no token, and network maxi has one."),
        ("click_id=CLICK&token=", "The request carries no token, and network maxi has one."),
        ("click_id=CLICK&token=guess", "The token is not that of network maxi."),
        (f"click_id=CLICK&token={TOKEN.upper()}", "The token is not that of network maxi."),
        (f"click_id=CLICK&token={TOKEN}x", "The token is not that of network maxi."),
        ("click_id=CLICK&token=%C3%A9", "The token is not that of network maxi."),
        (f"click_id=CLICK&custom1={TOKEN}", "The request carries no token, and network maxi has one."),
    ],
)
def test_without_the_token_nothing_is_booked_but_the_request_is_kept(guarded: World, query: str, reason: str) -> None:
    click_id = guarded.click()
    assert outcome(guarded, query.replace("CLICK", click_id)) == "unauthorised"
    (receipt,) = guarded.postbacks()
    assert (receipt["outcome"], receipt["reason"], receipt["network"]) == ("unauthorised", reason, "maxi")
    assert receipt["remedy"].startswith("Compare the postback URL at the network with the one")
    assert click_id in receipt["query"]
    assert "guess" not in receipt["query"]
    assert TOKEN not in receipt["query"]
    assert (receipt["click"], receipt["conversion"]) == (None, None)
    assert guarded.conversions() == []


def test_a_token_in_the_wrong_place_stays_out_of_everything_that_is_kept(guarded: World) -> None:
    """Somebody pasted it into the parameter of the click id, too."""
    assert outcome(guarded, f"token={TOKEN}&click_id={TOKEN}") == "click_id_damaged"
    click_id = guarded.click()
    assert outcome(guarded, f"token={TOKEN}&click_id={click_id}&txn_id={TOKEN}&custom1={TOKEN}") == "accepted"
    kept = json.dumps([guarded.postbacks(), guarded.conversions()])
    assert TOKEN not in kept


def test_a_request_to_an_address_of_nobody_is_kept_with_its_address(world: World) -> None:
    assert outcome(world, "click_id=x&token=what", address="maxxi") == "unauthorised"
    (receipt,) = world.postbacks()
    assert (receipt["network"], receipt["address"]) == (None, "/p/maxxi")
    assert receipt["reason"] == "There is no network behind the address /p/maxxi."
    assert receipt["query"] == "click_id=x&token=***"


def test_a_flood_of_unauthorised_requests_pushes_out_its_own_oldest(guarded: World) -> None:
    old = {
        "time": NOON, "network_id": 1, "address": "maxi", "method": "GET", "query": b"old", "body": b"",
        "content_type": "", "ip": "", "outcome": "unauthorised", "warnings": [], "reason": "", "remedy": "",
    }  # fmt: skip
    guarded.data.database.write(
        lambda connection: connection.execute(PostbackRow.__table__.insert(), [old] * MOST_UNAUTHORISED)
    )
    outcome(guarded, "of=maxi")
    outcome(guarded, "of=nobody", address="maxxi")
    outcome(guarded, f"token={TOKEN}")
    stored = guarded.receipts()
    assert len(stored) == MOST_UNAUTHORISED + 2
    assert stored[0].id == 2
    assert [row.query for row in stored[-3:]] == [b"of=maxi", b"of=nobody", b"token=***"]


@pytest.mark.parametrize(
    ("ip", "expected"),
    [
        ("192.0.2.7", "accepted"),
        ("2001:db8::1", "accepted"),
        ("::ffff:192.0.2.7", "accepted"),  # how a socket of both kinds tells an IPv4 address
        ("198.51.100.1", "unauthorised"),
        ("2001:db9::1", "unauthorised"),
        ("", "unauthorised"),
        ("unknown", "unauthorised"),
    ],
)
def test_a_list_of_addresses_is_minded(empty_world: World, ip: str, expected: str) -> None:
    world = empty_world
    world.apply(setup_with('token = ""\nips = ["192.0.2.0/24", "2001:db8::/32"]'))
    assert outcome(world, f"click_id={world.click()}", ip=ip) == expected


HMAC = 'token = ""\nhmac = {{ header = "X-Signature", secret = "signing-secret", over = "{over}" }}'


def signed(content: bytes, secret: bytes = b"signing-secret") -> bytes:
    return hmac.new(secret, content, hashlib.sha256).digest()


@pytest.mark.parametrize("over", ["body", "query"])
def test_a_signature_is_checked_over_what_the_network_signs(empty_world: World, over: str) -> None:
    world = empty_world
    world.apply(setup_with(HMAC.format(over=over)))
    click_id = world.click()
    query, body = f"click_id={click_id}&payout=5", f"custom1={click_id}"
    right = signed((body if over == "body" else query).encode())
    wrong = signed((query if over == "body" else body).encode())
    forged = signed((body if over == "body" else query).encode(), b"another-secret")
    expected = {
        right.hex(): "accepted",
        right.hex().upper(): "duplicate",
        f"sha256={right.hex()}": "duplicate",
        base64.b64encode(right).decode(): "duplicate",
        base64.b64encode(right).decode().swapcase(): "unauthorised",
        wrong.hex(): "unauthorised",
        forged.hex(): "unauthorised",
        "": "unauthorised",
        "é": "unauthorised",
    }
    for signature, outcome_word in expected.items():
        came = outcome(world, query, body, FORM, headers={"x-signature": signature})
        assert came == outcome_word, signature
    assert outcome(world, query, body, FORM) == "unauthorised"
    assert world.postbacks()[-1]["reason"] == "The signature in X-Signature is missing or wrong."


# -- what is stored --------------------------------------------------------------------------------------------------


def test_a_receipt_is_the_request_byte_for_byte(world: World) -> None:
    click_id = world.click()
    query = f"click_id={click_id}&sub=%00%ff&x=".encode() + bytes(range(1, 256)).replace(b"&", b"")
    body = b'\xef\xbb\xbf{"event": "a\\u0000b\\ud800", "custom1": "\xff\xfe"}'
    came = world.receipt(query, body, 'application/json; charset="utf-8"', ip="2001:db8::7")
    assert world.receive(came).outcome is Outcome.ACCEPTED
    (stored,) = world.receipts()
    assert (stored.query, stored.body) == (query, body)
    assert (stored.time, stored.address, stored.method) == (NOON, "maxi", "POST")
    assert (stored.content_type, stored.ip) == ('application/json; charset="utf-8"', "2001:db8::7")
    assert world.conversion()["event"] == "a%00b\\ud800"
    assert world.conversion()["custom1"] == "%FF%FE"
    assert world.postbacks()[0]["warnings"] == ["odd_encoding", "no_payout"]


def test_a_receipt_over_which_we_stumble_is_kept_and_can_be_judged_later(world: World) -> None:
    click_id = world.click()
    receipt = world.receipt(f"click_id={click_id}&payout=5".encode())
    ground = world.ground
    kept = world.data.database.write(lambda connection: attribution.keep_unjudged(connection, receipt, ground))
    assert (kept.outcome, kept.conversion_id) == (Outcome.UNREADABLE, None)
    assert world.postbacks()[0]["reason"] == "The request could not be read: a fault of Tallyback's."
    (replayed,) = world.replay()
    assert (replayed.before, replayed.after) == ("unreadable", "accepted")
    assert world.conversion()["payout"] == "5.00"


# -- each outcome ----------------------------------------------------------------------------------------------------


def kept(world: World) -> tuple[str, str, str | None, int | None]:
    """Of the latest receipt: outcome, reason, click and conversion."""
    receipt = world.postbacks()[-1]
    return receipt["outcome"], receipt["reason"], receipt["click"], receipt["conversion"]


def test_unreadable(world: World) -> None:
    outcome(world, "", '[{"click_id": 1}]', JSON)
    assert kept(world) == (
        "unreadable",
        "The request could not be read: the body is JSON, but not one object.",
        None,
        None,
    )


def test_no_click_id(world: World) -> None:
    outcome(world, "payout=5&click_id=")
    assert kept(world) == (
        "no_click_id",
        "No parameter holds a click id; looked in click_id, clickid, cid, subid, sub_id, s2, hit, aff_sub.",
        None,
        None,
    )


def test_macro_not_replaced(world: World) -> None:
    outcome(world, "click_id={sub1}&payout=5")
    assert kept(world) == (
        "macro_not_replaced",
        "The click id in click_id is the macro {sub1}, which the network did not replace.",
        None,
        None,
    )


def test_click_id_damaged(world: World) -> None:
    click_id = world.click()
    outcome(world, f"cid={click_id[:20]}")
    assert kept(world) == (
        "click_id_damaged",
        f"The click id in cid is not whole: {click_id[:20]}; it could have been {click_id}.",
        None,
        None,
    )
    outcome(world, f"cid={click_id[:13]}")
    assert kept(world)[1] == f"The click id in cid is not whole: {click_id[:13]}."


def test_click_unknown(world: World) -> None:
    key = ids.first_key(NOON) + 5
    unknown = world.ground.click_text(key)
    outcome(world, f"click_id={unknown}")
    assert kept(world) == (
        "click_unknown",
        f"The click id {unknown} in click_id proves itself, but no such click is recorded here.",
        unknown,
        None,
    )


def test_a_click_id_of_another_tallyback_is_damaged_not_unknown(world: World) -> None:
    foreign = ids.encode(ids.first_key(NOON) + 5, b"another key of 32 bytes or so...")
    assert outcome(world, f"click_id={foreign}") == "click_id_damaged"


def test_wrong_network(world: World) -> None:
    click_id = world.click()
    world.post(click_id, "other", payout="5")
    assert kept(world) == (
        "wrong_network",
        f"Click {click_id} never went to an offer of network other.",
        click_id,
        None,
    )


def test_the_latest_step_to_an_offer_of_this_network_counts(empty_world: World) -> None:
    world = empty_world
    offers = 'offers = [{ offer = "keto", weight = 100 }, { offer = "elsewhere", weight = 100 }]'
    landing = 'landings = [{ landing = "quiz", weight = 100 }]'
    world.apply(small_setup().replace('offers = [{ offer = "keto", weight = 100 }]', f"{offers}\n{landing}"))
    click_id = world.click()
    world.post(click_id)
    assert kept(world)[0] == "wrong_network"  # on the landing page still
    world.step(click_id, 2)
    world.step(click_id, 1)
    world.post(click_id, "other")
    world.post(click_id, "maxi")
    assert [(row["offer"], row["network"], row["payout"]) for row in world.conversions()] == [
        ("elsewhere", "other", "7.00"),
        ("keto", "maxi", "32.00"),
    ]


def test_unknown_status_and_unknown_currency(world: World) -> None:
    click_id = world.click()
    world.post(click_id, status="kwalifikowany")
    assert kept(world) == (
        "unknown_status",
        "The status kwalifikowany in status is not a word that network maxi is known to use.",
        click_id,
        None,
    )
    world.post(click_id, payout="5", currency="DOGE")
    assert kept(world) == ("unknown_currency", "The currency DOGE in currency is not known.", click_id, None)
    assert world.conversions() == []
    assert world.relays() == []


def test_test(world: World) -> None:
    click_id = world.click(echo="http://127.0.0.1:9")
    world.post(click_id, payout="5")
    assert kept(world) == ("test", "The click was made by a test; nothing is booked.", click_id, 1)
    assert (world.conversion()["test"], world.conversion()["counted"]) == (True, False)


def test_accepted_duplicate_updated_and_stale(world: World) -> None:
    click_id = world.click()
    world.post(click_id, payout="5", txn_id="T1")
    assert kept(world) == ("accepted", "A new conversion, approved: 5.00 USD.", click_id, 1)
    world.post(click_id.upper(), payout="5.00", txn_id="T1")
    assert kept(world) == ("duplicate", "The same was said before.", click_id, 1)
    world.post(click_id, status="chargeback", txn_id="T1")
    assert kept(world) == ("updated", "The conversion is now charged back: 5.00 USD, 0.00 left.", click_id, 1)
    world.post(click_id, status="rejected", txn_id="T1")
    assert kept(world) == (
        "stale",
        "The conversion is already charged back; rejected does not change that.",
        click_id,
        1,
    )
    conversion = world.conversion()
    assert (conversion["status"], conversion["original_status"]) == ("charged_back", "approved")
    assert (conversion["payout"], conversion["net"], conversion["counted"]) == ("5.00", "0.00", True)


def test_conflict(world: World) -> None:
    first, second = world.click(), world.click(ext="e2")
    world.post(first, payout="5", txn_id="T1")
    world.post(second, payout="5", txn_id="T1")
    assert kept(world) == ("conflict", f"Transaction T1 already belongs to another click, {first}.", second, 2)
    assert [row["kept"] for row in world.conversions()] == [None, "conflict"]
    assert len(world.relays()) == 1


def test_late(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(offer="window_days = 30"))
    in_time, late = world.click(), world.click()
    world.later(30 * DAY)
    world.post(in_time)
    assert kept(world)[0] == "accepted"
    world.later(MINUTE)
    world.post(late)
    assert kept(world) == (
        "late",
        "The conversion came 30 days after the click; the window of offer keto is 30 days.",
        late,
        2,
    )
    assert [row["counted"] for row in world.conversions()] == [True, False]
    assert len(world.relays()) == 1


def test_warnings_stand_beside_the_outcome_with_what_to_do(world: World) -> None:
    click_id = world.click(ext="")
    outcome(world, f"zone={click_id}&payout=1,234&txn_id=A&txn_id=B&event=upsell")
    (receipt,) = world.postbacks()
    assert receipt["outcome"] == "accepted"
    assert dict(zip(receipt["warnings"], receipt["warning_reasons"], strict=True)) == {
        "click_id_in_other_parameter": "The click id stands in zone, not in a parameter that is mapped to it.",
        "bad_value": "1,234 in payout is no amount that can be read one way only.",
        "repeated_parameter": "txn_id is there more than once with different values; A counts.",
        "no_payout": "Neither the postback nor offer keto names a payout for event upsell; it counts as 0.",
        "no_external_id": "The click carries no external id of source prop, so the source cannot be told.",
    }
    assert world.conversion()["warnings"] == receipt["warnings"]
