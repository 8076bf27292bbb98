"""The values of the setup file that have a form of their own: money, shares, times, codes, addresses, templates."""

from __future__ import annotations

import functools
import ipaddress
import re
import zoneinfo
from decimal import Decimal
from typing import Any

from server.domain import currency
from server.domain.money import MICRO, format_money, format_share, read_amount, read_number, to_micros
from server.domain.status import Status, read_status
from server.domain.template import Macro, Place, parse, problem_of
from server.domain.things import WHOLE, Payout
from server.setup.forms import Form, expect, optional, read_text
from server.setup.problem import At, hint, quoted

_PLAIN = re.compile(r"(?a:\d+(\.\d+)?)")
_LIMIT = 10**12
_DURATION = re.compile(r"(?a:(\d{1,9}))([smhd])")
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_LONGEST_DELAY = 30 * 86400
_CODE = re.compile(r"[A-Z]{3,5}")
_DOMAIN = re.compile(r"(?:(https?)://)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?/?", re.ASCII)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_LONGEST_PROBLEM = 300
_OURS_TO_SET = frozenset({"host", "content-length", "transfer-encoding", "connection"})


def _as_money(text: str) -> int | None:
    """In this file a lone point is a decimal point; anything else that could be two amounts is none."""
    if _PLAIN.fullmatch(text):
        return read_number(text, "1,234.50")
    amount = read_amount(text)
    return None if amount is None or amount.mark else amount.micros


def _as_share(text: str) -> int | None:
    number = text.strip().removesuffix("%").strip()
    micros = _as_money(number) if text.strip().endswith("%") else None
    return None if micros is None or not 0 <= micros // 100 <= WHOLE else micros // 100


def _micros(raw: Any, at: At) -> int | None:
    expect((str, int, float), 'money such as "32.00"', raw, at)
    if isinstance(raw, str):
        return _as_money(raw)
    if not -_LIMIT < raw < _LIMIT:  # nor NaN
        return None
    return raw * MICRO if isinstance(raw, int) else to_micros(f"{Decimal(repr(raw)):f}")


def read_money(raw: Any, at: At) -> str:
    micros = _micros(raw, at)
    if micros is None:
        said = f"{quoted(raw)} is" if isinstance(raw, str) else "this number is"
        raise at.refusal(f"{said} no amount of money.", 'Write it like "1234.50", the currency under a key of its own.')
    if micros < 0:
        raise at.refusal("is negative.", 'Write an amount such as "32.00", or "0".')
    return format_money(micros)


def read_share(raw: Any, at: At) -> str:
    expect(str, 'a share such as "70%"', raw, at)
    share = _as_share(raw)
    if share is None:
        raise at.refusal(f"{quoted(raw)} is no share.", 'Write it like "70%", from "0%" to "100%".')
    return format_share(share)


def read_payout(raw: Any, at: At) -> str:
    is_share = isinstance(raw, str) and raw.strip().endswith("%")
    return read_share(raw, at) if is_share else read_money(raw, at)


def make_payout(value: str, _at: At) -> Payout:
    return Payout(share=_as_share(value)) if value.endswith("%") else Payout(micros=to_micros(value))


def read_duration(raw: Any, at: At) -> str:
    expect(str, 'a time such as "30s", "5m", "2h" or "1d"', raw, at)
    match = _DURATION.fullmatch(raw.strip())
    seconds = int(match[1]) * _SECONDS[match[2]] if match else -1
    if not 0 <= seconds <= _LONGEST_DELAY:
        raise at.refusal(f"{quoted(raw)} is no time from 0s to 30d.", 'Write it like "30s", "5m", "2h" or "1d".')
    unit = next(unit for unit, size in _SECONDS.items() if seconds % size == 0) if seconds else "s"
    return f"{seconds // _SECONDS[unit]}{unit}"


def make_seconds(value: str, _at: At) -> int:
    return int(value[:-1]) * _SECONDS[value[-1]]


def read_status_word(raw: Any, at: At) -> str:
    expect(str, "text", raw, at)
    words = [status.value for status in Status]
    if raw in words:
        return str(raw)
    meaning = read_status(raw[:64], {})
    raise at.refusal(f"{quoted(raw)} is no status.", f"Did you mean '{meaning}'?" if meaning else hint(raw, words))


def read_code(raw: Any, at: At) -> str:
    expect(str, "a currency code such as USD", raw, at)
    code = str(raw).strip().upper()
    if not _CODE.fullmatch(code):
        raise at.refusal(f"{quoted(raw)} is no currency code.", _currency_hint(raw, at))
    return currency.OLD_CODES.get(code, code)


