"""`/healthz`: for the owner's monitor; no secrets, no figures of the business."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from server.web.request import GET_ONLY, NO_STORE
from server.web.tracker import Tracker


def add_to(app: Flask, tracker: Tracker) -> None:
    @app.route("/healthz", **GET_ONLY)
    def healthz() -> Response:
        report = tracker.health()
        response = jsonify(report)
        response.status_code = 200 if report["ok"] else 503
        response.headers.update(NO_STORE)
        return response
