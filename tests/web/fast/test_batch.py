"""One batch: nobody is asked twice, and what cannot be written together is tried alone or kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from server.api import lists
from server.api.data import Data, open_data
from server.api.lists import Filters
from server.api.setup import apply
from server.domain.click_id import Keys
from server.engine import Engine
from server.pipeline import click
from server.setup.document import read_document
from server.storage import dialect
from server.web.fast import answers, batch
from server.web.fast.batch import Batch
from server.web.fast.reading import Asked, read
from server.web.tracker import Tracker
from tests.ad_network import setup_with


@dataclass
class Visitor:
    """What a connection is told."""

    peer: str = "127.0.0.1"
    answers: list[bytes] = field(default_factory=list)
    plain: list[bytes] = field(default_factory=list)
    hung_up: int = 0

    def answer(self, answer: bytes, *, stays_open: bool) -> None:
        self.answers.append(answer)

    def go_the_plain_way(self, raw: bytes) -> None:
        self.plain.append(raw)

    def hang_up(self) -> None:
        self.hung_up += 1


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Data]:
    with open_data(str(tmp_path / "data")) as opened:
        apply(opened, read_document(setup_with("http://127.0.0.1:1"), "setup.toml"), "test")
        yield opened


@pytest.fixture
def tracker(data: Data) -> Iterator[Tracker]:
    """As a server has it that runs; its own loop has nothing to do."""
    engine = Engine(data.folder, url=None, host="127.0.0.1", port=0)
    thread = threading.Thread(target=engine.run)
    thread.start()
    assert engine.is_announced.wait(10)
    yield engine._tracker
    engine.stop()
    thread.join(10)


def asked(target: str) -> Asked:
    plain = read(f"GET {target} HTTP/1.1\r\nHost: trk\r\n\r\n".encode())
    assert plain is not None
    return plain


def settled(tracker: Tracker, *targets: str) -> list[Visitor]:
    together, visitors = Batch(tracker), [Visitor() for _ in targets]
    for visitor, target in zip(visitors, targets, strict=True):
        together.take(visitor, asked(target))
    together.settle()
    return visitors


def clicks(data: Data) -> int:
    return len(list(lists.clicks(data, Filters())))


def test_the_usual_are_answered_and_the_others_left_alone(data: Data, tracker: Tracker) -> None:
    one, unknown, other = settled(tracker, "/c/summer?ext=1", "/c/nowhere", "/c/summer?ext=2")
    assert [answer[:12] for answer in one.answers + other.answers] == [b"HTTP/1.1 302"] * 2
    assert (unknown.answers, len(unknown.plain)) == ([], 1)
    assert clicks(data) == 2


def test_where_a_key_is_taken_each_goes_the_plain_way_once(
    data: Data, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(tracker, "/c/summer?ext=1")
    (row,) = lists.clicks(data, Filters())
    taken = tracker.ground(tracker.setup()).click_key(row["id"])
    monkeypatch.setattr(Keys, "next", lambda *_: taken)
    visitors = settled(tracker, "/c/summer?ext=2", "/c/nowhere", "/p/maxi?token=a-secret&click_id=x")
    assert [(len(one.answers), len(one.plain), one.hung_up) for one in visitors] == [(0, 1, 0)] * 3
    assert clicks(data) == 1


def test_a_fault_in_one_decision_is_that_ones_alone(
    data: Data, tracker: Tracker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    decide = click.decide

    def stumble(visit: click.Visit, *rest: object) -> click.Sent:
        if visit.parameters.get("ext") == "2":
            raise RuntimeError("a fault of ours")
        return decide(visit, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(click, "decide", stumble)
    one, two, three = settled(tracker, "/c/summer?ext=1", "/c/summer?ext=2", "/c/summer?ext=3")
    assert (len(one.answers), len(two.answers), len(three.answers), len(two.plain)) == (1, 0, 1, 1)
    assert clicks(data) == 2
    assert "could not be decided" in caplog.text


def test_what_is_recorded_and_cannot_be_answered_is_not_asked_again(
    data: Data, tracker: Tracker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(*_: object) -> bytes:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(answers, "redirect", stumble)
    visitors = settled(tracker, "/c/summer?ext=1", "/c/summer?ext=2")
    assert [(len(one.answers), len(one.plain), one.hung_up) for one in visitors] == [(0, 0, 1)] * 2
    assert clicks(data) == 2
    assert "could not be answered" in caplog.text


def test_while_another_writes_visitors_go_on_and_networks_hear_that_it_is_kept(data: Data, tracker: Tracker) -> None:
    other = dialect.driver().connect(str(data.folder.path / "tallyback.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        visitor, network = settled(tracker, "/c/summer?ext=1", "/p/maxi?token=a-secret&click_id=x&payout=1")
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert visitor.answers[0].startswith(b"HTTP/1.1 302")
    assert network.answers[0].endswith(b"STORED spooled")
    assert tracker.spool.waiting == 2
    assert clicks(data) == 0


def test_more_than_fit_into_one_commit_are_all_answered(
    data: Data, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MOST", 3)
    visitors = settled(tracker, *(f"/c/summer?ext={number}" for number in range(8)))
    assert [len(one.answers) for one in visitors] == [1] * 8
    assert clicks(data) == 8
