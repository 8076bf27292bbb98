"""What was answered against what is in the database: nothing promised is missing, and nothing is there unasked."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from server.api.data import Data
from server.api.reports import report
from server.domain.money import format_money
from server.storage.tables import ClickRow, ConversionRow, EntryRow, PostbackRow, RelayRow, StepRow
from tests.fuzz.checks import is_said
from tests.fuzz.talk import Answer, Exchange, Owed

_CLICK_ID = re.compile(rb"\r\nLocation: https://(?:go|lp)\.example\.(?:net|com)[^?]*\?(?:sub1|c)=([0-9a-z]{23})")


@dataclass
class Books:
    """Everything that the server has promised; many threads add to it."""

    clicks: set[str] = field(default_factory=set)
    looks: set[str] = field(default_factory=set)  # HEAD: nothing is recorded
    steps: int = 0
    said: Counter[str] = field(default_factory=Counter)
    conversions: set[int] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    unheard: int = 0  # whole requests whose answer nobody has read
    slowest_s: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, made: Exchange) -> None:
        with self._lock:
            self.unheard += len(made.owed) - len(made.answers)
            self.slowest_s = max(self.slowest_s, made.seconds)
            for owed, answer in made.answered:
                self.statuses[answer.status] += 1
                if not owed.is_refused:
                    self._note(owed, answer)

    def _note(self, owed: Owed, answer: Answer) -> None:
        if match := _CLICK_ID.search(answer.head):
            if owed.method == "HEAD":
                self.looks.add(match[1].decode())
            elif owed.path.startswith("/go"):
                self.steps += 1
            else:
                self.clicks.add(match[1].decode())
        elif owed.method in ("GET", "POST") and is_said(owed, answer):
            word, outcome, *rest = answer.body.decode().split()
            self.said[outcome] += 1
            if word == "OK":
                self.conversions.add(int(rest[0]))


def imbalances(books: Books, data: Data) -> Iterator[str]:
    ground = data.ground()
    with data.database.read() as connection:
        keys = list(connection.scalars(select(ClickRow.id).where(ClickRow.reason != "paused")))
        unheard = books.unheard + books.said.pop("spooled", 0)  # what became of it later, nobody was told
        recorded = {ground.click_text(key) for key in keys}
        if missing := books.clicks - recorded:
            yield f"{len(missing)} clicks were answered and are not there: {sorted(missing)[:3]}"
        if looks := (books.looks - books.clicks) & recorded:
            yield f"{len(looks)} were only looked at, and are clicks: {sorted(looks)[:3]}"
        yield from _off("clicks", len(books.clicks), len(recorded), unheard)
        yield from _off("steps", books.steps, _count(connection, StepRow), unheard)
        rows = select(PostbackRow.outcome, func.count()).group_by(PostbackRow.outcome)
        outcomes = dict(map(tuple, connection.execute(rows)))
        for outcome in (books.said.keys() | outcomes.keys()) - {"unauthorised"}:  # of those only so many are kept
            yield from _off(f"postbacks {outcome}", books.said[outcome], outcomes.get(outcome, 0), unheard)
        yield from _conversions(books, connection)
        yield from _totals(data, connection)


def _off(what: str, answered: int, recorded: int, unheard: int) -> Iterator[str]:
    if not answered <= recorded <= answered + unheard:
        yield f"{what}: {answered} answered, {unheard} unheard, {recorded} recorded"


def _count(connection: Connection, table: type) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _conversions(books: Books, connection: Connection) -> Iterator[str]:
    there = set(connection.scalars(select(ConversionRow.id)))
    if missing := books.conversions - there:
        yield f"conversions {sorted(missing)[:5]} were answered and are not there"
    with_receipt = set(connection.scalars(select(EntryRow.conversion_id).where(EntryRow.postback_id.is_not(None))))
    if bare := there - with_receipt:
        yield f"conversions {sorted(bare)[:5]} have no receipt"
    counted = select(ConversionRow.id).where(ConversionRow.kept.is_(None))
    owing = set(connection.scalars(select(RelayRow.conversion_id)))
    if silent := set(connection.scalars(counted)) - owing:
        yield f"conversions {sorted(silent)[:5]} owe no relay, not even one that is skipped"
    if odd := connection.scalar(select(func.count()).where(ConversionRow.net < 0)):
        yield f"{odd} conversions are worth less than nothing"


def _totals(data: Data, connection: Connection) -> Iterator[str]:
    total = report(data, ["campaign"]).total
    clicks = _count(connection, ClickRow)
    counted = ConversionRow.kept.is_(None)
    conversions = connection.scalar(select(func.count()).where(counted)) or 0
    revenue = connection.scalar(
        select(func.sum(ConversionRow.net_base)).where(counted, ConversionRow.status != "pending")
    )
    expected = {"clicks": clicks, "conversions": conversions, "revenue": format_money(revenue or 0)}
    found = {name: total[name] for name in expected}
    if found != expected:
        yield f"the report says {found}, the rows say {expected}"
