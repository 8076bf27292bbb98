"""What the tests of the setup share: the sample of DESIGN.md, a small catalog, and the way from text to things."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from server.domain.things import Setup
from server.setup.build import build
from server.setup.document import read_document
from server.setup.merge import merge
from server.setup.specs import Specs, Templates


@pytest.fixture(scope="session")
def sample() -> str:
    return Path(__file__).with_name("sample.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def templates() -> Templates:
    return Templates(
        networks={
            "everflow": {
                "currency": "EUR",
                "macros": {"click_id": "{sub1}", "event": "{event_name}"},
                "params": {"txn_id": "tid"},
                "status_words": {"approved": ["1", "ok"], "rejected": ["3"]},
                "hmac": {"header": "X-Signature", "over": "query"},
            },
            "generic": {},
        },
        sources={
            "propellerads": {
                "name": "PropellerAds",
                "external_id": "${SUBID}",
                "cost": "{cost}",
                "subs": {
                    "sub1": {"name": "area", "token": "{area}"},
                    "sub2": {"name": "banner", "token": "{bannerid}"},
                },
                "relay": {
                    "method": "POST",
                    "url": "https://ad.example.com/conversion?aid=YOUR_AID&visitor={external_id}",
                    "headers": {"Content-Type": "application/json", "X-Aid": "YOUR_AID"},
                    "body": '{"tid": "YOUR_TID", "payout": {payout}}',
                },
            },
        },
        fill_in={"propellerads": ("YOUR_AID", "YOUR_TID", "YOUR_NAME")},
    )


@pytest.fixture(scope="session")
def apply(templates: Templates) -> Callable[..., tuple[Specs, Setup]]:
    """Read a text, lay it over what is there, and build: what `tallyback apply` does without the database."""

    def apply(text: str, current: Specs | None = None) -> tuple[Specs, Setup]:
        document = read_document(text, "server.toml")
        specs = merge(current or Specs(), document.specs, lambda: "made")
        return specs, build(specs, templates, None, document.locate)

    return apply
