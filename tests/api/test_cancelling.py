"""A reading that nobody wants any more ends in the database itself, and leaves the connection as good as new."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import text

from server.api.data import Cancelled, Data
from server.api.lists import CLICKS, Filters, page, stream
from server.api.sorting import Sorting, in_order
from server.current import CurrentSetup
from server.settings import DataFolder
from tests.storage import databases

ENDLESS = text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT 1 - x FROM n) SELECT count(*) FROM n")


@pytest.fixture(params=databases.KINDS)
def data(request, tmp_path):
    database = databases.without_rows(request.param)
    clock = lambda: 0  # noqa: E731
    return Data(DataFolder(tmp_path), database.url, database, clock, CurrentSetup(database, clock))


def endless(data, cancel):
    with data.read(cancel) as connection:
        connection.execute(ENDLESS)


def test_an_endless_query_ends_soon_after_it_is_cancelled(data):
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    began = time.perf_counter()
    with pytest.raises(Cancelled):
        endless(data, cancel)
    assert 0.15 < time.perf_counter() - began < 3


def test_what_is_cancelled_before_it_begins_is_not_asked(data):
    cancel = threading.Event()
    cancel.set()
    for work in (
        lambda: page(data, CLICKS, Filters(), cancel),
        lambda: list(stream(CLICKS, data, Filters(), None, cancel)),
        lambda: in_order(data, CLICKS, Filters(), Sorting("cost"), cancel),
    ):
        with pytest.raises(Cancelled):
            work()


def test_the_next_reader_of_the_connection_is_left_alone(data):
    for _ in range(5):
        cancel = threading.Event()
        threading.Timer(0.02, cancel.set).start()
        with pytest.raises(Cancelled):
            endless(data, cancel)
        with data.read() as connection:
            assert connection.scalar(text("SELECT 41 + 1")) == 42
        with data.read(threading.Event()) as connection:
            assert connection.scalar(text("SELECT 41 + 1")) == 42


def test_what_is_not_cancelled_ends_as_ever(data):
    assert page(data, CLICKS, Filters(), threading.Event()) == []
    with pytest.raises(ZeroDivisionError), data.read(threading.Event()):
        1 / 0  # noqa: B018
