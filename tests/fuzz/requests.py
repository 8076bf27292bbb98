"""The seeded generator: request number N of a seed is always the same, but for the click ids of the run."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from tests.fuzz import bodies, pages
from tests.fuzz.headers import headers, line
from tests.fuzz.words import CAMPAIGNS, CLICK_NAMES, LANDED, NETWORKS, POSTBACK_NAMES, Known, Words

ELSEWHERE = [
    *("/", "/healthz", "/t.js", "/t/summer", "/pixel/maxi.gif", "/pixel/", "/c/", "/c", "/p/", "/p", "/go/", "//", "*"),
    *("/robots.txt", "/t/", "/t", "/t.js/", "/T.JS", "/robots.txt/", "/t/summer/x", "/pixel/maxi.gif/x", "//t.js"),
    *("/favicon.ico", "/.env", "/wp-login.php", "/c/../p/maxi", "/c/%2e%2e/go", "/static/x", "/C/summer", "/c//summer"),
    *(
        "/c/summer/",
        "/c/summer;a=b",
        "/c/%73ummer",
        "/c/summer%00",
        "/p/%ff%fe",
        "/c/é",
        "/p/💥",
        "/c/" + "x" * 3000,
        "",
    ),
]
METHODS = ["GET"] * 8 + ["POST"] * 3 + ["HEAD"] * 2 + ["PUT", "OPTIONS", "DELETE", "TRACE", "CONNECT", "get", "X" * 50]
METHODS += ["G(E)T", "M-SEARCH", "PROPFIND", "\x00", "GET\t", "PRI"]
PIECES = [
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\x00",
        b"\xff",
        b" ",
        b"\t",
        b":",
        b"?",
        b"#",
        b"%",
        b"/",
        b"&",
        b"=",
        b"\r\n\r\n",
        b"\x7f",
    ),
    *(
        b"%00",
        b"%0d%0a",
        b"HTTP/1.1",
        b"GET ",
        b"{",
        b'"',
        b"\\",
        b"\xed\xa0\x80",
        b"\xc0\xaf",
        b"\xe2\x80\xae",
        b"A" * 9000,
    ),
]
NOISE = [
    *(
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"SSH-2.0-x\r\n\r\n",
        b"EHLO x\r\n\r\n",
        b"\x00" * 50,
    ),
    *(
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n",
        b"\r\n" * 3000,
    ),
]
HEAD, LINE_END = b"\r\n\r\n", b"\r\n"

Ending = Literal["reads", "half-closes", "leaves"]


@dataclass(frozen=True)
class Attempt:
    """What goes over one connection, and how."""

    number: int
    raw: bytes
    cuts: tuple[int, ...]  # where a packet ends and another begins
    ending: Ending
    peer: str

    @property
    def pieces(self) -> list[bytes]:
        ends = (*self.cuts, len(self.raw))
        return [self.raw[start:end] for start, end in zip((0, *self.cuts), ends, strict=True) if end > start]


class Maker:
    def __init__(self, seed: int, known: Known) -> None:
        self._seed = seed
        self._known = known

    def attempt(self, number: int) -> Attempt:
        chance = random.Random(f"{self._seed}:{number}")
        one = _One(Words(chance, self._known))
        raw = one.bytes()
        is_cut = chance.random() < 0.15
        most = chance.choice((1, 1, 3, 12)) if is_cut else 0
        cuts = tuple(sorted(chance.randrange(len(raw) + 1) for _ in range(most)))
        ending: Ending = chance.choices(("reads", "half-closes", "leaves"), (94, 3, 3))[0]
        peer = chance.choices(("127.0.0.1", "127.0.0.2", "127.0.0.3"), (70, 25, 5))[0]
        return Attempt(number, raw, cuts, ending, peer)


class _One:
    """The making of one request, or of several behind each other."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._chance = words.chance

    def bytes(self) -> bytes:
        kinds: Sequence[tuple[int, Callable[[], bytes]]] = (
            (24, self.click),
            (19, self.postback),
            (10, self.posted),
            (8, self.step),
            (6, self.registered),
            (3, self.left),
            (5, self.pixel),
            (3, self.script),
            (1, self.robots),
            (6, self.elsewhere),
            (4, self.huge),
            (10, self.mutated),
            (6, self.pipelined),
            (2, self.noise),
        )
        [make] = self._chance.choices([make for _, make in kinds], [weight for weight, _ in kinds])
        return make()

    # -- kinds -------------------------------------------------------------------------------------------------------

    def click(self) -> bytes:
        pairs = self._words.pairs(CLICK_NAMES, 40)
        key = self._chance.choice(CAMPAIGNS if self._words.is_so(0.95) else ("nowhere", "Summer", "x" * 300, "%C3%A9"))
        return self._request("GET", f"/c/{key}", self._words.joined(pairs))

    def postback(self) -> bytes:
        network = self._chance.choice(NETWORKS)
        key = (
            network if self._words.is_so(0.96) else self._chance.choice(("nobody", "MAXI", "maxi/", "a%00b", "%2e%2e"))
        )
        query = self._words.joined(self._words.postback(network))
        headers = self._signed(network, b"")
        return self._request("GET", f"/p/{key}", query, headers)

    def posted(self) -> bytes:
        network = self._chance.choice(NETWORKS)
        said, claimed = bodies.body(self._words, network)
        query = self._words.joined(self._words.pairs(POSTBACK_NAMES, 8) if self._words.is_so(0.3) else [])
        headers = self._signed(network, said)
        if claimed:
            headers.append(b"Content-Type: " + claimed.encode("latin-1"))
        framing, said = bodies.framed(self._words, said)
        return self._request("POST", f"/p/{network}", query, [*headers, *framing], said)

    def step(self) -> bytes:
        words = self._words
        pairs = []
        if words.is_so(0.8):
            pairs.append(("click", words.written(words.click_id(self._chance.choice(("open", *LANDED))))))
        if words.is_so(0.5):
            pairs.append(("offer", words.written(pages.number(words))))
        if words.is_so(0.4):
            pairs.append(("campaign", words.written(self._chance.choice((*CAMPAIGNS, "nowhere", "Summer", "")))))
        return self._request(self._looking(), "/go", words.joined(pairs + words.pairs(CLICK_NAMES, 3)))

    def registered(self) -> bytes:
        return self._request(self._looking(), *pages.visit(self._words))

    def left(self) -> bytes:
        return self._request(self._looking(), *pages.leaving(self._words))

    def pixel(self) -> bytes:
        return self._request(self._looking(), *pages.pixel(self._words))

    def script(self) -> bytes:
        return self._request("GET", "/t.js", b"", pages.script_headers(self._words))

    def robots(self) -> bytes:
        return self._request("GET", "/robots.txt", b"")

    def elsewhere(self) -> bytes:
        path = self._chance.choice(ELSEWHERE)
        return self._request(self._chance.choice(METHODS), path, self._words.joined(self._words.pairs(CLICK_NAMES, 8)))

    def huge(self) -> bytes:
        paths = ("/c/summer", "/p/maxi", "/p/open", "/go", "/c/nowhere", "/healthz", "/t/rules", "/pixel/open.gif")
        path = self._chance.choice(paths)
        count = self._chance.choice((64, 65, 1000, 3000))
        query = self._chance.choice(
            (
                b"ext=" + b"x" * self._chance.choice((2047, 8100, 8192, 15_000, 16_200, 20_000)),
                b"&".join(b"a%d=%d" % (n, n) for n in range(count)),
                b"&".join([b"click_id=x"] * count),
                b"&" * 9000,
                b"?" * 9000,
                b"%" * 9000,
                b"=&" * 4000,
                b"sub1=" + b"%F0%9F%92%A5" * 900,
                b"sub1=" + b"{" * 5000 + b"}" * 5000,
                b"payout=" + b"1," * 4000 + b"&click_id=x",
                b"&amp;" * 2500,
                b"click_id=" + b"%25" * 3000,
            )
        )
        headers = [
            b"X-%d: %s" % (n, b"v" * self._chance.choice((1, 200))) for n in range(self._chance.choice((0, 0, 60, 300)))
        ]
        return self._request("GET", path, query, headers)

    def pipelined(self) -> bytes:
        makers = (self.click, self.postback, self.posted, self.step, self.registered, self.pixel, self.elsewhere)
        return b"".join(self._chance.choice(makers)() for _ in range(self._chance.randrange(2, 6)))

    def mutated(self) -> bytes:
        raw = self._chance.choice((self.click, self.postback, self.posted, self.step, self.left, self.pixel))()
        for _ in range(self._chance.choice((1, 1, 2, 5))):
            start = self._chance.randrange(len(raw) + 1)
            end = min(len(raw), start + self._chance.choice((0, 0, 1, 4, 40)))
            kind = self._chance.randrange(4)
            if kind == 0:
                piece = self._chance.choice(PIECES)
            elif kind == 1:
                piece = self._chance.randbytes(end - start)
            else:
                piece = raw[start:end] * (kind == 2) * 2
            raw = raw[:start] + piece + raw[end:]
        return raw

    def noise(self) -> bytes:
        if self._words.is_so(0.5):
            return self._chance.choice(NOISE)
        return self._chance.randbytes(self._chance.choice((1, 30, 3000))) + HEAD

    # -- parts -------------------------------------------------------------------------------------------------------

    def _request(self, method: str, path: str, query: bytes, more: Sequence[bytes] = (), said: bytes = b"") -> bytes:
        chance, is_so = self._chance, self._words.is_so
        if is_so(0.07):
            method = chance.choice(METHODS)
        target = (path if path.isascii() or is_so(0.3) else quote(path)).encode()
        if query or is_so(0.05):
            target += b"?" + query
        if is_so(0.02):
            target = (
                chance.choice((b"http://", b"https://x@", b"ftp://[::1", b"//"))
                + self._words.known.canary.encode()
                + target
            )
        version = chance.choice((b"1.1",) * 80 + (b"1.0",) * 15 + (b"2.0", b"0.9", b"1.11", b"x.y", b""))
        first = method.encode() + b" " + target + (b" HTTP/" + version if version else b"")
        return LINE_END.join([first, *headers(self._words, more), b"", b""]) + said

    def _looking(self) -> str:
        """Sometimes somebody only looks, and nothing may be recorded."""
        return "HEAD" if self._words.is_so(0.08) else "GET"

    def _signed(self, network: str, said: bytes) -> list[bytes]:
        if network != "signed":
            return []
        return [b"X-Signature: " + line(bodies.signature(self._words, said))]
