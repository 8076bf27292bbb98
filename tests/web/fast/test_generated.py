"""Two servers with the same past, asked the same from the fuzz, one the fast way and one the plain way: all is the same."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from server.api.data import Data, open_data
from server.storage.tables import ClickRow, ConversionRow, EntryRow, PostbackRow
from server.web.fast.reading import read
from tests.fuzz.requests import Attempt, Maker
from tests.fuzz.talk import exchange
from tests.fuzz.words import Known
from tests.fuzz.world import SETUP, World, acquaint
from tests.loop import Loop, running

ASIDE = b"Content-Type: text/plain\r\n"  # left to the plain way, and means nothing to either
COMPARED = 300
BY_CHANCE = re.compile(rb"GET /c/(?:quiz|rules)\b")  # which offer, is drawn by lot
OWN = re.compile(r"[0-9a-hjkmnp-tv-z]{23}|\d{13}")  # a new click's id and its time
NOT_COMPARED = {"id", "time", "updated", "arrived_at", "content_type"}


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Loop, Loop, Known]]:
    one, other = tmp_path_factory.mktemp("fast"), tmp_path_factory.mktemp("plain")
    with running(one, SETUP.replace("AD", "http://127.0.0.1:9")) as first:
        known = Known({}, "127.0.0.1:9")
        acquaint(World(first, None, known))  # type: ignore[arg-type]
        assert first.stop() == 0
        shutil.copytree(one / "data", other / "data")
        second = Loop(other / "data")
        try:
            first.start()
            second.start()
            yield first, second, known
            assert (first.stop(), second.stop()) == (0, 0)
        finally:
            if second.process is not None:
                second.kill()


def test_both_ways_answer_and_record_the_same(twins: tuple[Loop, Loop, Known]) -> None:
    fast, plain, known = twins
    for raw in plain_gets(Maker(20_260_322, known)):
        first, end, rest = raw.partition(b"\r\n")
        assert answer(fast, raw) == answer(plain, first + end + ASIDE + rest), raw
    with open_data(str(fast.folder)) as one, open_data(str(plain.folder)) as other:
        for table in (ClickRow, PostbackRow, ConversionRow, EntryRow):
            rows, others = rows_of(one, table), rows_of(other, table)
            assert len(rows) == len(others) > COMPARED // 10
            for row, same in zip(rows, others, strict=True):
                assert row == same


def plain_gets(maker: Maker) -> Iterator[bytes]:
    """Of what the fuzz sends, what the fast way reads."""
    number = count = 0
    while count < COMPARED:
        raw = maker.attempt(number).raw
        number += 1
        if read(raw) is not None and not BY_CHANCE.match(raw):
            count += 1
            yield raw


def answer(loop: Loop, raw: bytes) -> str:
    """Without what differs between any two requests."""
    made, _ = exchange(int(loop.url.rsplit(":", 1)[1]), Attempt(0, raw, (), "reads", "127.0.0.1"))
    [one] = made.answers
    came = one.head + one.body
    return OWN.sub("<own>", re.sub(r"Date: [^\r]*", "Date: then", came.decode("latin-1")))


def rows_of(data: Data, table: type) -> list[dict[str, Any]]:
    with data.database.read() as connection:
        rows = connection.execute(table.__table__.select().order_by(table.id)).all()
    names = [column.key for column in table.__table__.columns if column.key not in NOT_COMPARED]
    return [{name: told(getattr(row, name)) for name in names} for row in rows]


def told(value: Any) -> Any:
    return OWN.sub("<own>", value) if isinstance(value, str) else value
