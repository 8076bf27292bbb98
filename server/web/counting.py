"""Counts what was answered the plain way: how many of each kind, how long it took, and what became of postbacks."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request

from server.web.tracker import Tracker

_KINDS = {
    "visit": "click",
    "go": "step",
    "register": "click",
    "script": "script",
    "pixel": "pixel",
    "postback": "postback",
    "healthz": "health",
    "robots": "robots",
}


def add_to(app: Flask, tracker: Tracker) -> None:
    @app.before_request
    def began() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def answered(response: Response) -> Response:
        kind = _KINDS.get(request.endpoint or "")
        if kind is None:
            tracker.counters.refused("unknown_address")
            return response
        tracker.counters.answered(kind, 1, time.perf_counter() - g.began)
        if kind == "postback" and request.method != "HEAD":
            tracker.counters.judged(outcome_of(response.get_data(as_text=True)))
        return response


def outcome_of(line: str) -> str:
    """What a network was answered, in one word: `OK accepted 7`, `STORED click_unknown`, `not stored, try again`."""
    word, _, rest = line.partition(" ")
    return rest.partition(" ")[0] if word in ("OK", "STORED") else "not_stored"
