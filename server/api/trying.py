"""Tries a change and takes it back: a preview does what the deed itself would do, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, TypeVar

from sqlalchemy import Connection

from server.api.data import Data

T = TypeVar("T")


class _TakenBack(Exception):
    pass


def tried(data: Data, job: Callable[[Connection], T]) -> T:
    found: list[T] = []

    def job_and_back(connection: Connection) -> NoReturn:
        found.append(job(connection))
        raise _TakenBack

    with suppress(_TakenBack):
        data.database.write(job_and_back)
    return found[0]
