"""What every step of the line stands on: the setup as it is, the key of the click ids, the time, what is full."""

from __future__ import annotations

from dataclasses import dataclass

from server.domain import click_id
from server.domain.choosing import Full
from server.domain.things import Setup


@dataclass(frozen=True, slots=True)
class Ground:
    setup: Setup
    secret: bytes
    now: int
    full: Full = frozenset()

    def click_text(self, key: int) -> str:
        return click_id.encode(key, self.secret)

    def click_key(self, text: str) -> int | None:
        return click_id.decode(text, self.secret)
