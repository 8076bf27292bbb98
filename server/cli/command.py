"""What a command is, and the words that many of them share."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo, available_timezones

from server.api.data import Data, open_data
from server.api.lists import Filters
from server.clock import DAY, HOUR, MINUTE
from server.domain.asking import DEVICES
from server.domain.moment import read_moment
from server.errors import BadInput, nearest

Arguments = argparse.Namespace
_AGO = re.compile(r"(?a:(\d{1,6}))([mhdw])")
_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}


@dataclass(frozen=True, slots=True)
class Command:
    """One word after `tallyback`: what it does, an example, its arguments, and the function that does it."""

    name: str
    summary: str
    manual: str
    example: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Arguments], int]


@contextmanager
def data_of(arguments: Arguments) -> Iterator[Data]:
    with open_data(arguments.data, arguments.database) as data:
        yield data


_WORDS = ("campaign", "network", "source", "outcome", "status", "click", "country", "device", "bot")


def add_filters(parser: argparse.ArgumentParser, *names: str) -> None:
    shown = {
        "campaign": ("KEY", "only of this campaign"),
        "network": ("KEY", "only of this network"),
        "source": ("KEY", "only of this source"),
        "outcome": ("WORD", "only postbacks with this outcome"),
        "status": ("WORD", "only with this status (for relays: status or state)"),
        "click": ("ID", "only of this click"),
        "country": ("CODE", "only visitors from this country"),
        "device": ("WORD", f"only visitors on this device: {', '.join(DEVICES)}"),
        "bot": ("yes|no", "only bots, or none"),
        "since": ("TIME", "from this time on: 2026-03-01, 2026-03-01T12:00, or 15m, 2h, 7d ago"),
        "until": ("TIME", "before this time, written alike"),
    }
    for name in names:
        placeholder, words = shown[name]
        parser.add_argument(f"--{name}", metavar=placeholder, help=words)
    parser.add_argument("--limit", metavar="N", type=positive, help="at most N rows, the newest")


def filters_of(arguments: Arguments, data: Data) -> Filters:
    zone = data.setup().owner.timezone
    words = {name: getattr(arguments, name, None) for name in _WORDS}
    return Filters(
        **words,
        since=read_time(arguments.since, "--since", zone, data.clock()),
        until=read_time(arguments.until, "--until", zone, data.clock()),
        limit=arguments.limit,
    )


def read_time(text: str | None, where: str, zone: str, now: int) -> int | None:
    if text is None:
        return None
    if match := _AGO.fullmatch(text.strip()):
        return now - int(match[1]) * _UNITS[match[2]]
    moment = read_moment(text, zone)
    if moment is None:
        raise BadInput(f"{text[:40]} is no time.", where=where, remedy="Write 2026-03-01, 2026-03-01T12:00 or 2h.")
    return moment


def read_zone(text: str | None) -> ZoneInfo | None:
    if text is None:
        return None
    if text not in available_timezones():
        near = nearest(text, available_timezones())
        remedy = f"Did you mean {near}?" if near else "Write an IANA zone such as Europe/Berlin."
        raise BadInput(f"{text[:40]} is no time zone.", where="--tz", remedy=remedy)
    return ZoneInfo(text)


def one_of(words: Sequence[str], text: str | None, where: str) -> None:
    if text is not None and text not in words:
        near = nearest(text, words)
        remedy = f"Did you mean {near}?" if near else f"One of {', '.join(words)}."
        raise BadInput(f"{text[:40]} is not known here.", where=where, remedy=remedy)


def positive(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:10]) < 10**9:
        raise argparse.ArgumentTypeError(f"{text[:20]} is not a number from 1 up")
    return int(text)


def port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text[:10]) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text[:20]} is not a port from 0 to 65535")
    return int(text)


def no_arguments(_parser: argparse.ArgumentParser) -> None:
    """For a command that takes none."""
