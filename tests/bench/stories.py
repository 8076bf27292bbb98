"""What came of a click, copied for another one: receipts, conversion, history, relays and their attempts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.domain import identity
from server.domain.owing import relay_key
from server.domain.status import Status
from tests.bench.seeds import Seed, Sown, Stored

_TABLES = ("conversion", "postback", "entry", "relay", "attempt")  # parents first
_TIMES = ("time", "updated", "arrived_at", "network_time", "next_at", "expires_at", "held_at")


@dataclass(frozen=True, slots=True)
class Copied:
    """The click that a story is told of again."""

    key: int
    click_id: str
    external_id: str
    txn_id: str
    shift: int  # of all times


class Stories:
    def __init__(self, connection: Any, sown: Sown) -> None:
        self._connection = connection
        self._destinations = sown.destinations
        self._last = {
            table: connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0] for table in _TABLES
        }
        self._rows: dict[str, list[Stored]] = {table: [] for table in _TABLES}

    def copy(self, seed: Seed, new: Copied) -> None:
        assert seed.conversion is not None
        old = seed.conversion
        digest = identity.of_transaction(old["network_id"], new.txn_id, old["event_key"])
        conversion = self._add("conversion", old, new, click_id=new.key, txn_id=new.txn_id, identity=digest)
        receipts = {}
        for row in seed.postbacks:
            query = row["query"].replace(seed.click_id.encode(), new.click_id.encode())
            query = query.replace(seed.txn_id.encode(), new.txn_id.encode())
            more = {"query": query, "click_id": new.key, "conversion_id": conversion}
            receipts[row["id"]] = self._add("postback", row, new, **more)
        for row in seed.entries:
            of = receipts.get(row["postback_id"])
            self._add("entry", row, new, conversion_id=conversion, postback_id=of, txn_id=new.txn_id)
        for row in seed.relays:
            self._relay(seed, row, new, conversion)

    def _relay(self, seed: Seed, row: Stored, new: Copied, conversion: int) -> None:
        key = relay_key(conversion, Status(row["status"]), row["revision"], self._destinations[row["destination_id"]])
        relay = self._add("relay", row, new, key=key, conversion_id=conversion, click_id=new.key)
        words = {seed.click["external_id"]: new.external_id, seed.click_id: new.click_id, row["key"]: key}
        for attempt in seed.attempts[row["id"]]:
            said = {name: _said(attempt[name], words) for name in ("url", "headers", "body")}
            self._add("attempt", attempt, new, relay_id=relay, **said)

    def write(self) -> None:
        for table, rows in self._rows.items():
            if rows:
                names = list(rows[0])
                insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
                self._connection.executemany(insert, [tuple(row.values()) for row in rows])
                rows.clear()

    def _add(self, table: str, row: Stored, new: Copied, **own: Any) -> int:
        self._last[table] += 1
        times = {name: row[name] + new.shift for name in _TIMES if row.get(name) is not None}
        self._rows[table].append({**row, **times, **own, "id": self._last[table]})
        return self._last[table]


def _said(text: str | None, words: Mapping[str, str]) -> str | None:
    for old, new in words.items() if text else ():
        text = text.replace(old, new)
    return text
