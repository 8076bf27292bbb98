"""What may stand in a log: our own secrets are cut out wherever they stand, and nobody's whole address is told."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from server.domain.masking import MASK, is_secret_header, is_secret_name
from server.domain.things import RelayTemplate, Setup

_SHORT = 6  # a shorter secret is cut out only where it stands as a word: else it would blacken the whole log
_FEWEST_DIGITS = 3  # of what may be an address of IPv6: `std::` is none
_PAIR = re.compile(r"(?<![\w.-])([\w.-]{1,64})=([^&\s\"'<>\\]+)")
_QUOTED_PAIR = re.compile(r"([\"'])([\w.-]{1,64})\1(\s{0,9}:\s{0,9})([\"'])(.{0,2000}?)\4")
_USER = re.compile(r"://[^/\s@]+@")
_MAYBE_ADDRESS = re.compile(r"[0-9A-Fa-f:.]{3,}")
_IPV4 = re.compile(r"(?<![\d.])(?!127\.|0\.0\.0\.0)(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}(?!\d|\.\d)")


def credentials(setup: Setup) -> frozenset[str]:
    """Every secret of the setup: tokens, signing secrets, and what relays carry to prove who sends them."""
    found: set[str] = set()
    for network in setup.networks.values():
        found.add(network.token or "")
        found.add(network.hmac.secret if network.hmac else "")
    for source in setup.sources.values():
        found.update(_of_relay(source.relay))
    for campaign in setup.every_campaign.values():
        for template in campaign.destinations:
            found.update(_of_relay(template))
    return frozenset(found - {"", MASK})


def _of_relay(template: RelayTemplate) -> Iterator[str]:
    for name, value in template.headers.items():
        if is_secret_header(name):
            yield value
            yield value.rpartition(" ")[2]  # without the word before it: Bearer, Basic
    for text in (template.url, template.body):
        said = [(match[1], match[2]) for match in _PAIR.finditer(text)]
        said += [(match[2], match[5]) for match in _QUOTED_PAIR.finditer(text)]
        yield from (value for name, value in said if is_secret_name(name) and "{" not in value)


class Discretion:
    """Makes a text fit to be kept where others may read it."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self.secrets = frozenset(secrets)
        written = {form for secret in self.secrets for form in _forms(secret)}
        longest_first = sorted(written, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(_as_pattern, longest_first))) if written else None

    def __call__(self, text: str) -> str:
        if self._secrets is not None:
            text = self._secrets.sub(MASK, text)
        text = _USER.sub(f"://{MASK}@", text)
        text = _PAIR.sub(lambda match: f"{match[1]}={MASK}" if is_secret_name(match[1]) else match[0], text)
        text = _QUOTED_PAIR.sub(_masked_pair, text)
        return _MAYBE_ADDRESS.sub(lambda match: _shortened(match[0]), text)


def _forms(secret: str) -> set[str]:
    """As it is, as an address carries it, as a program prints it."""
    return {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
    }


def _as_pattern(secret: str) -> str:
    return re.escape(secret) if len(secret) >= _SHORT else rf"(?<!\w){re.escape(secret)}(?!\w)"


def _masked_pair(match: re.Match[str]) -> str:
    if not (is_secret_name(match[2]) or is_secret_header(match[2])):
        return match[0]
    return f"{match[1]}{match[2]}{match[1]}{match[3]}{match[4]}{MASK}{match[4]}"


def _shortened(run: str) -> str:
    """IPv4 to its 256 neighbours, IPv6 to its site; this machine's own stay."""
    if run.count(":") > 1 and len(run.replace(":", "")) >= _FEWEST_DIGITS:
        inner = (
            run[1:] if run.startswith(":") and not run.startswith("::") else run
        )  # the text around may have added one
        for end in (len(inner), len(inner.rstrip(".")), len(inner.removesuffix(":"))):
            if (short := _shortened_ipv6(inner[:end])) is not None:
                return run[: len(run) - len(inner)] + short + inner[end:]
    return _IPV4.sub(r"\1.0/24", run)


def _shortened_ipv6(text: str) -> str | None:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    if address.ipv4_mapped:
        return _IPV4.sub(r"\1.0/24", str(address.ipv4_mapped))
    if address.is_loopback or address.is_unspecified:
        return text
    return str(ipaddress.IPv6Network((int(address) >> 80 << 80, 48)))
