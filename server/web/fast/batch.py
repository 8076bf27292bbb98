"""The life of one batch: what was asked is decided, written together, and answered after the commit."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.domain.choosing import Chances
from server.domain.things import Network
from server.pipeline import click, spooled
from server.pipeline.attribution import Received
from server.pipeline.batch import receive_many
from server.pipeline.click import Sent
from server.pipeline.ground import Ground
from server.pipeline.receipt import Receipt, refusal_of
from server.storage import dialect
from server.web import postback
from server.web.cookie import new_cookie
from server.web.fast import answers
from server.web.fast.reading import Asked
from server.web.proxy import caller, is_https
from server.web.tracker import Tracker
from server.web.visitor import TICKET, parameters_of, remember, visit_of

MOST = 256  # in one commit: the first of them wait no longer for the last than this takes
PATIENCE_S = 0.25  # for another who writes; after it the spool is quicker

log = logging.getLogger(__name__)


class Line(Protocol):
    """The connection that asked, as far as a batch needs it."""

    @property
    def peer(self) -> str: ...

    def answer(self, answer: bytes, *, stays_open: bool) -> None: ...

    def go_the_plain_way(self, raw: bytes) -> None: ...

    def hang_up(self) -> None: ...


@dataclass(slots=True)
class _Taken:
    line: Line
    asked: Asked


@dataclass(slots=True)
class _Click(_Taken):
    sent: Sent
    cookie: str


@dataclass(slots=True)
class _Postback(_Taken):
    receipt: Receipt
    network: Network


class Batch:
    """Only the loop's thread touches it."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._waiting: list[tuple[Line, Asked]] = []

    def take(self, line: Line, asked: Asked) -> None:
        self._waiting.append((line, asked))

    def settle(self) -> None:
        """Answers everybody who was taken; at a quiet moment there is nobody."""
        while self._waiting:
            now, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                self._settle(now)
            except Exception:  # what is recorded of them must not be asked again: they hear nothing
                log.exception("a batch of %d could not be answered", len(now))
                for line, _ in now:
                    line.hang_up()

    def _settle(self, waiting: Sequence[tuple[Line, Asked]]) -> None:
        began = time.perf_counter()
        ground = self._tracker.ground(self._tracker.setup())
        clicks: list[_Click] = []
        postbacks: list[_Postback] = []
        for line, asked in waiting:
            match self._decided(line, asked, ground):
                case _Click() as gone:
                    clicks.append(gone)
                case _Postback() as said:
                    postbacks.append(said)
                case None:
                    line.go_the_plain_way(asked.raw)
        if not clicks and not postbacks:
            return
        try:
            received = self._write(clicks, postbacks, ground)
        except Exception as error:
            if not (isinstance(error, TimeoutError) or dialect.cannot_write(error)):
                log.exception("%d requests could not be written together, each is tried alone", len(waiting))
                taken: list[_Taken] = [*clicks, *postbacks]
                for one in taken:
                    one.line.go_the_plain_way(one.asked.raw)
                return
            self._spool(clicks, postbacks, error, ground.now)
        else:
            self._answer_postbacks(postbacks, received, ground.now)
        self._answer_clicks(clicks, ground.now)
        self._count(len(clicks), len(postbacks), time.perf_counter() - began)

    # -- decide ------------------------------------------------------------------------------------------------------

    def _decided(self, line: Line, asked: Asked, ground: Ground) -> _Click | _Postback | None:
        try:
            return self._click(line, asked, ground) if asked.kind == "c" else self._postback(line, asked, ground)
        except Exception:
            log.exception("a request for /%s/%s could not be decided", asked.kind, asked.key)
            return None

    def _click(self, line: Line, asked: Asked, ground: Ground) -> _Click | None:
        """None where it is not the usual case."""
        campaign = ground.setup.campaigns.get(asked.key)
        parameters = parameters_of(asked.query)
        if campaign is None or TICKET in parameters:
            return None
        ip = caller(line.peer, asked.headers, ground.setup.owner)
        visitors = self._tracker.visitors
        visit = visit_of(parameters, asked.headers, ip, ground.now, campaign, visitors)
        chances = Chances(random.random(), random.random(), random.random())
        sent = click.decide(visit, campaign, self._tracker.keys.next(ground.now), chances, ground)
        if sent.location is None or not answers.is_plain(sent.location):
            return None
        remember(visit, visitors)
        self._tracker.caps.took(sent.click["offer_id"])
        secured = is_https(line.peer, asked.headers, ground.setup.owner)
        return _Click(
            line, asked, sent, new_cookie(visit, asked.headers, campaign, ground.setup.owner, is_https=secured)
        )

    def _postback(self, line: Line, asked: Asked, ground: Ground) -> _Postback | None:
        """None where it is not the usual case."""
        network = ground.setup.networks.get(asked.key)
        if network is None or network.hmac:
            return None
        ip = caller(line.peer, asked.headers, ground.setup.owner)
        receipt = Receipt(ground.now, asked.key, "GET", asked.query, b"", "", ip, {})
        return _Postback(line, asked, receipt, network)

    # -- write -------------------------------------------------------------------------------------------------------

    def _write(
        self, clicks: Sequence[_Click], postbacks: Sequence[_Postback], ground: Ground
    ) -> Sequence[Received | Exception]:
        began = time.perf_counter()
        received: Sequence[Received | Exception] = []
        with self._tracker.writer.urgent(PATIENCE_S) as connection:
            if clicks:
                click.record_many(connection, [one.sent for one in clicks])
            if postbacks:
                received = receive_many(connection, [one.receipt for one in postbacks], ground)
        self._tracker.counters.committed(len(clicks) + len(postbacks), time.perf_counter() - began)
        return received

    def _spool(self, clicks: Sequence[_Click], postbacks: Sequence[_Postback], why: Exception, now: int) -> None:
        self._tracker.keep([spooled.of_click(one.sent) for one in clicks], "click", why)
        allowed = []
        for one in postbacks:
            if refusal_of(one.receipt, one.network):
                one.line.go_the_plain_way(one.asked.raw)
            else:
                allowed.append(one)
        kept = self._tracker.keep(
            [spooled.of_receipt(one.receipt, one.network, None) for one in allowed], "postback", why
        )
        for number, one in enumerate(allowed):
            said = postback.SPOOLED if number < kept else postback.NOT_STORED
            self._tracker.counters.judged("spooled" if number < kept else "not_stored")
            one.line.answer(answers.line(one.asked, said, now), stays_open=one.asked.stays_open)

    # -- answer ------------------------------------------------------------------------------------------------------

    def _answer_clicks(self, clicks: Sequence[_Click], now: int) -> None:
        for one in clicks:
            answer = answers.redirect(one.asked, one.sent.location or "", now, one.cookie)
            one.line.answer(answer, stays_open=one.asked.stays_open)

    def _answer_postbacks(
        self, postbacks: Sequence[_Postback], received: Sequence[Received | Exception], now: int
    ) -> None:
        for one, result in zip(postbacks, received, strict=True):
            if isinstance(result, Exception):
                one.line.go_the_plain_way(one.asked.raw)  # which keeps a receipt over which our rules stumble
                continue
            said = postback.said(result, one.network)
            self._tracker.counters.judged(result.outcome)
            one.line.answer(answers.line(one.asked, said, now), stays_open=one.asked.stays_open)
        if any(isinstance(result, Received) and result.outcome in postback.OWING for result in received):
            self._tracker.relay_owed()

    def _count(self, clicks: int, postbacks: int, seconds: float) -> None:
        for kind, count in (("click", clicks), ("postback", postbacks)):
            if count:
                self._tracker.counters.answered(kind, count, seconds)
