"""User agents: a sample of real ones is read right, and whatever else is said is read without a fault, and soon."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import pytest

from server.visitor import agents
from server.visitor.agents import LONGEST_AGENT, facts_of
from server.web.request import header_text

SAMPLE = [
    tuple(line.split("|", 5))
    for line in (Path(__file__).parents[1] / "data" / "agents.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
LONGEST_S = 0.1  # of the processor for one agent, which takes a few hundred microseconds of it
LONGEST_MEAN_S = 0.002
DEVICES = {"mobile", "tablet", "desktop", "tv", "console", "bot"}


def test_the_sample_is_large_enough_and_holds_each_device() -> None:
    assert len(SAMPLE) >= 200
    assert len({row[5] for row in SAMPLE}) == len(SAMPLE)
    assert sum(row[0] == "bot" for row in SAMPLE) >= 40
    assert {row[0] for row in SAMPLE} == DEVICES


@pytest.mark.parametrize("row", [row for row in SAMPLE if row[0] != "bot"], ids=lambda row: row[5][:60])
def test_a_browser_is_what_it_says(row: tuple[str, ...]) -> None:
    device, os, os_version, browser, browser_version, agent = row
    wanted = {
        "device": device,
        "os": os,
        "os_version": os_version,
        "browser": browser,
        "browser_version": browser_version,
    }
    assert facts_of(agent) == {name: value for name, value in wanted.items() if value}


@pytest.mark.parametrize("row", [row for row in SAMPLE if row[0] == "bot"], ids=lambda row: row[5][:60])
def test_a_bot_is_called_by_its_name(row: tuple[str, ...]) -> None:
    found = facts_of(row[5])
    assert found["device"] == "bot"
    assert found["bot"].startswith("agent: ")
    assert row[4].casefold() in found["bot"].casefold()


@pytest.mark.parametrize("agent", ["Mozilla/5.0", "-", "test", "\ud800\udfff", "é" * 50, "(((((", "%s%n{}", " "])
def test_what_tells_nothing_is_not_known(agent: str) -> None:
    assert facts_of(agent) == {}


def test_a_long_agent_is_read_up_to_a_bound() -> None:
    chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0"
    assert facts_of(chrome + " Safari/537.36" + " x" * LONGEST_AGENT + " Googlebot/2.1")["browser"] == "Chrome"
    assert facts_of("x" * LONGEST_AGENT + chrome) == {}


def test_a_version_is_short_whatever_stands_there() -> None:
    for said in ("9" * 900, "9" * 16 + "." + "9" * 16, "0" * 30 + ".1", "-1", "١٢", "１２"):
        found = facts_of(f"Mozilla/5.0 (iPhone; CPU iPhone OS {said} like Mac OS X) Mobile FxiOS/{said} OPiOS/{said}")
        assert all(len(found.get(name, "")) <= 16 for name in ("os_version", "browser_version")), found


def test_an_agent_is_read_once() -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 once"
    before = agents.facts_of.cache_info().hits
    assert facts_of(agent) is facts_of(agent)
    assert agents.facts_of.cache_info().hits == before + 1
    assert agents.facts_of.cache_info().maxsize == agents.KEPT


# -- whatever bytes ------------------------------------------------------------------------------------------------------


@pytest.fixture
def how_many_agents(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--agents"))


def test_any_bytes_are_read_without_a_fault_and_soon(how_many_agents: int) -> None:
    """`--agents 1000000` for a million. The agents differ, so none is remembered."""
    count, chance = how_many_agents, random.Random(20_260_301)
    pieces = [piece for row in SAMPLE for piece in row[5].split(" ")]
    agents.warm_up()
    slowest, total = 0.0, 0.0
    for _ in range(count):
        agent = header_text(said(chance, pieces).decode("latin-1")) or ""
        began = time.thread_time()
        found = facts_of.__wrapped__(agent)
        took = time.thread_time() - began
        slowest, total = max(slowest, took), total + took
        assert found.get("device") in {*DEVICES, None}
        assert all(isinstance(value, str) and 0 < len(value) <= 80 for value in found.values()), agent
    sys.stdout.write(f"{count} agents: mean {1e6 * total / count:.0f} µs, slowest {1e3 * slowest:.1f} ms\n")
    assert slowest < LONGEST_S
    assert total / count < LONGEST_MEAN_S


def said(chance: random.Random, pieces: list[str]) -> bytes:
    """Noise, pieces of real agents in any order, one piece again and again; short, and longer than is read."""
    size = chance.choice((1, 4, 30, 200))
    match chance.randrange(4):
        case 0:
            return chance.randbytes(size * 8)
        case 1:
            return " ".join(chance.choices(pieces, k=size)).encode()
        case 2:
            return (chance.choice(pieces) * size).encode()
        case _:
            agent = bytearray(" ".join(chance.choices(pieces, k=size)).encode())
            for _ in range(chance.randrange(8)):
                agent[chance.randrange(len(agent))] = chance.randrange(256)
            return bytes(agent)
