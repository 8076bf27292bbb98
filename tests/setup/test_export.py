"""Applying what was exported changes nothing, with secrets or without; and without, none is told."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.things import FIELDS, SUBS
from server.setup.build import build
from server.setup.document import read_document
from server.setup.export import export
from server.setup.merge import merge
from server.setup.specs import KINDS, Spec, Specs, Templates

LINE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Cs"]), max_size=12)
LINES = st.text(st.sampled_from("12'\"\\\n\r\t #=é🙂{}"), max_size=12)
WORD = LINE.filter(str.strip)
KEY = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True)
SECRET = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7A), min_size=1, max_size=8)
HEADER = st.sampled_from(["Authorization", "X-Token", "COOKIE", "Content-Language", "X~Plain", "***"])
MONEY = st.integers(0, 10**15).map(lambda micros: micros / 1_000_000) | st.sampled_from(["0.012", "12,50", "1,234.50"])
SHARE = st.integers(0, 100).map(lambda percent: f"{percent}%")
NUMBER = st.integers(0, 10**9)
CURRENCY = st.sampled_from(["USD", "eur", "RUR", "USDT"])
STATUS = st.sampled_from(["pending", "approved", "rejected", "refunded", "charged_back"])
URL = st.sampled_from(["https://a.example/?c={click_id}&p={payout:EUR}", "http://b.example", "https://ü.example/é'"])


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    return st.fixed_dictionaries({}, optional=fields)


def needing(needed: dict[str, st.SearchStrategy[Any]], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    return st.fixed_dictionaries(needed, optional=fields)


RELAY_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "method": st.sampled_from(["GET", "POST", "PUT"]),
    "headers": st.dictionaries(HEADER, SECRET | st.just(""), max_size=4),
    "body": LINES.map(lambda text: f"a={text}"),
    "statuses": st.lists(STATUS, max_size=3),
    "events": st.lists(LINE, max_size=3),
    "share": SHARE,
    "minimum": MONEY,
    "delay": st.sampled_from(["0s", "90s", "120m", "1d"]),
    "cap": NUMBER,
    "success": LINE,
    "paused": st.booleans(),
    "allow": st.lists(st.sampled_from(["10.0.0.0/8", "::1"]), max_size=2),
}
SOURCE = some(
    name=LINE,
    external_id=LINE,
    cost_currency=CURRENCY,
    number_style=st.sampled_from(["1,234.50", "1.234,50"]),
    subs=st.dictionaries(st.sampled_from(SUBS), some(name=LINE, token=LINE), max_size=3),
    relay=some(url=URL, **RELAY_FIELDS),
)
NETWORK = some(
    token=SECRET | st.just(""),
    ips=st.lists(st.ip_addresses(v=4).map(str), max_size=30),
    hmac=needing({"header": HEADER, "secret": SECRET}, over=st.sampled_from(["body", "query"])),
    currency=CURRENCY,
    time_zone=st.sampled_from(["UTC", "Europe/Berlin"]),
    strict=st.booleans(),
    macros=st.dictionaries(st.sampled_from(FIELDS), LINE, max_size=3),
    params=st.dictionaries(st.sampled_from(FIELDS), LINE, max_size=3),
    status_words=STATUS.flatmap(lambda status: st.fixed_dictionaries({status: st.lists(WORD, max_size=3)})),
)


WORDS = st.lists(WORD, min_size=1, max_size=2)
PATTERNS = st.sampled_from([r"^z\d+$", "it's \\d", '"', "a|b", r"\\"])
WHEN = some(
    country=st.lists(st.sampled_from(["us", "DE"]), min_size=1, max_size=2) | st.just({"is": ["US"]}),
    hour=st.sampled_from([[9], ["08-18", "22-6"], 7, {"is_not": "3"}]),
    weekday=st.sampled_from([["monday-friday", 7], "2-4"]),
    bot=st.booleans() | st.sampled_from(["yes", "no", ["true"]]),
    sub7=WORDS
    | WORD
    | some(contains=WORDS, is_not=WORD, matches=PATTERNS, matches_not=st.just(["x", "y"])).filter(bool),
)


@st.composite
def setups(draw: st.DrawFn) -> Specs:
    """What a person may write, laid over nothing, so that it is as it would be stored."""
    keys = st.lists(KEY, min_size=1, max_size=2, unique=True)
    sources, networks, offers, landings = draw(keys), draw(keys), draw(keys), draw(keys)
    offer = needing(
        {"network": st.sampled_from(networks), "url": URL},
        name=LINE,
        payout=MONEY | SHARE,
        events=st.dictionaries(WORD, MONEY | SHARE, max_size=1),
        window_days=NUMBER,
    )

    def weighted(kind: str, known: list[str]) -> st.SearchStrategy[list[Spec]]:
        one = needing({kind: st.sampled_from(known)}, weight=st.integers(1, 100))
        return st.lists(one, min_size=1, max_size=2)

    path = needing(
        {"offers": weighted("offer", offers)},
        landings=weighted("landing", landings),
        weight=st.integers(1, 9),
        name=LINE,
        priority=NUMBER,
        match=st.sampled_from(["all", "any"]),
        when=WHEN,
    )
    campaign = needing(
        {"source": st.sampled_from(sources), "path": st.lists(path, min_size=1, max_size=2)},
        cost=st.just({"model": "none"}) | st.fixed_dictionaries({"model": st.just("cpc"), "value": MONEY}),
        destinations=st.lists(needing({"url": URL}, **RELAY_FIELDS), max_size=3),
        sticky=st.booleans(),
        otherwise=URL | st.just(""),
        bots=URL,
    )
    written = {
        "owner": draw(some(timezone=st.just("UTC"), domain=st.sampled_from(["", "https://a.example"]))),
        "source": {key: draw(SOURCE) for key in sources},
        "network": {key: draw(NETWORK) for key in networks},
        "offer": {key: draw(offer) for key in offers},
        "landing": {key: draw(needing({"url": URL}, name=LINE)) for key in landings},
        "campaign": {key: draw(campaign) for key in draw(keys)},
    }
    written["owner"]["currencies"] = ["USDT"]
    text = export(Specs(**written), secrets=True)  # the writer does not mind what is not canonical yet
    return merge(Specs(), read_document(text, "made.toml").specs, lambda: "made")


@given(setups(), st.booleans())
def test_applying_an_export_changes_nothing(specs: Specs, secrets: bool) -> None:
    before = copy.deepcopy(specs)
    document = read_document(export(specs, secrets=secrets), "export.toml")
    assert merge(specs, document.specs, lambda: "another") == specs == before
    assert {kind: json.loads(json.dumps(specs.of(kind))) for kind in KINDS} == {kind: specs.of(kind) for kind in KINDS}
    assert build(specs, Templates(), None, document.locate) == build(specs, Templates())


@given(setups())
def test_an_export_with_secrets_makes_the_same_setup_anywhere(specs: Specs) -> None:
    document = read_document(export(specs, secrets=True), "export.toml")
    assert merge(Specs(), document.specs, lambda: "another") == specs


def test_the_sample_comes_back_as_it_was_written(apply: Callable, sample: str) -> None:
    specs, _ = apply(sample)
    written = [line.split("  #")[0].rstrip() for line in sample.splitlines()]
    comment, blank, *lines = export(specs, secrets=True).splitlines()
    assert comment.startswith("# ")
    assert blank == ""
    assert lines == written


SECRETS = """
[[network]]
key = "maxi"
token = "hush-token"
hmac = { header = "X-Sig", secret = "hush-hmac" }
[[network]]
key = "open"
token = ""
[[source]]
key = "prop"
[source.relay]
url = "https://a.example"
headers = { Authorization = "Bearer hush", X-Plain = "told" }
"""


def test_without_secrets_none_is_told(apply: Callable) -> None:
    specs, _ = apply(SECRETS)
    text = export(specs, secrets=False)
    assert "hush" not in text
    assert "left out" in text.splitlines()[0]
    assert 'Authorization = "***"' in text
    assert 'X-Plain = "told"' in text
    assert text.count("token") == 1
    assert 'key = "open"\ntoken = ""\n' in text
    assert "hush-token" in export(specs, secrets=True)
    assert apply(text, specs)[0] == specs


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ('{"a": "{click_id}"}', """body = '{"a": "{click_id}"}'"""),
        ("plain", 'body = "plain"'),
        ("it's", 'body = "it\'s"'),
        ('[\n  "{click_id}"\n]', "body = '''\n[\n  \"{click_id}\"\n]'''"),
    ],
)
def test_a_body_is_written_readably(body: str, written: str) -> None:
    assert written in export(Specs(source={"a": {"relay": {"body": body}}}), secrets=True)


def test_a_long_list_is_written_a_line_each() -> None:
    ips = [f"203.0.113.{number}" for number in range(20)]
    text = export(Specs(network={"a": {"ips": ips}}), secrets=True)
    assert '\n    "203.0.113.19",\n]\n' in text
