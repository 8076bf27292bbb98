"""One attempt over one connection: sends it as it is to be sent, reads what comes, and says what was owed."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from waitress.adjustments import Adjustments

from server.web.parser import Parser
from server.web.server import _SETTINGS
from tests.fuzz.requests import Attempt

PATIENCE_S = 2.0  # longer than this nobody waits
_READ = 8192  # what Waitress reads at once
_ADJUSTMENTS = Adjustments(**_SETTINGS)
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n")
_AT_ONCE = struct.pack("ii", 1, 0)  # closing leaves nothing behind: ports are few, and attempts are many


@dataclass(frozen=True)
class Owed:
    """One whole request among the bytes, and what it means to who sent it."""

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str]  # under the names of WSGI, without its HTTP_
    closes: bool
    is_refused: bool  # by the parser


@dataclass(frozen=True)
class Answer:
    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        return int(self.head[9:12]) if self.head[9:12].isdigit() else 0


@dataclass
class Exchange:
    attempt: Attempt
    owed: list[Owed]
    answers: list[Answer] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    seconds: float = 0.0
    was_hung_up_on: bool = False

    @property
    def answered(self) -> Iterator[tuple[Owed, Answer]]:
        return zip(self.owed, self.answers, strict=False)


def owed(raw: bytes) -> list[Owed]:
    """The requests that Waitress's parser finds, up to the one after which it hears no more."""
    found: list[Owed] = []
    parser = Parser(_ADJUSTMENTS)
    while raw:
        taken = parser.received(raw[:_READ])
        raw = raw[taken:] if taken else b""
        if not parser.completed:
            continue
        if not parser.empty:
            is_refused = parser.error is not None
            asked = parser.headers.get("CONNECTION", "").lower()
            closes = is_refused or (asked == "close" if parser.version == "1.1" else asked != "keep-alive")
            # Waitress hands every path on with one slash before it, however many were sent.
            method, path = ("", "") if is_refused else (parser.command, "/" + parser.path.lstrip("/"))
            query = b"" if is_refused else parser.query.encode("latin-1", "replace")
            found.append(Owed(method, path, query, dict(parser.headers), closes, is_refused))
            if closes:
                break
        parser.close()
        parser = Parser(_ADJUSTMENTS)
    parser.close()
    return found


def exchange(port: int, attempt: Attempt) -> tuple[Exchange, socket.socket | None]:
    """The connection comes back where nothing was owed: the server has to end it by itself."""
    made = Exchange(attempt, owed(attempt.raw))
    line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S, source_address=(attempt.peer, 0))
    try:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        with contextlib.suppress(OSError):  # it has heard enough and hung up; its answer may be here all the same
            for piece in attempt.pieces:
                line.sendall(piece)
        if attempt.ending == "reads" and not made.owed:
            return made, line
        if attempt.ending != "leaves":
            _read(line, made)
    except BaseException:
        line.close()
        raise
    line.close()
    return made, None


def _read(line: socket.socket, made: Exchange) -> None:
    began = time.perf_counter()
    came = b""
    if made.attempt.ending == "half-closes":
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_WR)
    stays_open = not (made.owed and made.owed[-1].closes)
    is_over = False
    while not is_over:
        came = _take(came, made)
        if stays_open and len(made.answers) == len(made.owed):
            line.setblocking(False)  # has it more to say than it should?
        try:
            more = line.recv(65536)
        except BlockingIOError:
            break
        except TimeoutError:
            missing = len(made.owed) - len(made.answers)
            made.trouble.append(f"{missing} of {len(made.owed)} answers missing" if missing else "was not hung up on")
            break
        except OSError:
            more = b""
        made.was_hung_up_on = is_over = not more
        came += more
    made.seconds = time.perf_counter() - began
    if came:
        made.trouble.append(f"{came[:200]!r} came that is no answer to anything")


def _take(came: bytes, made: Exchange) -> bytes:
    """Whole answers off the front of what came."""
    while True:
        head, end, rest = came.partition(b"\r\n\r\n")
        if end and head.startswith(b"HTTP/1.1 100 "):  # it may wait for a body that never comes
            came = rest
            continue
        if not end or len(made.answers) == len(made.owed):
            break
        length = _LENGTH.search(head + b"\r\n")
        size = int(length[1]) if length and made.owed[len(made.answers)].method != "HEAD" else 0
        if len(rest) < size:
            break
        made.answers.append(Answer(head, rest[:size]))
        came = rest[size:]
    return came
