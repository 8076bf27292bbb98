"""Relays as an ad network meets them: what it is sent, what its answers lead to, and what it is never told."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import tomli_w

from server.api import lists
from server.api.data import Data, open_data
from server.api.lists import Filters
from server.storage.tables import AttemptRow
from tests.ad_network import AdNetwork, Scripted, Told, setup_with
from tests.loop import Loop, running

HOSTILE = 'a "b"&c=d+e%41#x?y/é💥\\z;\'<i>`|^'
IN_PERCENT = "a%20%22b%22%26c%3Dd%2Be%2541%23x%3Fy%2F%C3%A9%F0%9F%92%A5%5Cz%3B%27%3Ci%3E%60%7C%5E"
SECRETS = ("bearer-secret-1", "token-secret-2", "cookie-secret-3", "key-secret-4")

RELAYS: dict[str, dict[str, Any]] = {
    "get": {
        "url": "/conv/{sub1}/x?v={external_id}&e={event}&s={sub1}&p={payout}&st={status|approved=1}&n={sub2|none}",
        "headers": {"X-Event": "{event}", "X-Fixed": "yes"},
    },
    "form": {
        "url": "/conv",
        "method": "POST",
        "body": "v={external_id}&e={event}&s={sub1}&empty={sub2}&id={conversion_id}",
    },
    "json": {
        "url": "/conv?v={external_id}",
        "method": "POST",
        "headers": {"Content-Type": "application/json; charset=utf-8", "X-Txn": "{txn_id}"},
        "body": '{"event": "{event}", "sub": {sub1}, "none": {sub2}, "value": {payout}, "ids": ["{click_id}", {external_id}]}',
    },
    "put": {"url": "/conv/{external_id}", "method": "PUT", "body": '["{sub1}"]'},
    "success": {"url": "/conv?v={external_id}", "success": "thanks"},
    "retried": {"url": "/conv?v={external_id}"},
    "refused": {"url": "/conv?v={external_id}"},
    "unauthorised": {"url": "/conv?v={external_id}"},
    "forbidden": {"url": "/conv?v={external_id}"},
    "gone": {"url": "/conv?v={external_id}"},
    "moved": {"url": "/conv?v={external_id}"},
    "slow": {"url": "/conv?v={external_id}"},
    "fast": {"url": "/conv?v={external_id}"},
    "walled": {"url": "/conv?v={external_id}", "allow": []},
    "secretive": {
        "url": "/conv?token=token-secret-2&v={external_id}",
        "headers": {
            "Authorization": "Bearer bearer-secret-1",
            "Cookie": "c=cookie-secret-3",
            "X-Api-Key": "key-secret-4",
        },
    },
}


def setup(urls: dict[str, str]) -> str:
    sources, campaigns = [], []
    for key, template in RELAYS.items():
        relay = {"allow": ["127.0.0.0/8"], **template, "url": urls[key] + template["url"]}
        sources.append({"key": key, "external_id": "${SUBID}", "relay": relay})
        campaigns.append({"key": key, "source": key, "path": [{"offers": [{"offer": "keto"}]}]})
    return tomli_w.dumps(
        {
            "source": sources,
            "network": [{"key": "maxi", "token": "a-secret", "currency": "USD"}],
            "offer": [{"key": "keto", "network": "maxi", "url": "https://go.example.net/?sub1={click_id}"}],
            "campaign": campaigns,
        }
    )


@dataclass
class World:
    loop: Loop
    data: Data
    ads: dict[str, AdNetwork]

    def sale(self, source: str, visitor: str, *, click: str = "", postback: str = "payout=12.5") -> str:
        """A click of that source and its conversion; the click id."""
        click_id = self.loop.click(f"/c/{source}?ext={visitor}{click}")
        came = self.loop.get(f"/p/maxi?token=a-secret&click_id={click_id}&txn_id={source}-{visitor}&{postback}")
        assert came.text.startswith("OK accepted "), came
        return click_id

    def relay(self, click_id: str) -> dict[str, Any]:
        [relay] = lists.relays_list(self.data, Filters(click=click_id))
        return relay

    def settled(self, click_id: str, *states: str, seconds: float = 10) -> dict[str, Any]:
        self.loop.until(lambda: self.relay(click_id)["state"] in states, seconds)
        return self.relay(click_id)

    def told(self, source: str, visitor: str) -> list[Told]:
        return [told for told in self.ads[source].told if visitor in told.path + told.body]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    ads = {key: AdNetwork() for key in RELAYS}
    for ad in ads.values():
        ad.__enter__()
    try:
        text = setup({key: ad.url for key, ad in ads.items()})
        with running(tmp_path_factory.mktemp("relays"), text) as loop, open_data(str(loop.folder)) as data:
            yield World(loop, data, ads)
            assert "Traceback" not in loop.errors()
    finally:
        for ad in ads.values():
            ad.__exit__()


# -- what an ad network is sent --------------------------------------------------------------------------------------


def sent(world: World, source: str) -> Told:
    """What the source is told of a conversion whose event and sub are as hostile as text can be."""
    visitor = f"v-{source}"
    told_us = f"payout=12.5&event={quote(HOSTILE)}"
    click_id = world.sale(source, visitor, click=f"&sub1={quote(HOSTILE)}&sub2=null", postback=told_us)
    relay = world.settled(click_id, "delivered")
    [told] = world.told(source, visitor)
    assert told.headers["Idempotency-Key"] == relay["key"]
    assert relay["url"] == world.ads[source].url + told.path
    assert (relay["method"], relay["body"] or "") == (told.method, told.body)
    return told


def test_a_get_carries_every_value_encoded_for_where_it_stands(world: World) -> None:
    told = sent(world, "get")
    assert told.method == "GET"
    assert told.path == f"/conv/{IN_PERCENT}/x?v=v-get&e={IN_PERCENT}&s={IN_PERCENT}&p=12.50&st=1&n=none"
    assert told.headers["X-Event"] == 'a "b"&c=d+e%41#x?y/&#233;&#128165;\\z;\'<i>`|^'
    assert told.headers["X-Fixed"] == "yes"
    assert told.body == ""


def test_a_form_carries_every_value_encoded(world: World) -> None:
    told = sent(world, "form")
    value = quote_plus(HOSTILE)
    assert (told.method, told.path) == ("POST", "/conv")
    assert told.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert re.fullmatch(r"v=v-form&e=(.+)&s=(.+)&empty=&id=\d+", told.body)
    assert told.body.startswith(f"v=v-form&e={value}&s={value}&empty=&id=")


def test_json_stays_json_whatever_the_values_are(world: World) -> None:
    told = sent(world, "json")
    document = json.loads(told.body)
    click_id = document["ids"][0]
    assert document == {"event": HOSTILE, "sub": HOSTILE, "none": None, "value": 12.50, "ids": [click_id, "v-json"]}
    assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{23}", click_id)
    assert (told.method, told.path) == ("POST", "/conv?v=v-json")
    assert told.headers["Content-Type"] == "application/json; charset=utf-8"
    assert told.headers["X-Txn"] == "json-v-json"


def test_a_put_is_one_and_a_body_that_looks_like_json_is_called_so(world: World) -> None:
    told = sent(world, "put")
    assert (told.method, told.path, told.headers["Content-Type"]) == ("PUT", "/conv/v-put", "application/json")
    assert json.loads(told.body) == [HOSTILE]


def test_no_value_breaks_out_of_a_header_or_a_path(world: World) -> None:
    breaking = "x%0D%0AX-Evil:%201%0D%0A%0D%0AGET%20/evil%20HTTP/1.1%0D%0A%00"
    click_id = world.sale("get", "v-break", click=f"&sub1=..%2F..%2F{breaking}", postback=f"payout=1&event={breaking}")
    world.settled(click_id, "delivered")
    [told] = world.told("get", "v-break")
    assert "X-Evil" not in told.headers
    assert told.path.startswith(
        "/conv/..%2F..%2Fx%0D%0AX-Evil%3A%201%0D%0A%0D%0AGET%20%2Fevil%20HTTP%2F1.1/x?v=v-break&e=x%0D%0A"
    )
    assert told.headers["X-Event"] == "xX-Evil: 1GET /evil HTTP/1.1"
    assert not [one for one in world.ads["get"].told if one.path.startswith("/evil")]


def test_an_external_id_that_is_hostile_reaches_the_source_as_it_came(world: World) -> None:
    click_id = world.sale("fast", quote(HOSTILE, safe=""))
    world.settled(click_id, "delivered")
    assert [told.path for told in world.ads["fast"].told].count(f"/conv?v={IN_PERCENT}") == 1


# -- what its answers lead to ----------------------------------------------------------------------------------------


def test_500_is_tried_again_after_five_seconds_and_then_delivered(world: World) -> None:
    world.ads["retried"].script.append(Scripted(500, b"try later"))
    click_id = world.sale("retried", "v-retried")
    failed = world.settled(click_id, "failed")
    assert (failed["reason"], failed["attempts"], failed["history"][0]["answer"]) == ("http_500", 1, "try later")
    assert failed["next_attempt"] is not None
    delivered = world.settled(click_id, "delivered", seconds=20)
    assert (delivered["attempts"], delivered["reason"]) == (2, None)
    once, again = (datetime.fromisoformat(attempt["time"]) for attempt in delivered["history"])
    assert 4 <= (again - once).total_seconds() < 10
    first, second = world.told("retried", "v-retried")
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == delivered["key"]
    assert first.path == second.path


def test_the_success_text_decides_over_a_200(world: World) -> None:
    world.ads["success"].script.extend([Scripted(200, b"error: unknown click"), Scripted(200, b"many thanks")])
    wrong = world.settled(world.sale("success", "v-error"), "failed")
    assert (wrong["reason"], wrong["history"][0]["answer"]) == ("no_success_text", "error: unknown click")
    assert world.settled(world.sale("success", "v-thanks"), "delivered")["attempts"] == 1


@pytest.mark.parametrize("status", [400, 402, 405, 422, 451])
def test_a_refusal_is_dead_at_once(world: World, status: int) -> None:
    world.ads["refused"].script.append(Scripted(status, b"no such goal"))
    dead = world.settled(world.sale("refused", f"v-{status}"), "dead")
    assert (dead["reason"], dead["attempts"], dead["next_attempt"]) == (f"http_{status}", 1, None)
    assert dead["history"][0]["answer"] == "no such goal"
    assert world.settled(world.sale("refused", f"after-{status}"), "delivered")["attempts"] == 1


@pytest.mark.parametrize(("source", "status"), [("unauthorised", 401), ("forbidden", 403)])
def test_a_wrong_key_pauses_the_destination_until_a_person_resumes_it(world: World, source: str, status: int) -> None:
    world.ads[source].script.append(Scripted(status, b"who are you?"))
    first = world.sale(source, "v-first")
    assert world.settled(first, "held")["reason"] == f"http_{status}"
    second = world.sale(source, "v-second")
    held = world.relay(second)
    assert (held["state"], held["reason"], held["attempts"]) == ("held", f"http_{status}", 0)
    assert world.settled(world.sale("fast", f"v-beside-{source}"), "delivered")  # nobody else waits
    assert len(world.ads[source].told) == 1
    assert world.loop.run("replay", "relays", "--source", source).stdout == "2 relays are due again.\n"
    for click_id in (first, second):
        world.settled(click_id, "delivered")
    assert len(world.told(source, "v-first")) == 2
    assert len(world.told(source, "v-second")) == 1
    assert world.loop.run("replay", "relays", "--source", source, expect=1).stdout.startswith("No ")


def test_gone_is_dead_and_pauses_the_destination(world: World) -> None:
    world.ads["gone"].script.append(Scripted(410))
    dead = world.settled(world.sale("gone", "v-gone"), "dead")
    assert (dead["reason"], dead["attempts"]) == ("http_410", 1)
    held = world.relay(world.sale("gone", "v-later"))
    assert (held["state"], held["reason"]) == ("held", "http_410")
    assert len(world.ads["gone"].told) == 1


def test_a_redirect_is_not_followed(world: World) -> None:
    with AdNetwork() as canary:
        world.ads["moved"].script.append(Scripted(302, headers={"Location": f"{canary.url}/secret"}))
        failed = world.settled(world.sale("moved", "v-moved"), "failed")
        assert (failed["reason"], failed["history"][0]["status"]) == ("redirect", 302)
        assert canary.told == []


def test_a_slow_source_delays_no_other(world: World) -> None:
    answers = threading.Event()
    world.ads["slow"].script.extend([Scripted(wait=answers)] * 4)
    slow = [world.sale("slow", f"v-slow{number}") for number in range(4)]
    try:
        world.loop.until(lambda: len(world.ads["slow"].told) == 2)
        for number in range(5):
            world.settled(
                world.sale("fast", f"v-fast{number}"), "delivered", seconds=5
            )  # the slow one would take a minute
        assert [world.relay(click_id)["state"] for click_id in slow].count("sending") == 2
    finally:
        answers.set()
    for click_id in slow:
        assert world.settled(click_id, "delivered")["attempts"] == 1


# -- what is never reached, and never told ---------------------------------------------------------------------------


def test_this_machine_is_not_reached_unless_its_range_is_named(world: World) -> None:
    held = world.settled(world.sale("walled", "v-walled"), "held")
    assert (held["reason"], held["history"][0]["status"]) == ("blocked_ip", None)
    assert held["history"][0]["result"] == "blocked_ip: 127.0.0.1 leads to 127.0.0.1, which relays may not reach"
    assert world.relay(world.sale("walled", "v-walled2"))["state"] == "held"
    assert world.ads["walled"].told == []


def test_the_relay_of_a_test_goes_to_an_echo_and_to_nobody_else(world: World) -> None:
    for source in ("json", "walled"):
        before = len(world.ads[source].told)
        done = world.loop.run("test", source)
        assert "echo" in done.stdout
        assert len(world.ads[source].told) == before
        newest = next(lists.conversions(world.data, Filters(campaign=source)))
        assert (newest["counted"], newest["test"]) == (False, True)
        assert world.relay(newest["click"])["state"] == "delivered"


def test_secrets_are_sent_and_kept_nowhere(world: World) -> None:
    world.ads["secretive"].script.extend([Scripted(500), Scripted(200)])
    failed = world.sale("secretive", "v-secret0")
    world.settled(failed, "failed")
    world.settled(world.sale("secretive", "v-secret1"), "delivered")
    told = world.ads["secretive"].told[0]
    assert told.path == "/conv?token=token-secret-2&v=v-secret0"
    assert told.headers["Authorization"] == "Bearer bearer-secret-1"
    assert (told.headers["Cookie"], told.headers["X-Api-Key"]) == ("c=cookie-secret-3", "key-secret-4")
    with world.data.database.read() as connection:
        attempts = connection.execute(AttemptRow.__table__.select()).all()
    shown = {
        "relays": world.loop.run("relays", "--source", "secretive", "--json").stdout,
        "evidence": world.loop.run("evidence", failed).stdout,
        "export": world.loop.run("export").stdout,
        "attempts": str(attempts),
        "log": world.loop.errors(),
    }
    assert "token=***" in shown["relays"]
    assert '"Authorization":"***"' in shown["relays"]
    leaks = [(place, secret) for place, text in shown.items() for secret in SECRETS if secret in text]
    assert [leak for leak in leaks if leak != ("export", "token-secret-2")] == []  # a URL template is the owner's text


# -- what survives ---------------------------------------------------------------------------------------------------


def nothing_is_owed(loop: Loop) -> None:
    with open_data(str(loop.folder)) as data:
        loop.until(lambda: {relay["state"] for relay in lists.relays_list(data, Filters())} == {"delivered"}, 30)


def test_the_outbox_survives_a_stop_in_the_middle_of_sending(tmp_path: Path) -> None:
    stuck = threading.Event()
    with AdNetwork(Scripted(wait=stuck), Scripted(wait=stuck)) as ad, running(tmp_path, setup_with(ad.url)) as loop:
        for number in range(20):
            click = loop.click(f"/c/summer?ext=v{number}")
            assert loop.get(f"/p/maxi?token=a-secret&click_id={click}&txn_id=t{number}").text.startswith("OK accepted")
        loop.until(lambda: len(ad.told) == 2)
        began = time.monotonic()
        assert loop.stop() == 0
        assert time.monotonic() - began < 10
        before = loop.rows("relays")
        assert sorted(relay["state"] for relay in before) == ["sending"] * 2 + ["waiting"] * 18
        stuck.set()
        loop.start()
        loop.until(lambda: len(ad.told) == 22)
        nothing_is_owed(loop)
        after = {relay["key"]: relay for relay in loop.rows("relays")}
        assert after.keys() == {relay["key"] for relay in before}
        cut_off = [relay["key"] for relay in before if relay["state"] == "sending"]
        told = [one.headers["Idempotency-Key"] for one in ad.told]
        assert {key: told.count(key) for key in after} == {key: 2 if key in cut_off else 1 for key in after}
        for key in cut_off:
            assert [attempt["result"].split(":")[0] for attempt in after[key]["history"]] == ["ambiguous", "delivered"]
        assert loop.errors() == ""


def test_a_stop_under_load_answers_what_was_asked_and_loses_nothing(tmp_path: Path) -> None:
    with AdNetwork() as ad, running(tmp_path, setup_with(ad.url)) as loop:
        visitors = [Visitor(loop.url, number) for number in range(8)]
        for visitor in visitors:
            visitor.start()
        loop.until(lambda: sum(len(visitor.sales) for visitor in visitors) > 40)
        began = time.monotonic()
        assert loop.stop() == 0
        assert time.monotonic() - began < 10
        for visitor in visitors:
            visitor.join(20)
        assert [visitor.problems for visitor in visitors] == [[]] * 8
        loop.start()
        sales = [sale for visitor in visitors for sale in visitor.sales]
        clicks = [click for visitor in visitors for click in visitor.clicks]
        assert {row["id"] for row in loop.rows("clicks")} >= set(clicks)
        conversions = {row["txn_id"]: row["net"] for row in loop.rows("conversions")}
        assert {txn_id: conversions.get(txn_id) for txn_id in sales} == dict.fromkeys(sales, "1.00")
        nothing_is_owed(loop)
        keys = [one.headers["Idempotency-Key"] for one in ad.told]
        assert len(keys) == len(set(keys)) == len(conversions)
        assert loop.errors() == ""


class Visitor(threading.Thread):
    """Clicks and buys over one connection after another until nobody listens; notes what it was promised."""

    def __init__(self, url: str, number: int) -> None:
        super().__init__()
        self._port = int(url.rsplit(":", 1)[1])
        self._number = number
        self.clicks: list[str] = []
        self.sales: list[str] = []
        self.problems: list[str] = []

    def run(self) -> None:
        for number in range(10_000):
            txn_id = f"{self._number}-{number}"
            came = self._get(f"/c/summer?ext={txn_id}")
            if came is None:
                return
            click = came.split("sub1=")[1]
            self.clicks.append(click)
            came = self._get(f"/p/maxi?token=a-secret&click_id={click}&payout=1&txn_id={txn_id}")
            if came is None:
                return
            if not came.startswith("OK accepted "):
                self.problems.append(came)
            self.sales.append(txn_id)

    def _get(self, target: str) -> str | None:
        """None where nobody listens any more; half an answer is a problem."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("GET", target)
            came = connection.getresponse()
            text = came.getheader("Location") or came.read().decode()
        except (http.client.IncompleteRead, http.client.BadStatusLine) as error:
            if not isinstance(error, http.client.RemoteDisconnected):
                self.problems.append(repr(error))
            return None
        except OSError:
            return None
        finally:
            connection.close()
        if came.status not in (200, 302):
            self.problems.append(f"{came.status} {text}")
        return text
