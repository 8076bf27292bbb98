"""The files of one kind in a folder, each read again when it changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from server.errors import BadInput

Content = TypeVar("Content")
_Stamp = tuple[int, int, int]

log = logging.getLogger(__name__)


class Folder(Generic[Content]):
    """By file name, in its order; a file that is broken is named, and what it last said well stays in force."""

    def __init__(self, path: Path, suffix: str, read: Callable[[Path], Content]) -> None:
        self.path, self.suffix = path, suffix
        self.contents: Mapping[str, Content] = {}
        self.troubles: Mapping[str, BadInput] = {}
        self._read = read
        self._stamps: Mapping[str, _Stamp] = {}

    def look(self) -> Sequence[BadInput]:
        """What is newly wrong. Cheap as long as nothing changed; only one thread looks."""
        stamps = self._stamped()
        if stamps == self._stamps:
            return ()
        contents = {name: content for name, content in self.contents.items() if name in stamps}
        troubles = {name: self.troubles[name] for name in self.troubles if stamps.get(name) == self._stamps[name]}
        changed = [name for name, stamp in stamps.items() if self._stamps.get(name) != stamp]
        for name in changed:
            try:
                contents[name] = self._read(self.path / name)
            except BadInput as error:
                troubles[name] = error
        self.contents = dict(sorted(contents.items()))
        self.troubles = troubles
        self._stamps = stamps
        return [troubles[name] for name in changed if name in troubles]

    def _stamped(self) -> dict[str, _Stamp]:
        stamps = {}
        try:
            for file in sorted(self.path.glob(f"[!.]*{self.suffix}")):
                about = file.stat()
                stamps[file.name] = (about.st_mtime_ns, about.st_size, about.st_ino)
        except OSError as error:  # of a folder that cannot be read, or of a file that went this instant
            log.warning("%s cannot be looked through: %s", self.path, error.strerror)
            return dict(self._stamps)
        return stamps
