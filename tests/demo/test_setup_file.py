"""The demo's setup file is one that `apply` takes."""

from __future__ import annotations

from server.demo.parties import CAMPAIGNS, NETWORKS, OFFERS, POPWAVE, SOCIALO, SOURCES
from server.demo.setup_file import setup_text
from server.setup.build import build
from server.setup.document import read_document
from server.setup.merge import merge
from server.setup.specs import Specs, Templates


def test_everybody_who_takes_part_is_set_up():
    text = setup_text({"popwave": "http://127.0.0.1:1", "socialo": "http://127.0.0.1:2"})
    document = read_document(text, "demo.toml")
    specs = merge(Specs(), document.specs, lambda: "never asked for")
    setup = build(specs, Templates({}, {}), None, document.locate)
    assert set(setup.sources) == {source.key for source in SOURCES}
    assert set(setup.networks) == {network.key for network in NETWORKS}
    assert set(setup.campaigns) == {campaign.key for campaign in CAMPAIGNS}
    assert {key: offer.payout.micros for key, offer in setup.offers.items()} == {
        key: int(offer.price * 1_000_000) for key, offer in OFFERS.items()
    }
    for source in (POPWAVE, SOCIALO):
        assert tuple(setup.sources[source.key].relay.statuses) == source.relayed
        assert setup.sources[source.key].external_id == source.external_id
    assert not setup.networks["harbor"].has_time
    assert setup.networks["plainpay"].has_time
