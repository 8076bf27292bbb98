"""Every file of the catalog: what a buyer may rely on when a template is picked by its name."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from server.catalog import load_catalog
from server.catalog.shapes import FIELDS, STATUSES

RESOURCES = Path(str(files("resources")))
NETWORKS = sorted(file.stem for file in (RESOURCES / "networks").glob("*.toml"))
SOURCES = sorted(file.stem for file in (RESOURCES / "sources").glob("*.toml"))

every_network = pytest.mark.parametrize("key", NETWORKS)
every_source = pytest.mark.parametrize("key", SOURCES)

# Written out once more, apart from the code: these are the promises of DESIGN.md.
NETWORK_KEYS = {
    "ips",
    "currency",
    "time_zone",
    "number_style",
    "default_status",
    "payout_from",
    "last_word_wins",
    "each_postback_counts",
    "txn_prefix",
    "strict",
    "macros",
    "params",
    "status_words",
}
RELAY_KEYS = {
    "method",
    "url",
    "headers",
    "body",
    "statuses",
    "events",
    "share",
    "minimum",
    "delay",
    "sample",
    "cap",
    "success",
    "on_payout_change",
    "on_ambiguous",
}
MACROS = {
    "click_id",
    "external_id",
    "payout",
    "sale_amount",
    "currency",
    "status",
    "event",
    "txn_id",
    "conversion_id",
    "time",
    "time_ms",
    "time_iso",
    "click_time",
    "click_time_ms",
    "campaign",
    "source",
    "network",
    "offer",
    "landing",
    "country",
    "device",
    "os",
    "browser",
    "ip",
    "user_agent",
    *(f"sub{n}" for n in range(1, 21)),
    *(f"custom{n}" for n in range(1, 6)),
}
# How a macro is dressed, so that one that arrives as it is gets recognised.
DRESS = re.compile(
    r"\{\{\w+\}\}|\$?\{\w+\}|\[\w+\]|\[\[\[\w+\]\]\]|\[=\w+=\]|##[\w()]+##|#\w+#|%%?\w+%%?|!\w+!|!!!\w+!!!|<\w+>|__\w+__",
)
YOURS = re.compile(r"YOUR_[A-Z_]+")
CURRENCY = re.compile(r"[A-Z]{3}")


def relay_texts(relay: dict[str, Any]) -> list[str]:
    return [relay.get("url", ""), relay.get("body", ""), *relay.get("headers", {}).values()]


def macros_in(text: str) -> list[str]:
    return [match.split(":")[0].split("|")[0] for match in re.findall(r"\{([^{}\"\s]+)\}", text)]


def test_there_is_a_dozen_of_each_beside_the_generic_one() -> None:
    catalog = load_catalog()

    assert len(set(catalog.networks) - {"generic"}) >= 12
    assert len(set(catalog.sources) - {"generic"}) >= 12


def test_the_generic_ones_assume_nothing() -> None:
    catalog = load_catalog()

    assert catalog.networks["generic"].spec == {}
    assert catalog.networks["generic"].click_id_param is None
    assert catalog.sources["generic"].spec == {}


@every_network
def test_each_network_file_loads_as_it_is_written(key: str) -> None:
    template = load_catalog().networks[key]
    written = tomllib.loads((RESOURCES / "networks" / f"{key}.toml").read_text(encoding="utf-8"))

    assert template.key == key
    assert template.name == written["name"]
    assert template.spec == written.get("network", {})
    assert list(template.facts) == written["facts"]


@every_source
def test_each_source_file_loads_as_it_is_written(key: str) -> None:
    template = load_catalog().sources[key]
    written = tomllib.loads((RESOURCES / "sources" / f"{key}.toml").read_text(encoding="utf-8"))

    assert template.key == key
    assert template.name == written["name"]
    assert template.spec == written.get("source", {})
    assert list(template.facts) == written["facts"]


@every_network
def test_a_network_says_where_its_facts_come_from(key: str) -> None:
    template = load_catalog().networks[key]

    assert template.notes.endswith(".")
    assert (template.kind == "generic") == (key == "generic")
    assert template.facts or key == "generic"


@every_source
def test_a_source_says_where_its_facts_come_from(key: str) -> None:
    template = load_catalog().sources[key]

    assert template.notes.endswith(".")
    assert (template.kind == "generic") == (key == "generic")
    assert template.facts or key == "generic"


@every_network
def test_a_network_uses_only_the_keys_fields_and_statuses_of_the_setup_file(key: str) -> None:
    spec = load_catalog().networks[key].spec

    assert set(spec) <= NETWORK_KEYS
    assert set(spec.get("macros", {})) <= set(FIELDS)
    assert set(spec.get("params", {})) <= set(FIELDS)
    assert set(spec.get("status_words", {})) <= set(STATUSES)
    assert CURRENCY.fullmatch(spec.get("currency", "USD"))


@every_network
def test_a_network_hands_back_the_click_id_that_its_link_takes(key: str) -> None:
    template = load_catalog().networks[key]
    if key == "generic":
        return
    returned = template.spec["macros"]["click_id"].strip("{}[]#!")

    assert template.click_id_param is not None
    assert returned.casefold() == template.click_id_param.casefold()


@every_network
def test_a_network_macro_is_known_as_one_when_it_arrives_unreplaced(key: str) -> None:
    macros = load_catalog().networks[key].spec.get("macros", {})

    assert [macro for macro in macros.values() if not DRESS.fullmatch(macro)] == []
    assert len(set(macros.values())) == len(macros)


@every_network
def test_a_status_word_means_one_status(key: str) -> None:
    spec = load_catalog().networks[key].spec
    words = [word.casefold() for words in spec.get("status_words", {}).values() for word in words]

    assert len(set(words)) == len(words)
    assert "status" in spec.get("macros", {}) or "status" in spec.get("params", {}) or not words


@every_source
def test_a_source_macro_is_known_as_one_when_it_arrives_unreplaced(key: str) -> None:
    spec = load_catalog().sources[key].spec
    tokens = [sub["token"] for sub in spec.get("subs", {}).values()]
    tokens += [spec[field] for field in ("external_id", "cost") if field in spec]

    assert [token for token in tokens if not DRESS.fullmatch(token)] == []
    assert len(set(tokens)) == len(tokens)


@every_source
def test_the_subs_of_a_source_are_numbered_in_order_and_named_once(key: str) -> None:
    subs = load_catalog().sources[key].spec.get("subs", {})
    names = [sub["name"] for sub in subs.values()]

    assert list(subs) == [f"sub{n}" for n in range(1, len(subs) + 1)]
    assert len(subs) <= 20
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9_]{1,19}", name)] == []


@every_source
def test_a_relay_uses_only_macros_that_can_be_filled_in(key: str) -> None:
    relay = load_catalog().sources[key].spec.get("relay", {})

    assert set(relay) <= RELAY_KEYS
    assert {macro for text in relay_texts(relay) for macro in macros_in(text)} <= MACROS
    assert set(relay.get("statuses", [])) <= set(STATUSES)


@every_source
def test_a_relay_names_the_click_by_the_sources_own_id(key: str) -> None:
    spec = load_catalog().sources[key].spec
    named = [text for text in relay_texts(spec.get("relay", {})) if "{external_id}" in text]

    assert ("relay" in spec) == bool(named)
    assert "external_id" in spec or not named


@every_source
def test_what_the_owner_fills_in_is_explained_and_nothing_else(key: str) -> None:
    template = load_catalog().sources[key]
    asked_for = {word for text in relay_texts(template.spec.get("relay", {})) for word in YOURS.findall(text)}

    assert asked_for == set(template.fill_in)


@every_source
def test_a_relay_url_is_one_that_can_be_called(key: str) -> None:
    spec = load_catalog().sources[key].spec
    if "relay" not in spec:
        return

    assert re.fullmatch(r"https?://[a-z0-9.-]+/[^\s#\"]+", spec["relay"]["url"])
    assert re.fullmatch(CURRENCY, spec.get("cost_currency", "USD"))
