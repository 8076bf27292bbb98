"""The file under the spool: made whole or not at all, its openings, and the framing of its records."""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

OPENINGS_AT = (0, 512)  # a sector each: a disk writes one whole or not at all
RECORDS_AT = 4096
_MARK = b"TBSPOOL1"
_OPENING = struct.Struct("<8s16s16sQ")
_CHECK = struct.Struct("<I")
FRAME = struct.Struct("<II")  # length, check
_ZEROS = bytes(1024 * 1024)
_flush = getattr(os, "fdatasync", os.fsync)


@dataclass(frozen=True, slots=True)
class Opening:
    """Which spool this is, whose it is, and the number of its first record."""

    name: bytes
    owner: bytes
    first: int

    @property
    def raw(self) -> bytes:
        return _OPENING.pack(_MARK, self.name, self.owner, self.first)

    @property
    def check(self) -> int:
        return zlib.crc32(self.raw)


def framed(record: bytes, check_before: int) -> tuple[bytes, int]:
    """As it stands in the file, and its checksum, which goes on from that of the record before it."""
    length = len(record).to_bytes(4, "little")
    check = zlib.crc32(record, zlib.crc32(length, check_before))
    return length + check.to_bytes(4, "little") + record, check


def openings(file: FileIO) -> list[Opening | None]:
    """Both, None for one that was never written or is torn."""
    return [_opening(read(file, at, _OPENING.size + _CHECK.size)) for at in OPENINGS_AT]


def write_opening(file: FileIO, which: int, opening: Opening) -> None:
    write(file, OPENINGS_AT[which], opening.raw + _CHECK.pack(opening.check))


def write(file: FileIO, at: int, raw: bytes) -> None:
    """On the disk when it returns."""
    file.seek(at)
    left = memoryview(raw)
    while left:
        left = left[file.write(left) or 0 :]
    _flush(file.fileno())


def read(file: FileIO, at: int, length: int) -> bytes:
    file.seek(at)
    return file.read(length) or b""


def make(path: Path, size: int, opening: Opening) -> None:
    """Under another name until it is whole, so that a kill leaves none that is half made."""
    half_made = path.with_name(f"{path.name}.new")
    half_made.unlink(missing_ok=True)
    try:
        with FileIO(os.open(half_made, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600), "r+") as file:
            _allocate(file, size)
            write_opening(file, 0, opening)
            os.fsync(file.fileno())
        half_made.replace(path)
    except OSError:
        half_made.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _opening(raw: bytes) -> Opening | None:
    if len(raw) < _OPENING.size + _CHECK.size:
        return None
    mark, name, owner, first = _OPENING.unpack_from(raw)
    opening = Opening(name, owner, first)
    is_sound = mark == _MARK and _CHECK.unpack_from(raw, _OPENING.size) == (opening.check,)
    return opening if is_sound else None


def _allocate(file: FileIO, size: int) -> None:
    """For good: space that is only promised is not there when the disk is full."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
        return
    for at in range(0, size, len(_ZEROS)):
        write(file, at, _ZEROS[: size - at])


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
