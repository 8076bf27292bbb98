"""A network writes its postbacks in its own words and forms, and sends them when they are due."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from server.demo import mishaps, sales
from server.demo.ad_network import AdNetwork
from server.demo.ledger import Ledger
from server.demo.network import PostingNetwork, written
from server.demo.parties import HARBOR, PLAINPAY, POPWAVE

BASE = "http://127.0.0.1:1"


def test_a_query_in_the_networks_own_words(case_of):
    (postback,) = sales.sale(case_of(network=HARBOR)).postbacks
    request = written(replace(postback, form="query"), BASE)
    said = parse_qs(urlsplit(request.url).query)
    assert (request.method, urlsplit(request.url).path) == ("GET", "/p/harbor")
    assert set(said) == {"token", "ref", "commission", "state", "order"}
    assert said["state"] == ["settled"]


def test_a_form_and_json_say_the_same_with_the_token_in_the_address(case_of):
    (postback,) = sales.sale(case_of(network=PLAINPAY)).postbacks
    form = written(replace(postback, form="form"), BASE)
    body = written(replace(postback, form="json"), BASE)
    said = {name: values[0] for name, values in parse_qs(form.body).items()}
    assert said == json.loads(body.body)
    assert said["time"] == str(1_795_000_000 + 3600)
    assert form.url == body.url == f"{BASE}/p/plainpay?token=plainpay-demo-token"


@pytest.mark.parametrize(
    ("tell", "part"),
    [
        (mishaps.ampersand_from_html, "&amp;ref="),
        (mishaps.token_wrong, "token=harbor-demo-token-not"),
        (mishaps.status_unknown, "ref="),
    ],
)
def test_a_slip_of_the_hand_is_in_the_address(case_of, tell, part):
    (postback,) = tell(case_of()).postbacks
    assert part in written(replace(postback, form="query"), BASE).url


def test_slips_of_the_body(case_of):
    (array,) = mishaps.body_unreadable(case_of()).postbacks
    (mislabelled,) = mishaps.json_called_a_form(case_of()).postbacks
    (elsewhere,) = mishaps.id_in_another_parameter(case_of()).postbacks
    assert isinstance(json.loads(written(array, BASE).body), list)
    assert "form" in written(mislabelled, BASE).content_type
    assert json.loads(written(mislabelled, BASE).body)["ref"] == case_of().click_id
    assert "visitor_ref" in written(replace(elsewhere, form="form"), BASE).body


def test_what_is_due_goes_out_in_the_order_of_its_time(case_of):
    ledger = Ledger()
    with AdNetwork(POPWAVE) as nobody:  # answers 400 to everything that is no relay: it only has to be there
        network = PostingNetwork(HARBOR, nobody.url, ledger)
        network.start()
        (postback,) = sales.sale(case_of()).postbacks
        now = time.monotonic()
        for number in (3, 1, 2):
            network.report(replace(postback, form="query", says={"txn_id": f"T{number}"}), now + number / 100)
        until = now + 10
        while network.outstanding and time.monotonic() < until:
            time.sleep(0.01)
        network.stop()
        orders = [parse_qs(urlsplit(line.split()[2]).query)["order"] for line in nobody.unheard]
    assert orders == [["T1"], ["T2"], ["T3"]]
    assert ledger.planned.total() == 3


def test_a_network_that_is_stopped_sends_nothing_more(case_of):
    ledger = Ledger()
    network = PostingNetwork(HARBOR, BASE, ledger)
    network.start()
    (postback,) = sales.sale(case_of()).postbacks
    network.report(postback, time.monotonic() + 60)
    network.stop()
    assert network.outstanding == 1
    assert not ledger.planned
