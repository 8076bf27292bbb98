"""The spool: what was put is there after any kill, in order, once; what was not put whole is not there at all."""

from __future__ import annotations

import os
import resource
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.storage import spool_file
from server.storage.spool import SIZE, Spool
from server.storage.spool_file import FRAME, RECORDS_AT

OWNER = b"these data"
SMALL = RECORDS_AT + 2048
records_of_any_bytes = st.lists(st.binary(min_size=1, max_size=300), max_size=6)


OPENED: list[Spool] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


def opened(path: Path, owner: bytes = OWNER, size: int = SMALL) -> Spool:
    spool = Spool(path, owner, size)
    spool.open()
    OPENED.append(spool)
    return spool


def found(spool: Spool) -> list[tuple[int, bytes]]:
    return spool.read(0, 10_000)


def left_in(path: Path) -> list[tuple[int, bytes]]:
    """What the next start finds."""
    spool = opened(path)
    try:
        return found(spool)
    finally:
        spool.close()


def test_what_was_put_is_there_in_order_after_the_next_start(tmp_path: Path) -> None:
    spool = opened(tmp_path / "spool")
    assert spool.put([b"one", b"\x00\xff"]) == 2
    assert spool.put([b"three"]) == 1
    assert (spool.waiting, list(spool.all_waiting())) == (3, [b"one", b"\x00\xff", b"three"])
    assert found(spool) == left_in(tmp_path / "spool") == [(1, b"one"), (2, b"\x00\xff"), (3, b"three")]
    assert (spool.read(1, 1), spool.read(2, 5), spool.read(3, 5)) == ([(2, b"\x00\xff")], [(3, b"three")], [])


def test_it_is_the_owners_alone_and_takes_its_room_at_once(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        opened(tmp_path / "spool", size=SIZE).close()
    finally:
        os.umask(before)
    made = (tmp_path / "spool").stat()
    assert (stat.S_IMODE(made.st_mode), made.st_size) == (0o600, SIZE)
    assert made.st_blocks * 512 >= SIZE
    assert [file.name for file in tmp_path.iterdir()] == ["spool"]


def test_where_nothing_allocates_it_is_written_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_fallocate", raising=False)  # as on macOS and Windows
    spool = opened(tmp_path / "spool", size=1024 * 1024 + 5000)
    assert (tmp_path / "spool").stat().st_size == 1024 * 1024 + 5000
    assert (tmp_path / "spool").stat().st_blocks * 512 >= 1024 * 1024 + 5000
    assert spool.put([b"one"]) == 1


def test_beyond_its_room_nothing_is_taken_and_nothing_is_lost(tmp_path: Path) -> None:
    spool = opened(tmp_path / "spool")
    large = [bytes([number]) * 500 for number in range(1, 7)]
    assert spool.put(large) == 4
    assert spool.put([b"x" * 500]) == 0
    assert spool.put([b"small"]) == 1  # what is left is used
    assert 0.9 < spool.used <= 1
    assert [record for _, record in left_in(tmp_path / "spool")] == [*large[:4], b"small"]


def test_once_all_is_applied_its_room_is_free_and_the_numbers_go_on(tmp_path: Path) -> None:
    spool = opened(tmp_path / "spool")
    spool.put([b"one", b"two"])
    spool.release(1)
    assert (spool.waiting, found(spool)[0]) == (1, (1, b"one"))  # nothing is given up before all is applied
    spool.release(2)
    assert (spool.waiting, spool.used, found(spool)) == (0, 0.0, [])
    assert left_in(tmp_path / "spool") == []
    assert spool.put([b"three"]) == 1
    assert left_in(tmp_path / "spool") == [(3, b"three")]


def test_numbers_that_were_given_out_before_an_old_copy_was_put_back_are_not_given_out_again(tmp_path: Path) -> None:
    spool = opened(tmp_path / "spool")
    spool.release(41)
    spool.put([b"new"])
    assert left_in(tmp_path / "spool") == [(42, b"new")]


def test_a_start_that_is_killed_leaves_none_that_is_half_made(tmp_path: Path) -> None:
    (tmp_path / "spool.new").write_bytes(b"half")
    assert opened(tmp_path / "spool").put([b"one"]) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["spool"]


def test_the_spool_of_other_data_is_kept_and_taken_up_when_they_are_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "spool"
    first = opened(path)
    first.put([b"mine"])
    first.close()
    other = opened(path, b"other data")
    assert found(other) == []
    other.put([b"theirs"])
    other.close()
    assert left_in(path) == [(1, b"mine")]
    again = opened(path, b"other data")
    assert found(again) == [(1, b"theirs")]
    assert "is not the spool of this database" in caplog.text
    again.close()


def test_a_file_that_is_no_spool_is_kept_beside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "spool").write_bytes(b"my shopping list")
    assert opened(tmp_path / "spool").put([b"one"]) == 1
    assert (tmp_path / "spool.unreadable").read_bytes() == b"my shopping list"
    assert "it is called spool.unreadable now" in caplog.text


def test_as_long_as_it_is_not_open_there_is_no_room_in_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "no" / "spool", OWNER)
    with pytest.raises(OSError, match="No such file"):
        spool.open()
    assert (spool.is_open, spool.put([b"one"]), spool.waiting, found(spool)) == (False, 0, 0, [])
    spool.release(7)


