"""`tallyback rates`: exchange rates by day, what they mend, and the change of the base currency."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from server.api import mending, rates, rebasing
from server.api.data import Data
from server.api.mending import Lacking, Mended
from server.api.rates import Stored
from server.cli.command import Arguments, Command, data_of, one_of
from server.cli.printing import print_json, print_table
from server.domain.rate_files import DecimalMark
from server.errors import BadInput

_COLUMNS = ("day", "currency", "rate", "base_currency", "origin")
_MOST_SHOWN = 10
# Of each word the words that follow it, and the options that mean something to it.
_FORMS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "": ((), ("currency", "since", "until")),
    "set": (("CURRENCY", "RATE"), ("day", "dry_run")),
    "import": (("FILE.csv",), ("decimal", "dry_run")),
    "fetch": ((), ("daily", "file", "dry_run")),
    "remove": (("DAY", "CURRENCY"), ()),
    "mend": ((), ("again", "dry_run")),
    "rebase": (("CURRENCY",), ("even_without", "dry_run")),
}
_OPTIONS = {"since": "from", "until": "to"}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="set|import|fetch|remove|mend|rebase", nargs="?", default="")
    parser.add_argument("words", metavar="WORD", nargs="*", help="what belongs to it; see below")
    parser.add_argument("--currency", metavar="CODE", help="list: only rates from or to this currency")
    parser.add_argument("--from", dest="since", metavar="DAY", help="list: from this day on")
    parser.add_argument("--to", dest="until", metavar="DAY", help="list: up to this day")
    parser.add_argument("--day", metavar="DAY", help="set: of which day (default: today, UTC)")
    parser.add_argument("--decimal", choices=("point", "comma"), help="import: what stands before the decimals")
    parser.add_argument("--daily", action="store_true", help="fetch: only the last day, not the last 90")
    parser.add_argument("--file", metavar="FILE", help="fetch: a file of the bank's that you saved, nothing is fetched")
    parser.add_argument("--again", action="store_true", help="mend: look up anew what was frozen, too")
    parser.add_argument("--even-without", action="store_true", help="rebase: even where a rate is missing")
    parser.add_argument("--dry-run", action="store_true", help="show what would change and change nothing")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _run(arguments: Arguments) -> int:
    what = arguments.what
    one_of([name for name in _FORMS if name], what or None, "rates")
    words, options = _FORMS[what]
    if len(arguments.words) != len(words):
        form = " ".join(["tallyback rates", what, *words]).strip()
        raise BadInput(f"{what or 'A list'} takes {len(words) or 'no'} words after it.", remedy=f"Write {form}.")
    for name in {name for _, names in _FORMS.values() for name in names} - set(options):
        if getattr(arguments, name):
            option = f"--{_OPTIONS.get(name, name).replace('_', '-')}"
            raise BadInput(f"It means nothing for {what or 'a list'}.", where=option, remedy="Leave it out.")
    with data_of(arguments) as data:
        return _DEEDS[what](arguments, data)


def _list(arguments: Arguments, data: Data) -> int:
    found = rates.listed(data, arguments.currency, arguments.since, arguments.until)
    if arguments.json:
        return 0 if print_json(found) else 1
    if not print_table(found, [(column, column.replace("_", " ")) for column in _COLUMNS]):
        print("There is no rate. Enter one with `tallyback rates set EUR 1.0832`, or get them with `rates fetch`.")
        return 1
    return 0


def _set(arguments: Arguments, data: Data) -> int:
    currency, rate = arguments.words
    return _tell_stored(arguments, rates.set_rate(data, currency, rate, arguments.day, is_preview=arguments.dry_run))


def _import(arguments: Arguments, data: Data) -> int:
    mark: DecimalMark = "," if arguments.decimal == "comma" else "."
    return _tell_stored(arguments, rates.import_file(data, arguments.words[0], mark, is_preview=arguments.dry_run))


def _fetch(arguments: Arguments, data: Data) -> int:
    period: rates.Period = "day" if arguments.daily else "90days"
    return _tell_stored(arguments, rates.fetch(data, period, file=arguments.file, is_preview=arguments.dry_run))


def _remove(arguments: Arguments, data: Data) -> int:
    removed = rates.remove(data, *arguments.words)
    if arguments.json:
        print_json([removed])
    else:
        print(f"The rate of {removed['currency']} on {removed['day']} is gone. What was frozen by it stands.")
    return 0


def _mend(arguments: Arguments, data: Data) -> int:
    deed = mending.preview if arguments.dry_run else mending.mend
    found = deed(data, again=arguments.again)
    if arguments.json:
        print_json([asdict(found)])
    else:
        _tell_mended(found, is_preview=arguments.dry_run, again=arguments.again)
    return 0


def _rebase(arguments: Arguments, data: Data) -> int:
    (currency,), is_preview = arguments.words, arguments.dry_run
    if is_preview:
        found = rebasing.preview(data, currency)
    else:
        found = rebasing.rebase(data, currency, even_without=arguments.even_without)
    if arguments.json:
        print_json([asdict(found)])
        return 0
    before, base = found.before, found.base_currency
    if before == base:
        print(f"The base currency is {base}; {found.conversions} conversions and {found.clicks} clicks were left over.")
        return 0
    done = "would be" if is_preview else "were"
    rows = f"{found.conversions} conversions, {found.clicks} clicks and {found.corrections} corrections of cost"
    print(f"{rows} {done} given an amount in {base}, and {found.rates} rates {done} led on from {before}.")
    if found.named:
        print(f"They mean {before} without a word, and {'would' if is_preview else 'now'} name it: ", end="")
        print(", ".join(found.named))
    _tell_lacking(found.lacking, base)
    print(
        f"Nothing was changed. Back again: `tallyback rates rebase {before}`." if is_preview else _turned(before, base)
    )
    return 0


def _turned(before: str, base: str) -> str:
    return f"The base currency is {base}. `tallyback rates rebase {before}` brings back what was frozen in {before}."


def _tell_stored(arguments: Arguments, stored: Stored) -> int:
    if arguments.json:
        print_json([asdict(stored)])
        return 0
    period = stored.first_day if stored.first_day == stored.last_day else f"{stored.first_day} to {stored.last_day}"
    would = "would be " if arguments.dry_run else ""
    print(f"{stored.rates} rates of {period}: {stored.new} {would}new, {stored.changed} {would}changed.")
    _tell_mended(stored.mended, is_preview=arguments.dry_run)
    return 0


def _tell_mended(mended: Mended, *, is_preview: bool, again: bool = False) -> None:
    rows = f"{mended.conversions} conversions, {mended.clicks} clicks and {mended.corrections} corrections of cost"
    if is_preview and again:
        print(f"{rows} would be looked up again in {mended.base_currency}.")
    elif is_preview:
        print(f"{rows} would come to an amount in {mended.base_currency}; nothing was changed.")
    else:
        print(f"{rows} came to an amount in {mended.base_currency}.")
    _tell_lacking(mended.lacking, mended.base_currency)


def _tell_lacking(lacking: Sequence[Lacking], base: str) -> None:
    for one in lacking[:_MOST_SHOWN]:
        print(f"Without a rate from {one.currency} to {base} on {one.day}: ", end="")
        print(f"{one.conversions} conversions, {one.clicks} clicks.")
    if len(lacking) > _MOST_SHOWN:
        print(f"And on {len(lacking) - _MOST_SHOWN} more days; --json lists them all.")


_DEEDS: Mapping[str, Callable[[Arguments, Data], int]] = {
    "": _list,
    "set": _set,
    "import": _import,
    "fetch": _fetch,
    "remove": _remove,
    "mend": _mend,
    "rebase": _rebase,
}

COMMAND = Command(
    name="rates",
    summary="exchange rates by day, what they mend, and another base currency",
    manual=(
        "Alone: the rates, newest day first. A rate is what one unit of a currency is worth in your base currency.\n"
        "  set EUR 1.0832 --day 2026-03-01   enter one\n"
        "  import FILE.csv                   day,currency,rate[,base], or a file of the European Central Bank's\n"
        "  fetch                             the bank's public rates of the last 90 days, whenever you ask for them\n"
        "  remove 2026-03-01 EUR             take one away\n"
        "  mend                              give an amount to what had no rate; a new rate does so by itself\n"
        "  rebase EUR                        another base currency; `rebase` to the old one brings all back\n"
        "What has a rate keeps it: a later rate of the same day changes nothing, unless you `mend --again`."
    ),
    example="tallyback rates set EUR 1.0832 --day 2026-03-01 --dry-run",
    add_arguments=_add_arguments,
    run=_run,
)
