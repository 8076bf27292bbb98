"""A simulated network: it reports in its own words, by GET, form or JSON, each postback when its time has come."""

from __future__ import annotations

import heapq
import itertools
import json
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from server.demo.ledger import Ledger
from server.demo.parties import Network
from server.demo.story import Postback
from server.relays.probe import Probe

_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    content_type: str = ""
    body: str = ""


def written(postback: Postback, base: str) -> Request:
    """The postback as its network writes it, slips of the hand included."""
    network = postback.network
    token = f"{network.token}-not" if postback.slip == "wrong_token" else network.token
    address = f"{base}/p/{network.key}"
    said = _in_its_words(postback)
    if postback.form == "query":
        query = urlencode([("token", token), *said])
        return Request("GET", f"{address}?{_mangled(query) if postback.slip == 'html_ampersand' else query}")
    url = f"{address}?{urlencode({'token': token})}"
    if postback.form == "form":
        return Request("POST", url, _FORM, urlencode(said))
    body = json.dumps(list(said) if postback.slip == "json_array" else dict(said))
    return Request("POST", url, _FORM if postback.slip == "json_called_form" else _JSON, body)


def _in_its_words(postback: Postback) -> list[tuple[str, str]]:
    network = postback.network
    names = {"click_id": "visitor_ref"} if postback.slip == "other_parameter" else {}
    says = dict(postback.says)
    if "status" in says:
        says["status"] = network.word(says["status"])
    if network.has_time:
        says["time"] = str(postback.time)
    return [(names.get(field) or network.parameter(field), text) for field, text in says.items()]


def _mangled(query: str) -> str:
    return query.replace("&", "&amp;")


class PostingNetwork:
    """One thread that sends what is due, in the order of its time."""

    def __init__(self, network: Network, base: str, ledger: Ledger) -> None:
        self._base = base
        self._ledger = ledger
        self._due: list[tuple[float, int, Postback]] = []
        self._number = itertools.count()
        self._changed = threading.Condition()
        self._is_stopping = False
        self._is_sending = False
        self._thread = threading.Thread(target=self._run, name=network.key, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        self._thread.join()

    def report(self, postback: Postback, at: float) -> None:
        """`at` on the clock of time.monotonic."""
        with self._changed:
            heapq.heappush(self._due, (at, next(self._number), postback))
            self._changed.notify()

    @property
    def outstanding(self) -> int:
        with self._changed:
            return len(self._due) + self._is_sending

    def _run(self) -> None:
        probe = Probe()
        try:
            while (postback := self._next()) is not None:
                request = written(postback, self._base)
                headers = {"Content-Type": request.content_type} if request.content_type else {}
                came = probe.fetch(request.url, method=request.method, headers=headers, body=request.body)
                self._ledger.enter_answer(postback, came.status, came.text)
        finally:
            probe.close()

    def _next(self) -> Postback | None:
        with self._changed:
            self._is_sending = False
            while not self._is_stopping:
                wait_s = self._due[0][0] - time.monotonic() if self._due else None
                if wait_s is not None and wait_s <= 0:
                    self._is_sending = True
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait_s)
            return None
