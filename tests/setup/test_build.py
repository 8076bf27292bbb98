"""Things are built from the domain's defaults, over them the catalog's template, over that what the owner says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.domain.conditions import Condition
from server.domain.status import Status
from server.domain.things import Sub
from server.setup.build import build, over
from server.setup.problem import BadSetup
from server.setup.specs import Specs, Templates

PROP = '[[source]]\nkey = "prop"\ntemplate = "propellerads"\n'
MAXI = '[[network]]\nkey = "maxi"\ntemplate = "everflow"\n'
OFFERS = """
[[network]]
key = "maxi"
[[offer]]
key = "a"
network = "maxi"
url = "https://a.example"
cap = {{ clicks = 1, alternative = "b" }}
[[offer]]
key = "b"
network = "maxi"
url = "https://b.example"
cap = {{ clicks = 1, alternative = "c" }}
[[offer]]
key = "c"
network = "maxi"
url = "https://c.example"
{cap}
"""


def test_the_sample_of_the_design_applies_whole(sample: str, apply: Callable) -> None:
    _, setup = apply(sample)
    assert setup.campaigns["summer"].paths[0].when == (
        Condition("country", "is", ("US", "CA")),
        Condition("device", "is", ("mobile",)),
    )
    assert setup.campaigns["summer"].cost.micros == 12_000
    assert setup.offers["keto-us"].events["deposit"].micros == 50_000_000
    assert setup.networks["maxi"].token == "a-secret"
    assert setup.sources["prop"].subs["sub1"] == Sub("zone", "{zoneid}")
    assert setup.owner.domain == "https://trk.example.com"


def test_what_the_owner_leaves_out_the_template_says(apply: Callable) -> None:
    _, setup = apply(PROP)
    source = setup.sources["prop"]
    assert (source.name, source.external_id, source.relay.method) == ("PropellerAds", "${SUBID}", "POST")


def test_tables_are_laid_over_the_template_key_by_key(apply: Callable) -> None:
    _, setup = apply(
        PROP
        + 'subs.sub1 = { name = "zone" }\n'
        + 'relay = { method = "GET", headers = { x-aid = "7", X-More = "m" }, statuses = ["pending"] }\n'
        + MAXI
        + 'macros = { click_id = "{sub2}", payout = "{p}" }\nstatus_words = { pending = ["OK"] }\n'
    )
    source, network = setup.sources["prop"], setup.networks["maxi"]
    assert source.subs == {"sub1": Sub("zone"), "sub2": Sub("banner", "{bannerid}")}
    assert source.relay.headers == {"Content-Type": "application/json", "x-aid": "7", "X-More": "m"}
    assert source.relay.statuses == (Status.PENDING,)
    assert source.relay.url.startswith("https://ad.example.com/")
    assert network.macros == {"click_id": "{sub2}", "event": "{event_name}", "payout": "{p}"}
    assert network.status_words == {Status.APPROVED: ("1",), Status.REJECTED: ("3",), Status.PENDING: ("OK",)}
    assert network.currency == "EUR"


def test_an_empty_value_takes_away_what_the_template_says(apply: Callable) -> None:
    _, setup = apply(
        PROP
        + 'cost = ""\nsubs = { sub2 = {} }\nrelay = { headers = { X-Aid = "" } }\n'
        + MAXI
        + 'macros = { event = "" }\nparams = { txn_id = "" }\nstatus_words = { rejected = [] }\ncurrency = ""\n'
    )
    source, network = setup.sources["prop"], setup.networks["maxi"]
    assert source.cost is None
    assert source.subs == {"sub1": Sub("area", "{area}")}
    assert source.relay.headers == {"Content-Type": "application/json"}
    assert (network.macros, network.params, network.currency) == ({"click_id": "{sub1}"}, {}, None)
    assert network.status_words == {Status.APPROVED: ("1", "ok")}


def test_a_template_says_how_a_network_signs_and_the_owner_adds_the_secret(apply: Callable) -> None:
    assert apply(MAXI)[1].networks["maxi"].hmac is None
    signature = apply(MAXI + 'hmac = { secret = "s" }\n')[1].networks["maxi"].hmac
    assert (signature.header, signature.secret, signature.over) == ("X-Signature", "s", "query")


def test_words_to_fill_in_are_those_that_the_relay_still_has(apply: Callable) -> None:
    assert apply(PROP)[1].sources["prop"].relay.fill_in == ("YOUR_AID", "YOUR_TID")
    mended = PROP + 'relay = { url = "https://ad.example.com/?aid=7", headers = { X-Aid = "7" } }\n'
    assert apply(mended)[1].sources["prop"].relay.fill_in == ("YOUR_TID",)


def test_an_offer_is_paid_in_the_currency_of_its_network(apply: Callable) -> None:
    offer = '[[offer]]\nkey = "a"\nnetwork = "maxi"\nurl = "https://a.example"\n'
    assert apply(MAXI + offer)[1].offers["a"].currency == "EUR"
    assert apply(MAXI + offer + 'currency = "USD"\n')[1].offers["a"].currency == "USD"
    assert apply('[[network]]\nkey = "maxi"\n' + offer)[1].offers["a"].currency is None


def test_things_have_the_ids_of_their_rows(apply: Callable, sample: str, templates: Templates) -> None:
    specs, _ = apply(sample)
    setup = build(specs, templates, {"source": {"prop": 7}, "offer": {"keto-us": 9}})
    assert (setup.sources["prop"].id, setup.offers["keto-us"].id, setup.networks["maxi"].id) == (7, 9, 0)


@pytest.mark.parametrize(("end", "circle"), [("a", "a -> b -> c -> a"), ("b", "b -> c -> b"), ("c", "c -> c")])
def test_alternatives_never_lead_in_a_circle(end: str, circle: str, apply: Callable) -> None:
    with pytest.raises(BadSetup, match=f"{circle} is a circle"):
        apply(OFFERS.format(cap=f'cap = {{ clicks = 1, alternative = "{end}" }}'))


def test_alternatives_that_end_somewhere_are_fine(apply: Callable) -> None:
    assert apply(OFFERS.format(cap=""))[1].offers["a"].cap.alternative == "b"


def test_a_thing_of_the_database_is_checked_without_a_file(templates: Templates) -> None:
    specs = Specs(offer={"a": {"network": "gone", "url": "https://a.example"}})
    with pytest.raises(BadSetup) as refusal:
        build(specs, templates)
    assert str(refusal.value) == "offer a: network: there is no network 'gone'."


def test_a_network_is_never_open_by_oversight(templates: Templates) -> None:
    with pytest.raises(BadSetup, match="network maxi: needs token"):
        build(Specs(network={"maxi": {}}), templates)


def test_a_template_that_does_not_fit_is_named() -> None:
    templates = Templates(sources={"odd": {"relay": {"delay": "soon"}}})
    with pytest.raises(BadSetup, match=r"template odd: relay\.delay: 'soon' is no time"):
        build(Specs(source={"a": {"template": "odd"}}), templates)


def test_laying_one_spec_over_another_changes_neither() -> None:
    template, spec = {"macros": {"a": "1"}}, {"macros": {"b": "2"}}
    assert over(template, spec) == {"macros": {"a": "1", "b": "2"}}
    assert (template, spec) == ({"macros": {"a": "1"}}, {"macros": {"b": "2"}})
