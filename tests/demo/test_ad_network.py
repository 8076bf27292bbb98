"""The simulated source refuses now and then, hears each relay once, and keeps what it was told to the cent."""

from __future__ import annotations

import json
from decimal import Decimal
from urllib.parse import urlencode

from server.demo.ad_network import AdNetwork
from server.demo.ledger import Told
from server.demo.parties import POPWAVE, SOCIALO

SAID = {"visitor": "v1", "status": "approved", "value": "12.30", "currency": "USD"}


def told(number: int) -> Told:
    return Told("popwave", f"v{number}", "approved", Decimal("1.00"), "USD")


def test_it_refuses_one_in_nine_the_first_time_only():
    with AdNetwork(POPWAVE) as ad_network:
        first = [ad_network.hear(f"key{number}", told(number)) for number in range(30)]
        assert [number for number, status in enumerate(first) if status == 500] == [2, 11, 20, 29]
        assert ad_network.retrying == 4
        assert [ad_network.hear(f"key{number}", told(number)) for number in (2, 11, 20, 29)] == [200] * 4
        assert ad_network.retrying == 0
        assert len(ad_network.told) == 30
        assert ad_network.repeats == 0


def test_it_is_steady_in_the_end():
    with AdNetwork(POPWAVE) as ad_network:
        ad_network.steady_after(0)
        assert {ad_network.hear(f"key{number}", told(number)) for number in range(30)} == {200}


def test_a_key_that_comes_again_is_a_repeat():
    with AdNetwork(POPWAVE) as ad_network:
        ad_network.hear("key", told(1))
        ad_network.hear("key", told(1))
        assert (ad_network.repeats, len(ad_network.told)) == (1, 1)


def test_it_reads_what_it_is_told_over_http(probe):
    expected = ("v1", "approved", Decimal("12.30"), "USD")
    with AdNetwork(POPWAVE) as popwave, AdNetwork(SOCIALO) as socialo:
        by_get = probe.fetch(f"{popwave.url}/conversion?{urlencode(SAID)}", headers={"Idempotency-Key": "k1"})
        by_post = probe.fetch(
            f"{socialo.url}/events", method="POST", headers={"Idempotency-Key": "k2"}, body=json.dumps(SAID)
        )
        assert (by_get.status, by_post.status, by_post.text) == (200, 200, "received")
        assert popwave.told == {"k1": Told("popwave", *expected)}
        assert socialo.told == {"k2": Told("socialo", *expected)}


def test_what_no_ad_network_would_understand_is_kept_as_unheard(probe):
    with AdNetwork(POPWAVE) as ad_network:
        assert probe.fetch(f"{ad_network.url}/conversion?visitor=v1", headers={"Idempotency-Key": "k"}).status == 400
        assert probe.fetch(f"{ad_network.url}/conversion?{urlencode(SAID)}").status == 400
        assert len(ad_network.unheard) == 2
        assert not ad_network.told
