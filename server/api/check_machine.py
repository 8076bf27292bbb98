"""What the data lies on: rights of files, room on the disk, the clock, the limit of open files."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from server.api import open_files
from server.api.finding import Trouble, named
from server.api.looking import Look
from server.domain.moment import iso

LEAST_FREE = 256 * 1024 * 1024
WRITTEN_AT = 1_767_225_600_000  # 2026-01-01: a clock before this program was written is wrong
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MEGA = 1024 * 1024


def rights(look: Look) -> str:
    if os.name != "posix":
        return "left to the system"
    files = [look.folder.path, *sorted(look.folder.path.rglob("*"))]
    if look.database_file is not None and look.folder.path not in look.database_file.absolute().parents:
        files += look.database_file.absolute().parent.glob(f"{look.database_file.name}*")
    modes = {file: file.stat() for file in files if file.exists()}
    if foreign := [_shown(file, look) for file, one in modes.items() if one.st_uid != os.getuid()]:
        raise Trouble(
            f"{named(foreign)} belong to another user.", "Run this as the user who runs the server, or chown them."
        )
    open_to_others = [
        f"{_shown(file, look)} ({stat.S_IMODE(one.st_mode):04o})"
        for file, one in modes.items()
        if one.st_mode & _OTHERS
    ]
    if open_to_others:
        raise Trouble(
            f"Others may read or write {named(open_to_others)}; secrets lie there.",
            f"chmod -R go= {look.folder.path}",
        )
    return f"{len(modes)} files and folders are their owner's alone"


def disk(look: Look) -> str:
    free = shutil.disk_usage(look.folder.path).free
    if free < LEAST_FREE:
        raise Trouble(
            f"Only {free // _MEGA} MB are free under {look.folder.path}.",
            "Make room: what does not fit into the database waits in the spool, and that holds 16 MB.",
        )
    return f"{free // _MEGA} MB are free"


def clock(look: Look) -> str:
    now = look.clock()
    if now < WRITTEN_AT:
        raise Trouble(f"The clock of this machine says {iso(now)}.", "Set it, and let it be kept by NTP.")
    return iso(now)


def file_limit(look: Look) -> str:
    allowed = open_files.allowed(look.server.pid if look.server else None)
    if allowed is not None and allowed < open_files.NEEDED:
        raise Trouble(
            f"A server may have {allowed} files open, and takes up to {open_files.NEEDED}.",
            "Raise it: LimitNOFILE= of its service, or ulimit -n before it starts.",
        )
    return f"{allowed} are allowed" if allowed is not None else "no limit"


def _shown(file: Path, look: Look) -> str:
    return str(file.relative_to(look.folder.path)) if look.folder.path in file.parents else str(file)
