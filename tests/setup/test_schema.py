"""Every key of the setup file becomes what the rules use; what is left out has the default of the design."""

from __future__ import annotations

from collections.abc import Callable

from server.domain.conditions import Condition
from server.domain.paths import Path, Weighted
from server.domain.status import Status
from server.domain.things import (
    Campaign,
    CampaignCost,
    Cap,
    Landing,
    Network,
    Offer,
    Owner,
    Payout,
    RelayTemplate,
    Signature,
    Source,
    Sub,
)

EVERYTHING = """
base_currency = "USDT"
timezone = "Asia/Tokyo"
domain = "http://127.0.0.1:8000/"
fallback_url = "https://example.com/nothing"
currencies = ["usdt"]
trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]
client_ip_header = "CF-Connecting-IP"

[[source]]
key = "push"
name = "Push traffic"
external_id = "[ID]"
cost = "[COST]"
cost_currency = "EUR"
number_style = "1.234,50"
subs.sub20 = { name = "zone", token = "[ZONE]" }
[source.relay]
method = "PUT"
url = "https://push.example/cv?id={external_id}&p={payout:USDT}"
headers = { Authorization = "Bearer abc", Content-Type = "application/x-www-form-urlencoded" }
body = "id={external_id}&s={status|approved=1|rejected=0}"
statuses = ["approved", "rejected"]
events = ["deposit", ""]
share = "70.5%"
minimum = 0.1
delay = "90s"
sample = "50%"
cap = 100
success = "OK"
on_payout_change = true
on_ambiguous = "hold"
allow = ["192.168.0.0/16"]
paused = true

[[network]]
key = "shop"
name = "Shop"
token = ""
ips = ["203.0.113.0/24"]
hmac = { header = "X-Sig", secret = "s3", over = "query" }
currency = "RUR"
time_zone = "Europe/Moscow"
number_style = "1.234,50"
default_status = "pending"
payout_from = "offer"
last_word_wins = true
each_postback_counts = true
txn_prefix = "R-"
strict = true
pixel = true
macros = { click_id = "{cid}" }
params = { time = "ts" }
status_words = { rejected = ["3"] }

[[offer]]
key = "main"
name = "Main"
network = "shop"
url = "https://shop.example/?c={click_id}"
payout = "30%"
events = { deposit = 5 }
window_days = 30
cap = { clicks = 10, conversions = 5, alternative = "spare" }
[[offer]]
key = "spare"
network = "shop"
url = "https://shop.example/2?c={click_id}"
payout = 1
currency = "usdt"

[[landing]]
key = "page"
name = "Page"
url = "https://lp.example/{campaign}"

[[campaign]]
key = "all"
name = "All"
source = "push"
cost = { model = "share", value = "30%" }
paused = true
sticky = true
otherwise = "https://else.example/?c={click_id}"
bots = "https://bots.example/?c={click_id}"
domain = "https://other.example"
destinations = [{ url = "https://partner.example/?c={click_id}" }]
[[campaign.path]]
name = "Mornings"
weight = 0
priority = 3
match = "any"
when = { hour = ["22-06", 9], bot = [false], sub3 = "a", sub4 = { contains_not = ["b", "c"], is = 5 } }
offers = [{ offer = "main", weight = 30 }, { offer = "spare" }]
[[campaign.path]]
default = true
landings = [{ landing = "page" }]
offers = [{ offer = "main" }]
"""


