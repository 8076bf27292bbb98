"""The spool as it lies on the disk: whose it is, and how much waits in it."""

from __future__ import annotations

import hashlib
from io import FileIO
from pathlib import Path

from sqlalchemy import select

from server.api.finding import Trouble, named
from server.api.looking import Look, digest_key
from server.storage import spool_file
from server.storage.spool_file import FRAME, RECORDS_AT, Opening
from server.storage.tables import SettingRow

_ID_BYTES = 16


def spool(look: Look) -> str:
    path = look.folder.spool_file
    aside = [file.name for file in sorted(path.parent.glob(f"{path.name}.*")) if not file.name.endswith(".new")]
    if aside:
        raise Trouble(
            f"{named(aside)} in {path.parent} hold clicks or postbacks of other data, or what cannot be read.",
            "Serve that data once in this folder, or keep them elsewhere.",
        )
    if not path.exists():
        if look.server is None:
            return "made when a server starts"
        raise Trouble(f"There is no {path}: the disk had no room for it.", "Make room; the server makes it then.")
    with look.read() as connection:
        owner = hashlib.sha256(digest_key(connection)).digest()[:_ID_BYTES]
    with FileIO(str(path), "r") as file:
        sound = [opening for opening in spool_file.openings(file) if opening]
        if not sound:
            raise Trouble(f"{path} cannot be read.", "Stop the server, move it away, and start the server again.")
        opening = max(sound, key=lambda one: one.first)
        if opening.owner != owner:
            raise Trouble(f"{path} belongs to other data.", "Start the server once: it keeps it beside.")
        last = opening.first + _records(file, path, opening) - 1
    with look.read() as connection:
        name = SettingRow.name == f"spool.{opening.name.hex()}"
        applied = connection.scalar(select(SettingRow.value).where(name)) or 0
    waiting = max(0, last - max(applied, opening.first - 1))
    return f"{waiting} records wait" + ("" if look.server or not waiting else "; the next start takes them up")


def _records(file: FileIO, path: Path, opening: Opening) -> int:
    """How many whole ones follow the opening: reading ends where a checksum does not fit, as the server's does."""
    count, at, check, size = 0, RECORDS_AT, opening.check, path.stat().st_size
    while len(frame := spool_file.read(file, at, FRAME.size)) == FRAME.size:
        length = int.from_bytes(frame[:4], "little")
        if not 0 < length <= size - at - FRAME.size:
            break
        whole, check = spool_file.framed(spool_file.read(file, at + FRAME.size, length), check)
        if whole[: FRAME.size] != frame:
            break
        count, at = count + 1, at + len(whole)
    return count
