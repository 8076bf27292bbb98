"""What a browser may say for a network, decided without a database."""

from __future__ import annotations

from server.domain.browser import as_browsers_speak
from server.domain.things import Network


def test_a_browser_speaks_in_our_words_and_each_sale_once() -> None:
    network = Network(
        "maxi", token="t", params={"payout": "amt"}, macros={"time": "{t}"}, each_postback_counts=True, pixel=True
    )
    heard = as_browsers_speak(network)
    assert heard.names["payout"][0] == "payout"
    assert (heard.has_time, heard.payout_from, heard.each_postback_counts) == (False, "offer", False)
    assert (heard.key, heard.token, heard.pixel) == ("maxi", "t", True)