def test_every_key_becomes_what_the_rules_use(apply: Callable) -> None:
    _, setup = apply(EVERYTHING)
    assert setup.owner == Owner(
        base_currency="USDT",
        timezone="Asia/Tokyo",
        domain="http://127.0.0.1:8000",
        fallback_url="https://example.com/nothing",
        currencies=("USDT",),
        trusted_proxies=("127.0.0.1", "10.0.0.0/8"),
        client_ip_header="CF-Connecting-IP",
    )
    assert setup.sources["push"] == Source(
        key="push",
        name="Push traffic",
        external_id="[ID]",
        cost="[COST]",
        cost_currency="EUR",
        number_style="1.234,50",
        subs={"sub20": Sub("zone", "[ZONE]")},
        relay=RelayTemplate(
            url="https://push.example/cv?id={external_id}&p={payout:USDT}",
            method="PUT",
            headers={"Authorization": "Bearer abc", "Content-Type": "application/x-www-form-urlencoded"},
            body="id={external_id}&s={status|approved=1|rejected=0}",
            statuses=(Status.APPROVED, Status.REJECTED),
            events=("deposit", ""),
            share=705_000,
            minimum=100_000,
            delay=90,
            sample=500_000,
            cap=100,
            success="OK",
            on_payout_change=True,
            on_ambiguous="hold",
            allow=("192.168.0.0/16",),
            paused=True,
        ),
    )
    assert setup.networks["shop"] == Network(
        key="shop",
        name="Shop",
        ips=("203.0.113.0/24",),
        hmac=Signature("X-Sig", "s3", "query"),
        currency="RUB",
        time_zone="Europe/Moscow",
        number_style="1.234,50",
        default_status=Status.PENDING,
        payout_from="offer",
        last_word_wins=True,
        each_postback_counts=True,
        pixel=True,
        txn_prefix="R-",
        strict=True,
        macros={"click_id": "{cid}"},
        params={"time": "ts"},
        status_words={Status.REJECTED: ("3",)},
    )
    assert setup.offers["main"] == Offer(
        key="main",
        name="Main",
        network="shop",
        url="https://shop.example/?c={click_id}",
        payout=Payout(share=300_000),
        currency="RUB",
        events={"deposit": Payout(micros=5_000_000)},
        window_days=30,
        cap=Cap("spare", conversions=5, clicks=10),
    )
    assert setup.offers["spare"].currency == "USDT"
    assert setup.landings["page"] == Landing("page", "https://lp.example/{campaign}", name="Page")
    assert setup.campaigns["all"] == Campaign(
        key="all",
        name="All",
        source="push",
        cost=CampaignCost("share", share=300_000),
        paused=True,
        sticky=True,
        otherwise="https://else.example/?c={click_id}",
        bots="https://bots.example/?c={click_id}",
        domain="https://other.example",
        destinations=(RelayTemplate("https://partner.example/?c={click_id}"),),
        paths=(
            Path(
                offers=(Weighted("main", 30), Weighted("spare", 100)),
                when=(
                    Condition("hour", "is", ("22-6", "9")),
                    Condition("bot", "is", ("no",)),
                    Condition("sub3", "is", ("a",)),
                    Condition("sub4", "is", ("5",)),
                    Condition("sub4", "contains_not", ("b", "c")),
                ),
                weight=0,
                name="Mornings",
                priority=3,
                match="any",
            ),
            Path(offers=(Weighted("main"),), landings=(Weighted("page"),), default=True),
        ),
    )


def test_a_thing_that_says_little_has_the_defaults_of_the_design(apply: Callable) -> None:
    _, setup = apply('[[source]]\nkey = "a"\n[[network]]\nkey = "a"\n')
    assert setup.owner == Owner()
    assert setup.sources["a"] == Source("a")
    assert setup.networks["a"] == Network("a", token="made")


def test_the_empty_text_takes_an_optional_value_away(apply: Callable) -> None:
    specs, _ = apply(EVERYTHING)
    _, setup = apply('domain = ""\nfallback_url = ""\nclient_ip_header = ""\n', specs)
    assert (setup.owner.domain, setup.owner.fallback_url, setup.owner.client_ip_header) == (None, None, None)
    assert setup.owner.timezone == "Asia/Tokyo"


def test_a_body_is_json_where_the_header_or_its_first_letter_says_so(apply: Callable) -> None:
    source = '[[source]]\nkey = "a"\nrelay = {{ url = "https://a.example", {} }}\n'
    _, setup = apply(source.format('body = "a=1&b={payout}"'))
    assert setup.sources["a"].relay.body == "a=1&b={payout}"
    _, setup = apply(source.format("headers = { content-type = 'application/json' }, body = '[{payout}]'"))
    assert setup.sources["a"].relay.body == "[{payout}]"
