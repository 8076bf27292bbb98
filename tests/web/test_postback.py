"""`/p/<network>`: who may speak, what is answered, and that everything that arrives is kept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest

from server.pipeline import attribution, batch
from tests.ad_network import setup_with
from tests.relays.ticking import ticking
from tests.web.conftest import TOKEN, World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


def stored(world: World, mark: str) -> str:
    """Everything that was kept of the one request that carries the mark."""
    [found] = [one for one in world.postbacks() if mark in json.dumps(one)]
    return json.dumps(found)


# -- who may speak ---------------------------------------------------------------------------------------------------


def test_the_token_counts_in_query_form_and_json(world: World) -> None:
    click = world.click("/c/summer?ext=token")
    query = f"/p/maxi?token={TOKEN}&click_id={click}&payout=1&txn_id=in-query"
    assert world.get(query).text.startswith("OK accepted ")
    form = f"token={TOKEN}&click_id={click}&payout=1&txn_id=in-form".encode()
    assert world.request("POST", "/p/maxi", form, FORM).text.startswith("OK accepted ")
    document = {"token": TOKEN, "click_id": click, "payout": 1, "txn_id": "in-json"}
    assert world.request("POST", "/p/maxi", json.dumps(document).encode(), JSON).text.startswith("OK accepted ")
    both = f"click_id={click}&payout=1&txn_id=in-both".encode()
    assert world.request("POST", f"/p/maxi?token={TOKEN}", both, FORM).text.startswith("OK accepted ")
    assert len(world.conversions(click)) == 4
    for mark in ("in-query", "in-form", "in-json", "in-both"):
        assert TOKEN not in stored(world, mark)
        assert "***" in stored(world, mark)


@pytest.mark.parametrize(
    "token",
    [
        *(
            "",
            "wrong",
            "A-SECRET-TOKEN-41",
            "a-secret-token-4",
            "a-secret-token-411",
            "%C3%A9",
            "%FF%FE",
            "%00",
            "*",
            "***",
        ),
        *("a-secret-token-41%00", "a-secret-token-41%2C", "{token}", "null", "a" * 5000),
    ],
)
def test_a_wrong_token_is_403_and_is_not_kept(world: World, token: str) -> None:
    click = world.click("/c/summer?ext=wrong")
    mark = f"mark-{click}"
    came = world.get(f"/p/maxi?token={token}&click_id={click}&payout=1&txn_id={mark}")
    assert (came.status, came.text) == (403, "STORED unauthorised")
    kept = stored(world, mark)
    assert '"outcome": "unauthorised"' in kept
    assert TOKEN not in kept
    if len(token) > 3 and token != "null":
        assert token not in kept
    assert world.conversions(click) == []


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"token": "a-secret-token-4", "txn_id": "MARK"}', JSON),
        (b'{"token": 41, "txn_id": "MARK"}', JSON),
        (b'{"token": ["a-secret-token-41"], "txn_id": "MARK"}', JSON),
        (b"token=wrong-one-9&txn_id=MARK", FORM),
        (b"txn_id=MARK", FORM),
        (b"", {"X-Token": TOKEN}),
        (b"", {"Authorization": f"Bearer {TOKEN}"}),
    ],
)
def test_a_token_that_is_not_where_it_belongs_is_403(world: World, body: bytes, headers: dict[str, str]) -> None:
    mark = hashlib.sha256(body + str(headers).encode()).hexdigest()[:16]
    came = world.request("POST", f"/p/maxi?mark={mark}", body.replace(b"MARK", mark.encode()), headers)
    assert (came.status, came.text) == (403, "STORED unauthorised")
    assert "a-secret-token-4" not in stored(world, mark)
    assert "wrong-one-9" not in stored(world, mark)


def test_our_token_is_cut_out_wherever_it_stands(world: World) -> None:
    click = world.click("/c/summer?ext=everywhere")
    target = (
        f"/p/maxi?token={TOKEN}&click_id={click}&note={TOKEN}&url=https%3A%2F%2Fx%2F%3Ftoken%3D{TOKEN}&txn_id=every"
    )
    assert world.get(target).text.startswith("OK accepted ")
    assert TOKEN not in stored(world, click)


def test_an_open_network_needs_none(world: World) -> None:
    click = world.click("/c/open?ext=e")
    assert world.get(f"/p/open?click_id={click}").text.startswith("OK accepted ")
    other = world.click("/c/open?ext=e")
    assert world.get(f"/p/open?click_id={other}&token=whatever").text.startswith("OK accepted ")


def test_a_listed_network_speaks_from_its_own_addresses_alone(world: World) -> None:
    click = world.click("/c/listed?ext=e")
    came = world.get(f"/p/listed?click_id={click}")
    assert (came.status, came.text) == (403, "STORED unauthorised")
    assert world.postbacks(network="listed", limit=1)[0]["reason"] == (
        "The address 127.0.0.1 is not among those of network listed."
    )


def test_a_signature_is_over_the_body(world: World) -> None:
    click = world.click("/c/signed?ext=e")
    body = json.dumps({"click_id": click, "payout": 2, "txn_id": "signed"}).encode()
    digest = hmac.new(b"hmac-secret-42", body, hashlib.sha256).digest()
    for given in (None, "", "00", digest.hex()[:-1], digest.hex()[:-1] + "é", base64.b64encode(digest[:-1]).decode()):
        headers = JSON if given is None else {**JSON, "X-Signature": given.encode("utf-8").decode("latin-1")}
        assert world.request("POST", "/p/signed", body, headers).status == 403
    assert world.request("POST", "/p/signed", body + b" ", {**JSON, "X-Signature": digest.hex()}).status == 403
    assert world.conversions(click) == []
    for given in (digest.hex(), f"sha256={digest.hex()}", digest.hex().upper(), base64.b64encode(digest).decode()):
        assert world.request("POST", "/p/signed", body, {**JSON, "X-Signature": given}).status == 200
    assert len(world.conversions(click)) == 1


# -- what is answered ------------------------------------------------------------------------------------------------

STATUSES = [
    ("click_id=", "no_click_id", 400),
    ("", "no_click_id", 400),
    ("click_id={click_id}", "macro_not_replaced", 400),
    ("click_id=0123456789", "click_id_damaged", 404),
    ("click_id=CLICK&status=maybe", "unknown_status", 400),
    ("click_id=CLICK&payout=1&currency=ZZZ", "unknown_currency", 400),
    ("click_id=FOREIGN", "wrong_network", 404),
]


@pytest.mark.parametrize(("query", "outcome", "status"), STATUSES)
@pytest.mark.parametrize("network", ["open", "strict"])
def test_what_was_stored_is_answered_200_and_strictly_with_a_status(
    world: World, network: str, query: str, outcome: str, status: int
) -> None:
    click, foreign = world.click(f"/c/{network}?ext=e"), world.click("/c/summer?ext=e")
    came = world.get(f"/p/{network}?{query.replace('CLICK', click).replace('FOREIGN', foreign)}")
    assert (came.status, came.text) == (status if network == "strict" else 200, f"STORED {outcome}")
    assert came.headers["content-type"] == "text/plain; charset=utf-8"
    assert world.postbacks(network=network, limit=1)[0]["outcome"] == outcome


@pytest.mark.parametrize(("network", "status"), [("open", 200), ("strict", 400)])
@pytest.mark.parametrize("body", [b"[1]", b"{", b'{"a":', b"[" * 50_000, b'"text"', b"{\xff"])
def test_a_body_that_cannot_be_read_is_kept_as_it_came(world: World, network: str, status: int, body: bytes) -> None:
    came = world.request("POST", f"/p/{network}", body, JSON)
    assert (came.status, came.text) == (status, "STORED unreadable")
    kept = world.postbacks(network=network, limit=1)[0]
    assert kept["body"] == body.decode("utf-8", "backslashreplace")


def test_good_news_is_200_under_strict_too(world: World) -> None:
    click = world.click("/c/strict?ext=e")
    for outcome, status in (
        ("accepted", "pending"),
        ("updated", "approved"),
        ("duplicate", "approved"),
        ("stale", "pending"),
    ):
        came = world.get(f"/p/strict?click_id={click}&payout=3&status={status}")
        assert (came.status, came.text.split()[:2]) == (200, ["OK", outcome])
    [conversion] = world.conversions(click)
    assert came.text == f"OK stale {conversion['id']}"


# -- what is kept ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["nobody", "Maxi", "maxi%20", "maxi/", "maxi/more", "", "%C3%A9%F0%9F%92%A5", "a%2Fb"]
)
def test_a_request_to_no_network_of_ours_is_kept_with_its_address(world: World, address: str) -> None:
    mark = hashlib.sha256(address.encode()).hexdigest()[:16]
    came = world.get(f"/p/{address}?click_id=x&token=t0ken-of-theirs&mark={mark}")
    assert (came.status, came.text) == (403, "STORED unauthorised")
    [kept] = [one for one in world.postbacks() if mark in (one["query"] or "")]
    decoded = {"maxi%20": "maxi ", "%C3%A9%F0%9F%92%A5": "é💥", "a%2Fb": "a/b"}.get(address, address)
    assert (kept["address"], kept["network"], kept["outcome"]) == (f"/p/{decoded}", None, "unauthorised")
    assert kept["reason"] == f"There is no network behind the address /p/{decoded}."
    assert "t0ken-of-theirs" not in json.dumps(kept)


def test_a_request_is_kept_verbatim(world: World) -> None:
    query = "CLICK_ID=%zz&a=%00&b=%ff%fe&c=+%20&&=&d&amp;e=1?f=2&verbatim"
    body = b"\x00\xff x=%41&verbatim"
    world.request("POST", f"/p/open?{query}", body, {"Content-Type": "text/odd; charset=x"})
    kept = world.postbacks(network="open", limit=1)[0]
    assert (kept["method"], kept["query"], kept["content_type"]) == ("POST", query, "text/odd; charset=x")
    assert kept["body"] == "\\x00\\xff x=%41&verbatim"
    assert (kept["ip"], kept["address"]) == ("127.0.0.1", "/p/open")


def test_what_our_own_rules_stumble_over_is_kept_and_can_be_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    with ticking(tmp_path, setup_with("http://127.0.0.1:1")) as loop:
        click = loop.click()
        with monkeypatch.context() as broken:
            for place in (attribution, batch):
                broken.setattr(place, "judge", stumble)
            came = loop.get(f"/p/maxi?token=a-secret&click_id={click}&payout=4&txn_id=t")
        assert (came.status, came.text) == (200, "STORED unreadable")
        assert "a fault of ours" in caplog.text
        assert "a-secret" not in caplog.text
        loop.run("replay", "postbacks", "--outcome", "unreadable")
        [conversion] = loop.rows("conversions")
        assert (conversion["click"], conversion["net"]) == (click, "4.00")
