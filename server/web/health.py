"""`/healthz`: for the owner's monitor; no secrets, no figures of the business, and an answer whatever is held."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import Any

from flask import Flask, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from server import VERSION
from server.clock import SECOND, Clock
from server.pipeline.due import next_due
from server.pipeline.unrecorded import Unrecorded
from server.storage.database import Database
from server.storage.spool import Spool
from server.storage.writer import Writer
from server.web.request import GET_ONLY, NO_STORE
from server.web.tracker import Tracker

PATIENCE_S = 1.0  # for a database that is to be read: after it, it cannot be


class Health:
    """One look at the database at a time, in a thread of its own: whoever asks never waits long, nor takes much."""

    def __init__(self, database: Database, writer: Writer, spool: Spool, unrecorded: Unrecorded, clock: Clock) -> None:
        self._database = database
        self._writer = writer
        self._spool = spool
        self._unrecorded = unrecorded
        self._clock = clock
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._look: Future[int | None] | None = None
        self._looked_at = 0.0

    def report(self) -> dict[str, Any]:
        is_readable, due = self._see()
        is_writing = self._writer.is_alive
        downtime = self._unrecorded.downtime
        return {
            "ok": is_readable and is_writing,
            "database": is_readable,
            "writer": is_writing,
            "outbox_age_s": max(0, self._clock() - due) // SECOND if due is not None else 0,
            "spool": {
                "is_open": self._spool.is_open,
                "waiting": self._spool.waiting,
                "used": round(self._spool.used, 3),
                "unrecorded": downtime.clicks + downtime.postbacks if downtime else 0,
            },
            "uptime_s": int(time.monotonic() - self._began),
            "version": VERSION,
        }

    def _see(self) -> tuple[bool, int | None]:
        """Whether the database can be read, and when the oldest relay was due."""
        with self._lock:
            if self._look is None or self._look.done():
                self._look, self._looked_at = Future(), time.monotonic()
                threading.Thread(target=self._read, args=(self._look,), name="health", daemon=True).start()
            look, patience_s = self._look, self._looked_at + PATIENCE_S - time.monotonic()
        try:
            return True, look.result(max(0.0, patience_s))
        except (TimeoutError, SQLAlchemyError):
            return False, None

    def _read(self, look: Future[int | None]) -> None:
        try:
            with self._database.read() as connection:
                connection.execute(text("SELECT 1"))
                look.set_result(next_due(connection))
        except Exception as error:  # noqa: BLE001 - whoever asked hears of it
            look.set_exception(error)


def add_to(app: Flask, tracker: Tracker) -> None:
    @app.route("/healthz", **GET_ONLY)
    def healthz() -> Response:
        report = tracker.health()
        response = jsonify(report)
        response.status_code = 200 if report["ok"] else 503
        response.headers.update(NO_STORE)
        return response