def test_what_many_threads_put_at_once_is_all_there_once(tmp_path: Path) -> None:
    spool = opened(tmp_path / "spool", size=SIZE)
    threads = [
        Thread(target=lambda name=name: [spool.put([b"%s %d" % (name, n)]) for n in range(50)]) for name in (b"a", b"b")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [number for number, _ in found(spool)] == list(range(1, 101))
    assert {record for _, record in found(spool)} == {b"%s %d" % (name, n) for name in (b"a", b"b") for n in range(50)}
    assert left_in(tmp_path / "spool") == found(spool)


# -- torn ------------------------------------------------------------------------------------------------------------


def test_a_tail_that_is_torn_at_any_byte_is_as_if_it_had_not_been_put(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    spool = opened(path)
    spool.put([b"first", b"second"])
    spool.release(2)  # so that old bytes lie under the new
    spool.put([b"kept"])
    before = path.read_bytes()
    spool.put([b"torn off", b"and its neighbour"])
    after = path.read_bytes()
    spool.close()
    whole = [(3, b"kept"), (4, b"torn off"), (5, b"and its neighbour")]
    start = RECORDS_AT + FRAME.size + len(b"kept")
    end = start + 2 * FRAME.size + len(b"torn offand its neighbour")
    lengths = []
    for at in range(start, end):
        path.write_bytes(after[:at] + before[at:])
        left = left_in(path)
        assert left == whole[: len(left)]
        lengths.append(len(left))
        again = opened(path)
        assert again.put([b"next"]) == 1
        again.close()
        assert left_in(path) == [*left, (3 + len(left), b"next")]
    assert lengths == sorted(lengths)
    assert set(lengths) == {1, 2}


def test_pages_that_reach_the_disk_in_any_order_give_a_front_part(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    spool = opened(path)
    before = path.read_bytes()
    spool.put([b"%d" % number * 20 for number in range(9)])
    whole, after = found(spool), path.read_bytes()
    spool.close()
    for missing in range(RECORDS_AT, RECORDS_AT + 250, 8):
        path.write_bytes(after[:missing] + before[missing : missing + 64] + after[missing + 64 :])
        left = left_in(path)
        assert left == whole[: len(left)]
        assert len(left) < len(whole)


def test_an_emptying_that_is_torn_at_any_byte_leaves_all_or_nothing_and_no_number_is_used_again(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    spool = opened(path)
    for number in (1, 2, 3):  # both openings have been written
        spool.put([b"record %d" % number])
        before = path.read_bytes()
        spool.release(number)
    after = path.read_bytes()
    spool.close()
    for at in range(spool_file.OPENINGS_AT[1] + 64):
        path.write_bytes(after[:at] + before[at:])
        again = opened(path)
        assert found(again) in ([], [(3, b"record 3")])
        again.release(3)  # as whoever applied them says
        assert again.put([b"next"]) == 1
        assert found(again) == [(4, b"next")]
        again.close()


class _WithinReach:
    """Of files that may not grow beyond a length; what lies beyond cannot be written, allocated or not."""

    def __init__(self, length: int) -> None:
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        self._length = length

    def __enter__(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._length, self._limits[1]))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)


def test_what_the_disk_refuses_is_not_taken_and_leaves_no_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = opened(tmp_path / "spool")
    spool.put([b"one"])
    with _WithinReach(RECORDS_AT + 100):
        assert spool.put([b"two" * 100]) == 0
    assert "the spool cannot be written: " in caplog.text
    assert spool.put([b"two"]) == 1
    assert left_in(tmp_path / "spool") == [(1, b"one"), (2, b"two")]


def test_an_emptying_that_the_disk_refuses_is_made_good_before_anything_is_put(tmp_path: Path) -> None:
    spool = opened(tmp_path / "spool")
    spool.put([b"one"])
    with _WithinReach(spool_file.OPENINGS_AT[1]), pytest.raises(OSError, match="File too large"):
        spool.release(1)
    assert (spool.waiting, found(spool)) == (0, [])
    assert spool.put([b"two"]) == 1
    assert found(spool) == left_in(tmp_path / "spool") == [(2, b"two")]


# -- any history -----------------------------------------------------------------------------------------------------


class AnyHistory(RuleBasedStateMachine):
    """Put, applied, killed, in any order: what is found is always what was put and not given up."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="tallyback-spool-"))
        self.spool = opened(self.folder / "spool")
        self.expected: list[tuple[int, bytes]] = []
        self.next = 1

    def teardown(self) -> None:
        self.spool.close()
        shutil.rmtree(self.folder)

    @rule(records=records_of_any_bytes)
    def put(self, records: list[bytes]) -> None:
        kept = self.spool.put(records)
        if kept < len(records):
            room = SMALL - RECORDS_AT - sum(FRAME.size + len(record) for _, record in self.expected)
            assert sum(FRAME.size + len(record) for record in records[: kept + 1]) > room
        self.expected += [(self.next + place, record) for place, record in enumerate(records[:kept])]
        self.next += kept

    @precondition(lambda self: self.expected)
    @rule(share=st.floats(0, 1))
    def apply(self, share: float) -> None:
        through = self.expected[int(share * (len(self.expected) - 1))][0]
        self.spool.release(through)
        if through == self.expected[-1][0]:
            self.expected = []

    @rule()
    def is_killed(self) -> None:
        self.spool.close()
        self.spool = opened(self.folder / "spool")

    @invariant()
    def nothing_else_is_there(self) -> None:
        assert found(self.spool) == self.expected


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=2000), min_size=1, max_size=20))
def test_any_bytes_come_back_as_they_were(records: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spool = opened(Path(folder) / "spool", size=SIZE)
        assert spool.put(records) == len(records)
        spool.close()
        assert [record for _, record in left_in(Path(folder) / "spool")] == records
