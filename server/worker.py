"""The loop of the relay line: one pass claims what is due and sends it; slow destinations wait for nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
import threading
from collections import Counter
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from server.clock import Clock
from server.counters import Counters
from server.current import CurrentSetup
from server.domain.delivery import DEAD, DELIVERED, FAILED, HELD
from server.domain.retry import Again, Dead, Delivered, Held
from server.pipeline import boots, due, relay
from server.pipeline.boots import Boot
from server.pipeline.ground import Ground
from server.pipeline.relay import Parcel
from server.relays.client import Client
from server.storage import dialect
from server.storage.database import Database, Job
from server.storage.writer import Writer

AT_ONCE_PER_DESTINATION = 2
AT_ONCE = 64
LONGEST_IDLE_S = 1.0
BREATH_S = 0.01  # at least between two looks
GATHER_S = 0.05  # what is owed waits so long for more: under load each batch wakes us, and each look costs the clicks
LAST_ANSWERS_S = 4.0  # how long a stop waits for attempts under way

_STATES = {Delivered: DELIVERED, Again: FAILED, Held: HELD, Dead: DEAD}

log = logging.getLogger(__name__)


class Worker:
    def __init__(
        self,
        database: Database,
        writer: Writer,
        current: CurrentSetup,
        clock: Clock,
        boot: Boot,
        counters: Counters,
    ) -> None:
        self._database = database
        self._writer = writer
        self._current = current
        self._clock = clock
        self._boot = boot
        self._counters = counters
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="relays", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._is_told = False  # that a relay was owed since the last look
        self._is_stopping = False
        self._under_way: Counter[int] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._beat_at = 0
        self._seen_at = math.inf  # the clock may have been set back while nobody ran

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Claims nothing more; from any thread or signal handler."""
        self._is_stopping = True
        self._tell(0)

    def stop(self) -> None:
        """Waits for the attempts under way, but not for ever: a database that is held may keep their results back."""
        self.ask_to_stop()
        self._thread.join(LAST_ANSWERS_S + 1)

    def owed(self) -> None:
        """A relay was owed: look soon. From any thread."""
        if self._loop is not None and not self._is_told:
            self._is_told = True
            self._tell(GATHER_S)

    def _tell(self, after_s: float) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(self._loop.call_later, after_s, self._woken.set)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        client = Client()
        while not self._is_stopping:
            next_at = self._loop.time() + BREATH_S
            self._woken.clear()
            self._is_told = False
            try:
                idle_s = await self._pass(client)
                await self._heartbeat()
            except DBAPIError as error:
                log.warning("the outbox cannot be read or written, trying again: %s", error.orig)
                idle_s = LONGEST_IDLE_S
            except Exception:
                log.exception("the relay line stumbled, trying again")
                idle_s = LONGEST_IDLE_S
            try:
                async with asyncio.timeout(idle_s):
                    await self._woken.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(next_at - self._loop.time())
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_ANSWERS_S)
            for task in self._tasks:
                task.cancel()
        await client.close()

    async def _pass(self, client: Client) -> float:
        """Seconds until the next look; the end of each attempt wakes us too."""
        await self._mind_the_clock()
        now = self._clock()
        with self._database.read() as connection:
            queues = due.queues(connection)
        is_more = False
        for destination in due.destinations_due(queues, now):
            free = min(AT_ONCE_PER_DESTINATION - self._under_way[destination.id], AT_ONCE - len(self._tasks))
            if free <= 0:
                continue
            for parcel in await self._claim(destination.id, free):
                is_more = True
                self._under_way[destination.id] += 1
                task = asyncio.create_task(self._deliver(client, parcel, destination.id))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return BREATH_S if is_more else min(LONGEST_IDLE_S, (due.next_look(queues, now) - now) / 1000)

    async def _claim(self, destination_id: int, most: int) -> list[Parcel]:
        ground = Ground(self._current.get(), self._database.digest_key, self._clock())
        claimed = self._writer.submit(lambda c: relay.claim(c, destination_id, most, self._boot.id, ground))
        return await asyncio.wrap_future(claimed)

    async def _deliver(self, client: Client, parcel: Parcel, destination_id: int) -> None:
        try:
            if parcel.request is None:
                await self._written(parcel, lambda c: relay.refuse(c, parcel, self._clock()))
                self._counters.relayed("not_rendered")
                return
            reply = await client.send(parcel.request, self._clock())
            jitter = random.uniform(-1, 1)
            verdict = await self._written(parcel, lambda c: relay.settle(c, parcel, reply, self._clock(), jitter))
            self._counters.relayed(_STATES.get(type(verdict), "lease_lost"))
        except Exception:
            log.exception("relay %d", parcel.relay_id)
            faulty = replace(parcel, problem=relay.OUR_FAULT)
            await self._written(faulty, lambda c: relay.refuse(c, faulty, self._clock()))
        finally:
            self._under_way[destination_id] -= 1
            self._woken.set()

    async def _written(self, parcel: Parcel, job: Job[Any]) -> Any:
        """What came back is known here alone: it is written as soon as the database can."""
        while True:
            try:
                return await asyncio.wrap_future(self._writer.submit(job))
            except SQLAlchemyError as error:
                if not dialect.cannot_write(error):
                    raise
                why = getattr(error, "orig", error)
                log.warning("the result of relay %d cannot be written, trying again: %s", parcel.relay_id, why)
                await asyncio.sleep(LONGEST_IDLE_S)

    async def _mind_the_clock(self) -> None:
        now = self._clock()
        if now < self._seen_at:
            await asyncio.wrap_future(self._writer.submit(lambda c: due.wait_anew(c, now)))
        self._seen_at = now

    async def _heartbeat(self) -> None:
        now = self._clock()
        if not 0 <= now - self._beat_at < boots.HEARTBEAT_MS:
            setup = self._current.get()
            await asyncio.wrap_future(self._writer.submit(lambda c: boots.beat(c, self._boot, setup, now)))
            self._beat_at = now
