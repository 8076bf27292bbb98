"""Five thousand hostile requests, the same ones each time; any number more by `python -m tests.fuzz`."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.domain.choosing import REASONS
from tests.fuzz.requests import Maker
from tests.fuzz.run import fuzz
from tests.fuzz.talk import owed
from tests.fuzz.words import VISITED, Known

REQUESTS = 5_000
SEED = 20_260_321
KNOWN = Known({where: ["1jm2v586g00012jcbadzbr0"] for where in VISITED}, "127.0.0.1:9")


def test_no_request_is_a_fault(tmp_path: Path) -> None:
    result = fuzz(tmp_path, SEED, REQUESTS)
    assert result.wrong == []
    assert result.requests == REQUESTS
    assert result.statuses[200] > REQUESTS // 10, "else nothing deep was reached"
    assert result.statuses[302] > REQUESTS // 4
    assert {"accepted", "updated", "duplicate", "unauthorised", "click_id_damaged", "unreadable"} <= set(result.said)
    assert set(result.reasons) == set(REASONS) - {"no_offer_open"}, "there is always an alternative"


def test_a_number_of_a_seed_is_always_the_same_request() -> None:
    one, other = Maker(SEED, KNOWN), Maker(SEED, KNOWN)
    for _ in range(3):
        other.attempt(3)
    assert [one.attempt(number) for number in range(200)] == [other.attempt(number) for number in range(200)]
    assert Maker(SEED + 1, KNOWN).attempt(0) != one.attempt(0)


@pytest.mark.parametrize(
    ("raw", "methods"),
    [
        (b"", []),
        (b"GET / HTTP/1.1\r\n", []),
        (b"\r\n\r\nGET / HTTP/1.1\r\n\r\n", ["GET"]),
        (b"GET / HTTP/1.1\r\n\r\nHEAD / HTTP/1.1\r\n\r\n", ["GET", "HEAD"]),
        (b"GET / HTTP/1.0\r\n\r\nHEAD / HTTP/1.1\r\n\r\n", ["GET"]),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na=", []),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na=1GET / HTTP/1.1\r\n\r\n", ["POST", "GET"]),
        (b"GE(T / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", [""]),
    ],
)
def test_what_is_owed_is_an_answer_to_each_whole_request(raw: bytes, methods: list[str]) -> None:
    assert [one.method for one in owed(raw)] == methods
