"""Work off the GUI thread: a job runs in the background and its result comes back as a call on the GUI thread."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any, TypeVar
from weakref import WeakSet

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from shiboken6 import isValid

from server.errors import TallybackError

T = TypeVar("T")
AT_ONCE = 3
_LONGEST = 300  # characters of what a fault says of itself
SEARCHES_AT_ONCE = 4  # apart from the others, which so never wait for one: as many as there are lists
_SWITCH_S = 0.0005  # Qt takes the lock of Python many times a frame: a job has to give it back soon

log = logging.getLogger(__name__)


class Job:
    """A job that was asked for; a cancelled one gives no result, and is not begun if it still waits."""

    def __init__(self) -> None:
        self.cancelled = Event()

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled.is_set()

    def cancel(self) -> None:
        self.cancelled.set()


class Jobs(QObject):
    """The one crossing from background threads to the GUI: everything comes over one queued signal."""

    _finished = Signal(object)
    failed = Signal(str)  # of jobs that nobody else listens to: one line with the remedy

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        sys.setswitchinterval(_SWITCH_S)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="job")
        self._search_pool = ThreadPoolExecutor(SEARCHES_AT_ONCE, thread_name_prefix="search")
        self._searches: WeakSet[Job] = WeakSet()
        self._is_closed = False
        self._finished.connect(lambda deliver: deliver(), Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        owner: QObject,
        work: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[str], None] | None = None,
    ) -> Job:
        """`done` or `failed` is called on the GUI thread, unless the owner is gone or the job was cancelled."""
        job = Job()
        self._submit(self._pool, owner, job, work, done, failed)
        return job

    def search(
        self,
        owner: QObject,
        work: Callable[[Event], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[str], None] | None = None,
    ) -> Job:
        """As `run`, for what may read long: the work passes on the event by which the database learns to stop."""
        job = Job()
        self._searches.add(job)
        self._submit(self._search_pool, owner, job, lambda: work(job.cancelled), done, failed)
        return job

    def stream(
        self,
        owner: QObject,
        work: Callable[[], Iterator[T]],
        received: Callable[[T], None],
        done: Callable[[None], None] | None = None,
        failed: Callable[[str], None] | None = None,
    ) -> Job:
        """As `run`, and what the work yields is received one by one; a cancelled job is not asked for more."""
        job = Job()

        def all_of_it() -> None:
            for one in work():
                if job.is_cancelled:
                    return
                self._deliver(owner, job, received, one)

        self._submit(self._pool, owner, job, all_of_it, done, failed)
        return job

    def _submit(
        self,
        pool: ThreadPoolExecutor,
        owner: QObject,
        job: Job,
        work: Callable[[], T],
        done: Callable[[T], None] | None,
        failed: Callable[[str], None] | None,
    ) -> None:
        def in_background() -> None:
            if job.is_cancelled:
                return
            try:
                result = work()
            except TallybackError as error:
                self._deliver(owner, job, failed or self.failed.emit, str(error))
            except Exception as error:
                log.exception("a job failed")
                self._deliver(owner, job, failed or self.failed.emit, _told(error))
            else:
                if done is not None:
                    self._deliver(owner, job, done, result)

        if not self._is_closed:  # at the end a timer may still ask
            pool.submit(in_background)

    def close(self) -> None:
        self._is_closed = True
        for job in list(self._searches):
            job.cancel()
        for pool in (self._pool, self._search_pool):
            pool.shutdown(wait=True, cancel_futures=True)

    def _deliver(self, owner: QObject, job: Job, receive: Callable[[Any], None], result: Any) -> None:
        def deliver() -> None:
            if not job.is_cancelled and isValid(owner):
                receive(result)

        if isValid(self):
            self._finished.emit(deliver)


def _told(error: Exception) -> str:
    """In one line; what a database driver says comes wrapped, and the wrapping is for the log."""
    tr = QCoreApplication.translate
    inner = getattr(error, "orig", None)
    lines = str(inner or error).splitlines() or [type(error).__name__]
    words = lines[0][:_LONGEST]
    if inner is not None:
        return tr("Jobs", "The database cannot be read: {0}. Look at the data folder; desktop.log says more.").format(
            words
        )
    return tr("Jobs", "Something went wrong: {0}. The data folder's desktop.log says more.").format(words)