def make_currency(value: str, at: At) -> str:
    if currency.known(value, at.context.currencies) is None:
        raise at.refusal(f"unknown currency {quoted(value)}.", _currency_hint(value, at))
    return value


def _currency_hint(word: str, at: At) -> str:
    near = hint(word, [*sorted(currency.ISO_4217), *at.context.currencies])
    return f"{near} A code of your own goes under `currencies` at the top.".strip()


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def read_zone(raw: Any, at: At) -> str:
    expect(str, "a time zone such as Europe/Berlin", raw, at)
    if raw not in _zones():
        raise at.refusal(f"unknown time zone {quoted(raw)}.", hint(raw, sorted(_zones())))
    return str(raw)


def read_range(raw: Any, at: At) -> str:
    """An address, or a range of them in CIDR form."""
    expect(str, "an IP address or range", raw, at)
    try:
        network = ipaddress.ip_network(raw.strip(), strict=False)
        is_exact = network.network_address == ipaddress.ip_address(raw.strip().split("/")[0])
    except ValueError:
        raise at.refusal(f"{quoted(raw)} is no IP address or range.", "Write it like 203.0.113.0/24.") from None
    if not is_exact:
        raise at.refusal(f"{quoted(raw)} is no range: bits are set after the slash.", f"Did you mean '{network}'?")
    return str(network.network_address if network.prefixlen == network.max_prefixlen else network)


def read_domain(raw: Any, at: At) -> str:
    expect(str, "text", raw, at)
    match = _DOMAIN.fullmatch(raw.strip().lower())
    if match is None or not 0 < int(match[3] or 443) < 65536 or not _is_host(match[2]):
        raise at.refusal(f"{quoted(raw)} is no domain.", "Write it like https://trk.example.com, without a path.")
    scheme, host, port = match.groups()
    domain = f"{host}:{port}" if port else host
    if scheme != "https" and not (scheme and _is_loopback(host)):
        raise at.refusal(f"{quoted(raw)} does not start with https://.", f"Did you mean 'https://{domain}'?")
    return f"{scheme}://{domain}"


def _is_host(host: str) -> bool:
    if not host.startswith("["):
        return len(host) < 254 and ".." not in host
    try:
        return bool(ipaddress.IPv6Address(host[1:-1]))
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def read_header_name(raw: Any, at: At) -> str:
    expect(str, "text", raw, at)
    if not _HEADER.fullmatch(raw):
        raise at.refusal(f"{quoted(raw)} is no name of a header.")
    return str(raw)


def read_sent_header_name(raw: Any, at: At) -> str:
    name = read_header_name(raw, at)
    if name.lower() in _OURS_TO_SET:
        raise at.refusal(f"the header {quoted(raw)} is set by the sender.", "Leave it out.")
    return name


def read_header(raw: Any, at: At) -> str:
    text = checked_template(read_text(raw, at), "header", at)
    if not text.isascii():
        raise at.refusal("a header holds ASCII characters only.")
    return text


def read_url(raw: Any, at: At) -> str:
    return checked_template(read_text(raw, at), "url", at)


def read_fixed_url(raw: Any, at: At) -> str:
    url = read_url(raw, at)
    if macro := next((part for part in parse(url) if isinstance(part, Macro)), None):
        raise at.refusal(f"{{{macro.name}}} cannot be filled here: there is no click.")
    return url


def checked_template(text: str, place: Place, at: At) -> str:
    if problem := problem_of(text, place):
        short = problem if len(problem) <= _LONGEST_PROBLEM else f"{problem[:_LONGEST_PROBLEM]}…"
        raise at.refusal(short if short.endswith("?") else f"{short}.")
    return text


def make_template(value: str, at: At) -> str:
    """The currencies that its macros convert to have to be known."""
    for part in parse(value):
        if isinstance(part, Macro) and part.currency:
            make_currency(part.currency, at)
    return value


MONEY = Form(read_money, lambda value, _at: to_micros(value))
SHARE = Form(read_share, lambda value, _at: _as_share(value))
PAYOUT = Form(read_payout, make_payout)
DURATION = Form(read_duration, make_seconds)
STATUS = Form(read_status_word, lambda value, _at: Status(value))
CODE = Form(read_code)
CURRENCY = Form(read_code, make_currency)
ZONE = Form(read_zone)
RANGE = Form(read_range)
DOMAIN = Form(read_domain)
HEADER_NAME = Form(read_header_name)
SENT_HEADER_NAME = Form(read_sent_header_name)
HEADER = optional(Form(read_header, make_template), "")
URL = Form(read_url, make_template)
FIXED_URL = Form(read_fixed_url)
