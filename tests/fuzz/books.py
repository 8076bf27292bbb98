"""What was promised by the answers of a run: each click, step, receipt and count that has to be there afterwards."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from server.pipeline.page import plain_address
from server.web.landing import number_of
from server.web.visitor import parameters_of
from tests.fuzz.answers import key_of, kind_of
from tests.fuzz.talk import Answer, Exchange, Owed
from tests.fuzz.words import CAMPAIGNS, Known

_CLICK_ID = re.compile(rb"\r\nLocation: https://[a-z.]+[^?]*\?(?:sub1|c|a=1&click)=([0-9a-z]{23})")
_REGISTERED = re.compile(rb'\{"click":"([0-9a-z]{23})"\}\n')
_HOST = "go.example.net"  # of every offer


@dataclass
class Books:
    """Everything that the server has promised; many threads add to it."""

    clicks: set[str] = field(default_factory=set)
    looks: set[str] = field(default_factory=set)  # HEAD: nothing is recorded
    steps: Counter[str] = field(default_factory=Counter)  # by click
    nameless: Counter[str] = field(default_factory=Counter)  # what is recorded, and has no id in its answer
    met: Counter[str] = field(default_factory=Counter)  # first on the way to an offer: by campaign
    said: Counter[str] = field(default_factory=Counter)
    conversions: set[int] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    unheard: Counter[str] = field(default_factory=Counter)  # by kind: whole requests whose answer nobody has read
    slowest_s: float = 0.0
    _offers: dict[str, int] = field(default_factory=dict)  # how many there are to choose from, by known click
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acquaint(self, known: Known) -> None:
        """With the clicks that requests speak of."""
        self._offers = {click: 2 if where == "quiz" else 1 for where, some in known.clicks.items() for click in some}

    def add(self, made: Exchange) -> None:
        with self._lock:
            self.unheard.update(kind_of(owed) for owed in made.owed[len(made.answers) :] if owed.method != "HEAD")
            self.slowest_s = max(self.slowest_s, made.seconds)
            for owed, answer in made.answered:
                self.statuses[answer.status] += 1
                self._note(kind_of(owed), owed, answer)

    def _note(self, kind: str, owed: Owed, answer: Answer) -> None:
        found = _CLICK_ID.search(answer.head + b"\r\n") or _REGISTERED.fullmatch(answer.body)
        click = found[1].decode() if found else None
        if owed.method == "HEAD":
            self.looks |= {click} if click else set()
        elif kind == "postback" and answer.status != 429:
            self._hear(answer.body.decode())
        elif kind == "pixel":
            self.nameless["pixels"] += 1
        elif kind in ("click", "page") and key_of(owed) not in CAMPAIGNS:
            self.nameless["missed"] += 1
        elif kind == "click" and click is None:
            self.nameless["sent to the fallback"] += 1
        elif click is not None:
            self._visit(kind, click, owed)

    def _hear(self, line: str) -> None:
        word, outcome, *rest = line.split()
        self.said[outcome] += 1
        if word == "OK":
            self.conversions.add(int(rest[0]))

    def _visit(self, kind: str, click: str, owed: Owed) -> None:
        if click not in self._offers:
            self.clicks.add(click)
            if kind == "go":
                self.met[parameters_of(owed.query).get("campaign", "")] += 1
        if kind == "go" or (kind == "page" and self._is_leaving(click, owed)):
            self.steps[click] += 1

    def _is_leaving(self, click: str, owed: Owed) -> bool:
        """By a link straight to an offer: the only one, the one with that number, or one on its host."""
        parameters = parameters_of(owed.query)
        link = plain_address(parameters.get("to"))
        if link is None or click not in self._offers:
            return False
        count = self._offers[click]
        return count == 1 or 1 <= (number_of(parameters) or 0) <= count or urlsplit(link).hostname == _HOST
