"""What a record of the spool says: a line of JSON with its kind and its values, and behind it a receipt's raw bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.things import Network
from server.pipeline.click import Sent
from server.pipeline.receipt import Receipt, without_token
from server.pipeline.step import Stepped
from server.storage.spool import Spool
from server.storage.tables import ClickRow

# A kind whose values come to mean something else gets another number: an older record is still read as it was meant.
CLICK = "click1"
STEP = "step1"
MISSED = "missed1"
RECEIPT = "receipt1"
_COLUMNS = tuple(column.key for column in ClickRow.__table__.columns)


@dataclass(frozen=True, slots=True)
class Record:
    number: int
    kind: str
    values: Mapping[str, Any]
    raw: bytes = b""

    @property
    def click(self) -> dict[str, Any]:
        return {**dict.fromkeys(_COLUMNS), **self.values}

    @property
    def receipt(self) -> Receipt:
        at = self.values["body_at"]
        said = {name: self.values[name] for name in ("arrived_at", "address", "method", "content_type", "ip")}
        return Receipt(**said, query=self.raw[:at], body=self.raw[at:], headers={})

    @property
    def was_refused(self) -> bool:
        return bool(self.values["was_refused"])


def of_click(sent: Sent) -> bytes:
    return _written(CLICK, {name: value for name, value in sent.click.items() if value is not None})


def of_step(stepped: Stepped) -> bytes:
    return _written(STEP, stepped.step)


def of_missed(key: str, now: int) -> bytes:
    return _written(MISSED, {"key": key, "time": now})


def of_receipt(receipt: Receipt, network: Network | None, refusal: str | None) -> bytes:
    """Our own token is cut out, so whether it might speak is noted as it was found when it came."""
    kept = without_token(receipt, network)
    values = {
        "arrived_at": kept.arrived_at,
        "address": kept.address,
        "method": kept.method,
        "content_type": kept.content_type,
        "ip": kept.ip,
        "was_refused": refusal is not None,
        "body_at": len(kept.query),
    }
    return _written(RECEIPT, values, kept.query + kept.body)


def read(number: int, record: bytes) -> Record:
    line, _, raw = record.partition(b"\n")
    kind, values = json.loads(line)
    return Record(number, kind, values, raw)


def find_click(spool: Spool, key: int) -> Mapping[str, Any] | None:
    """A click that waits to be applied: its visitor may go on to an offer meanwhile."""
    mark = b'"id":%d,' % key
    for raw in spool.all_waiting():
        if mark in raw:
            record = read(0, raw)
            if record.kind == CLICK and record.values["id"] == key:
                return record.click
    return None


def _written(kind: str, values: Mapping[str, Any], raw: bytes = b"") -> bytes:
    """In plain ASCII: half of a character, which no text of a database can hold, comes back as it was too."""
    return json.dumps([kind, values], separators=(",", ":")).encode("ascii") + b"\n" + raw
