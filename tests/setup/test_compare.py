"""A change is shown as what it is, no more and no less, and never with a secret."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.setup.compare import Change, compare
from server.setup.specs import Specs


def test_equal_setups_have_nothing_to_show(apply: Callable, sample: str) -> None:
    specs, _ = apply(sample)
    again, _ = apply(sample.replace('"32.00"', "32.0").replace('"0.012"', "0.0120"), specs)
    assert compare(specs, again) == []


def test_what_is_new_is_named(apply: Callable, sample: str) -> None:
    specs, _ = apply(sample)
    changes = compare(Specs(), specs)
    assert [change.lines[0] for change in changes] == [
        "~ owner",
        "+ source prop",
        "+ network maxi",
        "+ offer keto-us",
        "+ landing quiz",
        "+ campaign summer",
    ]
    assert {change.verb for change in changes[1:]} == {"create"}


CHANGES = [
    ('payout = "32.00"', "payout = 40", "~ offer keto-us", ["payout: 32.00 -> 40.00"]),
    ("window_days = 30", "", "~ offer keto-us", ["window_days: 30 -> default"]),
    (
        'deposit = "50.00"',
        'sale = "5%"',
        "~ offer keto-us",
        ["events.deposit: 50.00 -> default", "events.sale: default -> 5%"],
    ),
    ('timezone = "Europe/Berlin"', 'timezone = "UTC"', "~ owner", ["timezone: Europe/Berlin -> UTC"]),
    (
        'statuses = ["approved"]',
        'statuses = ["approved", "pending"]\npaused = true\nevents = []',
        "~ source prop",
        [
            "relay.statuses: approved -> approved, pending",
            "relay.events: default -> none",
            "relay.paused: default -> true",
        ],
    ),
    ('"a-secret"', '"another"', "~ network maxi", ["token: changed"]),
    ('"a-secret"', '""', "~ network maxi", ["token: *** -> open"]),
    (
        '"a-secret"',
        '"a-secret"\nhmac = { header = "X", secret = "s" }',
        "~ network maxi",
        ["hmac.header: default -> X", "hmac.secret: default -> ***"],
    ),
    (
        'offers = [{ offer = "keto-us", weight = 100 }]',
        'offers = [{ offer = "keto-us", weight = 50 }]',
        "~ campaign summer",
        ["path 1 offers: keto-us 100 -> keto-us 50"],
    ),
    ('country = ["US", "CA"]', 'country = ["US"]', "~ campaign summer", ["path 1 when.country: US, CA -> US"]),
    (
        'key = "summer"',
        'key = "summer"\ndestinations = [{ url = "https://p.example", headers = { X-Token = "s" } }]',
        "~ campaign summer",
        ["destinations 1 url: default -> https://p.example", "destinations 1 headers.X-Token: default -> ***"],
    ),
]


@pytest.mark.parametrize(("old", "new", "head", "lines"), CHANGES)
def test_exactly_what_changes_is_shown(
    old: str, new: str, head: str, lines: list[str], apply: Callable, sample: str
) -> None:
    specs, _ = apply(sample)
    changed, _ = apply(sample.replace(old, new), specs)
    kind, key = f"{head[2:]} ".split(" ", 1)
    assert compare(specs, changed) == [Change(kind, key.strip(), "update", (head, *(f"    {line}" for line in lines)))]


def test_another_path_is_shown_key_by_key(apply: Callable, sample: str) -> None:
    specs, _ = apply(sample)
    changed, _ = apply(sample + '[[campaign.path]]\noffers = [{ offer = "keto-us" }]\n', specs)
    (change,) = compare(specs, changed)
    assert change.lines == ("~ campaign summer", "    path 2 offers: default -> keto-us")


def test_an_open_network_is_shown_as_open(apply: Callable) -> None:
    specs, _ = apply('[[network]]\nkey = "maxi"\ntoken = ""\n')
    assert compare(Specs(), specs)[0].lines == ("+ network maxi", "    token: open, anyone may send postbacks")


def test_no_secret_is_ever_shown(apply: Callable, sample: str) -> None:
    secret = "hush-hush"
    specs, _ = apply(sample)
    told, _ = apply(
        sample.replace("a-secret", secret).replace(
            "[network.macros]", f'hmac = {{ header = "X", secret = "{secret}" }}\n[network.macros]'
        ),
        specs,
    )
    assert compare(specs, told)
    assert compare(Specs(), told)
    for changes in (compare(specs, told), compare(told, specs), compare(Specs(), told)):
        assert secret not in str(changes)
