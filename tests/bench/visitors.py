"""Who asks in the bench: addresses from all over, as a proxy tells them, and the agents that are common there."""

from __future__ import annotations

import random
from pathlib import Path

from tests.visitor.mmdb import write_mmdb

REFERRER = "https://ref.example/p"
COUNTRIES = ("US", "CA", "GB", "DE", "FR", "BR", "IN", "ID", "JP", "NG")
_COUNT = 4999  # no divisor of the number of targets: each visitor asks for each of them in time
_WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
)
_ANDROID = "Mozilla/5.0 (Linux; Android {}; SM-A{}5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
_IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS {}_{} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.0"
    " Mobile/15E148 Safari/604.1"
)


def _agents() -> list[str]:
    return [
        *(_WINDOWS.format(version) for version in range(110, 130)),
        *(_ANDROID.format(version, model) for version in range(11, 15) for model in range(1, 6)),
        *(_IPHONE.format(version, minor, version) for version in (16, 17) for minor in range(10)),
    ]


def _addresses(count: int) -> list[str]:
    chance = random.Random(1)
    return [f"{chance.randrange(20, 100)}.{chance.randrange(256)}.{chance.randrange(256)}.7" for _ in range(count)]


AGENTS = _agents()
VISITORS = [(address, AGENTS[number % len(AGENTS)]) for number, address in enumerate(_addresses(_COUNT))]


def write_geo(folder: Path) -> None:
    """A country for the network of each visitor."""
    networks = sorted({f"{address.rpartition('.')[0]}.0/24" for address, _ in VISITORS})
    records = {network: {"country_code": COUNTRIES[number % len(COUNTRIES)]} for number, network in enumerate(networks)}
    write_mmdb(folder / "country.mmdb", records)
