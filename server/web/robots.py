"""`/robots.txt`: crawlers have no business here, and who asks for it is one."""

from __future__ import annotations

from flask import Flask, Response, request

from server.web.hardened import is_loopback
from server.web.proxy import SHARED
from server.web.request import GET_ONLY, address
from server.web.tracker import Tracker

_SAID = b"User-agent: *\nDisallow: /\n"


def add_to(app: Flask, tracker: Tracker) -> None:
    @app.route("/robots.txt", **GET_ONLY)
    def robots() -> Response:
        ip = address(request)
        if not is_loopback(ip) and SHARED not in request.environ:
            tracker.visitors.asked_for_robots(ip, tracker.clock())
        return Response(_SAID, 200, {"Content-Type": "text/plain; charset=utf-8"})
