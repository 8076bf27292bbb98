"""The addresses and who answers them; whatever else is asked for is an empty 404."""

from __future__ import annotations

import logging

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from server.web import counting, health, landing, pixel, postback, robots, script, visit
from server.web.proxy import TrustedProxies
from server.web.tracker import Tracker

log = logging.getLogger(__name__)


def create_app(tracker: Tracker) -> Flask:
    app = Flask("tallyback", static_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    for part in (visit, landing, script, postback, pixel, health, robots):
        part.add_to(app, tracker)
    app.register_error_handler(HTTPException, _nothing_here)
    app.register_error_handler(Exception, _our_fault)
    counting.add_to(app, tracker)
    app.wsgi_app = TrustedProxies(app.wsgi_app, tracker.setup)  # type: ignore[method-assign]
    return app


def _nothing_here(_error: Exception) -> Response:
    return Response(b"", 404)


def _our_fault(error: Exception) -> Response:
    log.error("a request could not be answered", exc_info=error)
    return Response(b"", 503, {"Retry-After": "60"})
