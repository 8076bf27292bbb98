"""The parties speak in their own words."""

from __future__ import annotations

from server.demo.parties import CAMPAIGNS, HARBOR, OFFERS, PLAINPAY, other_than
from server.domain.status import Status, read_status


def test_a_network_without_words_of_its_own_uses_ours():
    assert PLAINPAY.word("approved") == "approved"
    assert PLAINPAY.parameter("click_id") == "click_id"


def test_no_word_of_its_own_is_a_generic_one_with_another_meaning():
    assert set(HARBOR.words) == set(Status)
    for status, word in HARBOR.words.items():
        assert read_status(word, {}) in (None, status)


def test_each_campaign_has_offers_of_its_network():
    for campaign in CAMPAIGNS:
        assert sum(offer.network == campaign.network.key for offer in OFFERS.values()) == 2
        assert other_than(campaign.network) is not campaign.network
