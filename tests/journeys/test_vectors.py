"""Every postback of the two collections, through a real server over HTTP: the outcome it names, and the books after it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from server.api import lists
from server.api.data import Data, open_data
from server.api.lists import Filters
from server.catalog import load_catalog
from server.clock import DAY, system_clock
from server.domain import click_id as ids
from server.domain.choosing import Chances
from server.domain.click_id import Keys
from server.pipeline import click
from server.pipeline.click import Visit
from server.pipeline.ground import Ground
from tests.loop import Loop, running

DATA = Path(__file__).parent.parent / "data"
OURS: dict[str, Any] = json.loads((DATA / "vectors.json").read_text())
FROM_CATALOG: dict[str, Any] = json.loads((DATA / "catalog_vectors.json").read_text())

TOKEN = "the-token-of-the-guarded-one"
NETWORKS: dict[str, dict[str, Any]] = {
    "generic": {},
    "comma_decimal": {"number_style": "1.234,50"},
    "polish": {"status_words": {"approved": ["kwalifikowany"]}},
    "last_word": {"last_word_wins": True},
    "each_counts": {"each_postback_counts": True},
    "timed": {"params": {"time": "time"}},
    "guarded": {"token": TOKEN},
    "mapped": {"params": {"click_id": "aff_click", "payout": "sum", "event": "goal_name", "txn_id": "deal"}},
    "windowed": {},
}
OPEN = {"token": "", "currency": "USD"}
NUMBER_STYLES = {"point": "1,234.50", "comma": "1.234,50"}
TEMPLATES = load_catalog().networks
HELD = [v for v in FROM_CATALOG["vectors"] if v["network"] == "generic" or v["network"] in TEMPLATES]
# Entries marked policy state a choice, and there DESIGN decides: control bytes are kept as they came, escaped.
DESIGN_SAYS = {"v158": {"event": "a%00b"}}


def own_network(vector: dict[str, Any]) -> dict[str, Any]:
    """The network as the vector assumes it: its template, with the parameters that the vector uses."""
    spec: dict[str, Any] = {"params": vector["params"], **OPEN}
    if vector["network"] in TEMPLATES and vector["network"] != "generic":
        spec["template"] = vector["network"]
    if vector.get("status_words"):
        spec["status_words"] = vector["status_words"]
    if style := (vector.get("settings") or {}).get("number_style"):
        spec["number_style"] = NUMBER_STYLES[style]
    return spec


def setup() -> str:
    networks = {key: {**OPEN, **spec} for key, spec in NETWORKS.items()}
    networks |= {vector["id"]: own_network(vector) for vector in HELD}
    offer = {key: OURS["offer"][key] for key in ("payout", "currency", "events")}
    return tomli_w.dumps(
        {
            "source": [{"key": "src"}],
            "network": [{"key": key, **spec} for key, spec in networks.items()],
            "offer": [
                {"key": key, "network": key, "url": "https://go.example.net/?sub1={click_id}", **offer}
                | ({"window_days": 30} if key == "windowed" else {})
                for key in networks
            ],
            "campaign": [
                {"key": key, "source": "src", "path": [{"offers": [{"offer": key, "weight": 100}]}]} for key in networks
            ],
        }
    )


@dataclass
class World:
    loop: Loop
    data: Data

    def click(self, network: str) -> str:
        return self.loop.click(f"/c/{network}?ext=e")

    def old_click(self, network: str) -> str:
        now = system_clock() - 31 * DAY
        ground = Ground(self.data.setup(), self.data.database.digest_key, now)
        visit = Visit(now, {"ext": "e"}, "127.0.0.1")
        sent = click.decide(visit, ground.setup.campaigns[network], Keys(63).next(now), Chances(0, 0, 0), ground)
        self.data.database.write(lambda connection: click.record(connection, sent))
        return sent.click_id

    def unknown(self) -> str:
        return ids.encode(ids.first_key(system_clock() - DAY) + 12345, self.data.database.digest_key)

    def fill(self, text: str, network: str, clicks: dict[str, str]) -> str:
        """Puts ids where the placeholders stand; any other brace stands for itself."""
        makers = {
            "{CLICK}": lambda: self._known(clicks, "CLICK", network),
            "{CLICK^}": lambda: self._known(clicks, "CLICK", network).upper(),
            "{CLICK:20}": lambda: self._known(clicks, "CLICK", network)[:20],
            "{CLICK~}": lambda: changed(self._known(clicks, "CLICK", network)),
            "{OTHER}": lambda: self._known(clicks, "OTHER", network),
            "{FOREIGN}": lambda: self.click("polish"),
            "{UNKNOWN}": self.unknown,
            "{OLD}": lambda: clicks.setdefault("OLD", self.old_click(network)),
            "{TOKEN}": lambda: TOKEN,
        }
        for placeholder, make in makers.items():
            if placeholder in text:
                text = text.replace(placeholder, make())
        return text

    def _known(self, clicks: dict[str, str], name: str, network: str) -> str:
        if name not in clicks:
            clicks[name] = self.click(network)
        return clicks[name]

    def send(self, network: str, vector: dict[str, Any], query: str, body: str | None) -> str:
        target = f"/p/{network}?{query}".encode().decode("latin-1")
        headers = {"Content-Type": vector["content_type"]} if vector.get("content_type") else {}
        came = self.loop.request(vector["method"], _quoted(target), body.encode() if body else None, headers)
        assert came.status in (200, 403), came
        return came.text


def _quoted(target: str) -> str:
    """Only what no client can send raw is encoded; everything else goes as the vector has it."""
    return "".join(c if 0x21 <= ord(c) < 0x7F else f"%{ord(c):02X}" for c in target)


def changed(click_id: str) -> str:
    return click_id[:10] + ("2" if click_id[10] != "2" else "3") + click_id[11:]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("vectors")
    with running(folder, setup()) as loop, open_data(str(loop.folder)) as data:
        yield World(loop, data)


@pytest.mark.parametrize("vector", OURS["vectors"], ids=lambda vector: vector["why"])
def test_a_vector_gets_the_outcome_that_it_names(world: World, vector: dict[str, Any]) -> None:
    network = vector["network"]
    clicks: dict[str, str] = {}
    for index, before in enumerate(vector["before"]):
        unique = world.fill(before, network, clicks).replace("=Z", f"=Z{clicks.get('CLICK', index)}")
        world.send(network, {"method": "GET"}, unique, None)
    mine = clicks.get("CLICK", "")
    query = world.fill(vector["query"], network, clicks).replace("=Z", f"=Z{mine}")
    body = world.fill(vector["body"], network, clicks) if vector["body"] else None
    mine = mine or clicks.get("CLICK", clicks.get("OLD", ""))
    answer = world.send(network, vector, query, body)
    expect = vector["expect"]
    assert answer.split()[1] == expect["outcome"], answer
    receipt = next(lists.postbacks(world.data, Filters(network=network, limit=1)))
    assert set(expect.get("warnings", [])) <= set(receipt["warnings"])
    assert receipt["reason"]
    assert receipt["remedy"]
    if set(expect) & {"payout", "status", "txn_id", "event", "currency", "net", "sale_amount"}:
        conversion = next(
            c for c in lists.conversions(world.data, Filters(click=mine)) if c["id"] == receipt["conversion"]
        )
        _agrees(conversion, expect, mine)


def _agrees(conversion: dict[str, Any], expect: dict[str, Any], mine: str) -> None:
    for name in ("payout", "net", "sale_amount"):
        if name in expect:
            assert Decimal(conversion[name]) == Decimal(expect[name]), name
    for name in ("status", "currency", "event"):
        if name in expect:
            assert conversion[name] == expect[name], name
    if "txn_id" in expect:
        assert conversion["txn_id"] == (f"Z{mine}" if expect["txn_id"] == "Z" else expect["txn_id"])


@pytest.mark.parametrize("vector", HELD, ids=lambda vector: f"{vector['id']} {vector['why'][:60]}")
def test_a_postback_as_a_real_network_sends_it(world: World, vector: dict[str, Any]) -> None:
    network, clicks = vector["id"], dict[str, str]()
    query = world.fill(vector["query"], network, clicks)
    body = world.fill(vector["body"], network, clicks) if vector["body"] else None
    answer = world.send(network, vector, query, body)
    expect = vector["expect"] | DESIGN_SAYS.get(vector["id"], {})
    outcome = vector.get("outcome_hint", "accepted")
    assert answer.split()[1] == outcome, answer
    receipt = next(lists.postbacks(world.data, Filters(network=network, limit=1)))
    known = {"odd_encoding", "click_id_in_other_parameter", "bad_value"}
    amount_was_read = expect.get("payout") is not None
    wanted = {
        flag for flag in vector.get("flags", []) if flag in known and not (flag == "bad_value" and amount_was_read)
    }
    assert wanted <= set(receipt["warnings"])
    if outcome != "accepted":
        assert receipt["conversion"] is None
        return
    conversion = next(lists.conversions(world.data, Filters(click=clicks["CLICK"])))
    for name in ("txn_id", "event", "status"):
        assert conversion[name] == expect[name], name
    assert conversion["currency"] == (expect["currency"] or "USD")
    if expect.get("payout") is not None:
        assert Decimal(conversion["payout"]) == Decimal(expect["payout"])
    elif "payout" in expect:
        assert Decimal(conversion["payout"]) == (Decimal("32.00") if conversion["event"] is None else 0)
