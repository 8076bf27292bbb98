"""One public file: from who proves to be it, whole, without a redirect, within a size and a time."""

from __future__ import annotations

import shutil
import socket
import ssl
from pathlib import Path

import pytest

from server.errors import TallybackError
from server.relays.public_file import NotFetched, fetch_file
from tests.relays.raw_server import RawServer, answer, heard
from tests.relays.test_tls import certificate

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl program here: TLS IS NOT TESTED")
HERE = ("127.0.0.0/8",)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"), "localhost", 3)


def fetched(made: Path, reply: bytes, *, most: int = 1000, wall_s: float = 10.0, trust: bool = True) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made)
    trusted = ssl.create_default_context()
    if trust:
        trusted.load_verify_locations(made)

    def talk(connection: socket.socket) -> None:
        if heard(connection):
            connection.sendall(reply)
            if not reply:
                connection.recv(1)  # until the other side has enough

    with RawServer(talk, tls=context) as server:
        url = f"https://localhost:{server.port}/rates.xml"
        return fetch_file(url, most, trusted=trusted, allow=HERE, wall_s=wall_s)


def test_it_comes_whole(made: Path) -> None:
    assert fetched(made, answer(b"x" * 1000)) == b"x" * 1000


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (answer(b"x" * 1001), "It is larger than 1000 bytes."),
        (answer(b"", "302 Found", "Location: https://elsewhere.example/"), "The answer is 302, not the file."),
        (answer(b"no", "404 Not Found"), "The answer is 404, not the file."),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "It cannot be fetched:"),
        (b"no HTTP\r\n\r\n", "It cannot be fetched:"),
    ],
)
def test_what_is_not_the_file_is_told_in_one_line(made: Path, reply: bytes, says: str) -> None:
    with pytest.raises(NotFetched) as refused:
        fetched(made, reply)
    said = str(refused.value)
    assert says in said
    assert "--file" in said
    assert "\n" not in said


def test_one_that_says_nothing_is_not_waited_for(made: Path) -> None:
    with pytest.raises(NotFetched, match=r"It did not come within 0\.3 s"):
        fetched(made, b"", wall_s=0.3)


def test_who_does_not_prove_to_be_it_is_not_believed(made: Path) -> None:
    with pytest.raises(NotFetched, match=r"self.signed"):
        fetched(made, answer(b"x"), trust=False)


def test_a_line_that_proves_nothing_is_not_asked() -> None:
    with pytest.raises(NotFetched, match="proves nothing"):
        fetch_file("http://localhost:1/rates.xml", 10)


def test_what_lies_on_this_machine_is_not_asked_by_itself() -> None:
    with pytest.raises(TallybackError, match="may not reach"):
        fetch_file("https://localhost:1/rates.xml", 10)
