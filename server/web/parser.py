"""Waitress's parser, and what it must not let through."""

from __future__ import annotations

import re

from waitress.parser import HTTPRequestParser, ParsingError

MOST_PARAMETERS = 2000

_NO_ASCII = re.compile(rb"[\x80-\xff]")
_ENCODING = re.compile(rb"^transfer-encoding:[ \t]*([^\r\n]*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Refuses what two servers could see end in two places, and what waitress itself stumbles over."""

    empty: bool
    completed: bool

    def received(self, data: bytes) -> int:
        taken = int(super().received(data))
        if self.empty:  # blank lines are no request: whoever sends them has said nothing yet
            self.empty = self.completed = self.headers_finished = False
            self.header_plus, self.header_bytes_received = b"", 0
        elif self.completed:
            self.expect_continue = False  # no body comes, or it is refused: waitress would wait for it all the same
            if self.error is not None:
                self.headers.pop("CONNECTION", None)  # we hang up, and say so once
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        first, end, rest = header_plus.partition(b"\r\n")
        try:
            super().parse_header(_NO_ASCII.sub(_escaped, first) + end + rest)
        except ValueError as error:
            raise ParsingError("The target or a length cannot be read") from error
        if not first.isascii():  # careless programs send bytes as they are: waitress would refuse them
            target = first.split(b" ")[1]
            self.query = target.partition(b"#")[0].partition(b"?")[2].decode("latin-1")
        if self.query.count("&") > MOST_PARAMETERS:
            raise ParsingError("There are too many parameters")
        encodings = [encoding.lower() for encoding in _ENCODING.findall(header_plus)]
        is_plain = encodings == [b"chunked"] and self.version == "1.1" and "CONTENT_LENGTH" not in self.headers
        if encodings and not is_plain:
            raise ParsingError("The end of the body is not clear")


def _escaped(byte: re.Match[bytes]) -> bytes:
    return b"%%%02X" % byte[0][0]
