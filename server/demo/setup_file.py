"""The demo's setup file, applied like any other."""

from __future__ import annotations

import json
from collections.abc import Mapping

from server.demo.parties import HARBOR, OFFERS, PLAINPAY, POPWAVE, QUIZ, SOCIALO, SUMMER, Network, Offer

# Nobody follows a visitor this far: the simulation reads the address and stays on this machine.
_OFFER_URL = "https://{network}.example/{offer}?ref={{click_id}}&zone={{sub1}}"
_LANDING_URL = "https://quiz.example/start?c={click_id}"


def setup_text(ad_networks: Mapping[str, str]) -> str:
    """`ad_networks`: where each source listens for its relays."""
    return "\n".join(
        (
            'base_currency = "USD"\n',
            _sources(ad_networks),
            _network(HARBOR),
            _network(PLAINPAY),
            *(_offer(offer) for offer in OFFERS.values()),
            f'[[landing]]\nkey = "start"\nurl = "{_LANDING_URL}"\n',
            _CAMPAIGNS,
        )
    )


def _sources(ad_networks: Mapping[str, str]) -> str:
    body = '{"visitor": "{external_id}", "status": "{status}", "value": {payout}, "currency": "{currency}"}'
    return f"""
[[source]]
key = "{POPWAVE.key}"
external_id = {_quoted(POPWAVE.external_id)}
cost = {_quoted(POPWAVE.cost)}
subs.sub1 = {{ name = "zone", token = "{{zone}}" }}
[source.relay]
url = "{ad_networks[POPWAVE.key]}/conversion?visitor={{external_id}}&status={{status}}&value={{payout}}&currency={{currency}}"
statuses = {_list(POPWAVE.relayed)}
allow = ["127.0.0.0/8"]

[[source]]
key = "{SOCIALO.key}"
external_id = {_quoted(SOCIALO.external_id)}
cost = {_quoted(SOCIALO.cost)}
subs.sub1 = {{ name = "ad set", token = "{{{{adset.id}}}}" }}
[source.relay]
method = "POST"
url = "{ad_networks[SOCIALO.key]}/events"
headers = {{ Authorization = "Bearer socialo-demo-secret" }}
body = {_quoted(body)}
statuses = {_list(SOCIALO.relayed)}
success = "received"
allow = ["127.0.0.0/8"]
"""  # noqa: E501 - a URL stands on one line


def _network(network: Network) -> str:
    lines = ["[[network]]", f'key = "{network.key}"', f'token = "{network.token}"', 'currency = "USD"']
    lines += ["[network.macros]", 'click_id = "{ref}"', 'payout = "{sum}"', 'txn_id = "{order}"', 'status = "{status}"']
    lines += ['time = "{unixtime}"'] if network.has_time else []
    lines += ["[network.params]", *(f'{ours} = "{theirs}"' for ours, theirs in network.params.items())]
    lines += ["[network.status_words]", *(f'{status.value} = ["{word}"]' for status, word in network.words.items())]
    return "\n".join(lines) + "\n"


def _offer(offer: Offer) -> str:
    window = "window_days = 30\n" if offer.network == PLAINPAY.key else ""
    return f"""[[offer]]
key = "{offer.key}"
network = "{offer.network}"
url = "{_OFFER_URL.format(network=offer.network, offer=offer.key)}"
payout = "{offer.price}"
currency = "{offer.currency}"
{window}[offer.events]
upsell = "{offer.add_on}"
"""


_CAMPAIGNS = f"""[[campaign]]
key = "{SUMMER.key}"
source = "{SUMMER.source.key}"
cost = {{ model = "cpc", value = "{SUMMER.cost}", currency = "USD" }}
[[campaign.path]]
offers = [{{ offer = "vpn", weight = 70 }}, {{ offer = "savings", weight = 30 }}]

[[campaign]]
key = "{QUIZ.key}"
source = "{QUIZ.source.key}"
cost = {{ model = "cpc", value = "{QUIZ.cost}", currency = "USD" }}
[[campaign.path]]
weight = 60
landings = [{{ landing = "start", weight = 100 }}]
offers = [{{ offer = "survey", weight = 60 }}, {{ offer = "course", weight = 40 }}]
[[campaign.path]]
weight = 40
offers = [{{ offer = "survey", weight = 60 }}, {{ offer = "course", weight = 40 }}]
"""


def _quoted(text: str) -> str:
    return json.dumps(text)  # plain JSON text is plain TOML text


def _list(words: tuple[str, ...]) -> str:
    return json.dumps([str(word) for word in words])
