"""Visitors read, from where they are sent on to, what the landing page and the offer would read."""

from __future__ import annotations

from server.demo.parties import OFFERS
from server.demo.visitors import Arrival, arrival_at, click_id_on_landing_page


def test_an_offers_address_names_the_click_and_the_offer():
    assert arrival_at("https://harbor.example/vpn?ref=abc&zone=zone-1") == Arrival("abc", OFFERS["vpn"])


def test_nothing_else_is_an_arrival():
    for location in (
        None,
        "",
        "https://harbor.example/",
        "https://harbor.example/vpn",
        "https://quiz.example/start?c=a",
    ):
        assert arrival_at(location) is None


def test_a_landing_pages_address_names_the_click():
    assert click_id_on_landing_page("https://quiz.example/start?c=abc") == "abc"
    assert click_id_on_landing_page("https://harbor.example/vpn?ref=abc") is None
