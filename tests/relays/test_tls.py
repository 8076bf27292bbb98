"""TLS: a destination that cannot prove who it is gets nothing to read."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from server.domain.retry import Answer, Failure
from server.relays.client import Client
from server.relays.message import Reply, Request
from tests.relays.raw_server import RawServer, answer, heard

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="no openssl program here: TLS IS NOT TESTED")


def certificate(folder: Path, name: str, days: int) -> Path:
    """Key and self-signed certificate in one file."""
    key, request, signed = (str(folder / f"{name}{days}.{kind}") for kind in ("key", "csr", "crt"))
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key]
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    openssl("req", "-new", *curve, *names, "-out", request)
    openssl(
        "x509", "-req", "-in", request, "-signkey", key, "-copy_extensions", "copy", "-days", str(days), "-out", signed
    )
    made = folder / f"{name}{days}.pem"
    made.write_text(Path(key).read_text() + Path(signed).read_text())
    return made


def openssl(*words: str) -> None:
    assert OPENSSL
    subprocess.run([OPENSSL, *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


def send(url: str, trusted: Path | None = None) -> Reply:
    async def go() -> Reply:
        sender = Client()
        if trusted:
            sender._ssl.load_verify_locations(trusted)
        try:
            return await sender.send(Request("GET", url, {"Authorization": "Bearer x"}, "", ("127.0.0.0/8",)), 0)
        finally:
            await sender.close()

    return asyncio.run(go())


class Destination:
    """A TLS server that keeps what it can read of a request."""

    def __init__(self, certificate: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.heard = b""
        self.server = RawServer(self._talk, tls=context)

    def _talk(self, connection: socket.socket) -> None:
        self.heard += heard(connection)
        if self.heard:
            connection.sendall(answer(b"hello"))


def test_a_certificate_that_is_trusted_and_of_that_name_is_spoken_to(folder: Path) -> None:
    made = certificate(folder, "localhost", 3)
    destination = Destination(made)
    with destination.server as server:
        reply = send(f"https://localhost:{server.port}/", trusted=made)
    assert (reply.result, reply.text) == (Answer(200), "hello")
    assert b"Bearer x" in destination.heard


@pytest.mark.parametrize(
    ("name", "days", "is_trusted", "says"),
    [
        ("localhost", 2, False, "self-signed"),
        ("elsewhere.example", 2, True, "doesn't match|mismatch"),
        ("localhost", -1, True, "expired"),
    ],
)
def test_a_certificate_that_proves_nothing_is_tls_and_gets_no_byte(
    folder: Path, name: str, days: int, is_trusted: bool, says: str
) -> None:
    made = certificate(folder, name, days)
    destination = Destination(made)
    with destination.server as server:
        reply = send(f"https://localhost:{server.port}/", trusted=made if is_trusted else None)
    assert reply.result == Failure("tls")
    assert re.search(says, reply.error or ""), reply.error
    assert destination.heard == b""


def test_a_server_that_speaks_no_tls_is_tls() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(answer())

    with RawServer(talk) as server:
        assert send(f"https://localhost:{server.port}/").result == Failure("tls")
