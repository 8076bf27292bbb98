"""A person's word on a conversion: its status set by hand, a late one accepted."""

from __future__ import annotations

from sqlalchemy import select

from server.api.data import Data
from server.domain.status import Status
from server.errors import NothingMatched
from server.pipeline import conversion
from server.storage.tables import ConversionRow


def set_status(data: Data, conversion_id: int, status: str) -> None:
    _must_exist(data, conversion_id)
    ground = data.ground()
    data.database.write(lambda connection: conversion.set_status(connection, conversion_id, Status(status), ground))


def accept_late(data: Data, conversion_id: int) -> None:
    _must_exist(data, conversion_id)
    ground = data.ground()
    data.database.write(lambda connection: conversion.accept_late(connection, conversion_id, ground))


def _must_exist(data: Data, conversion_id: int) -> None:
    with data.database.read() as connection:
        if connection.scalar(select(ConversionRow.id).where(ConversionRow.id == conversion_id)) is None:
            raise NothingMatched(f"There is no conversion {conversion_id}.")
