"""What makes two postbacks speak of one conversion: the transaction and event, else the click and event."""

from __future__ import annotations

import hashlib
from functools import lru_cache


@lru_cache(maxsize=256)  # a batch asks once when it looks what is known, and once when it judges
def of_transaction(network_id: int, txn_id: str, event_key: str) -> bytes:
    return _digest("transaction", network_id, txn_id, event_key)


def of_click(click: int, network_id: int, event_key: str) -> bytes:
    return _digest("click", click, network_id, event_key)


def of_conflict(network_id: int, txn_id: str, event_key: str, click: int) -> bytes:
    return _digest("conflict", network_id, txn_id, event_key, click)


def of_postback(postback_id: int) -> bytes:
    """Where each postback counts, it is its own identity."""
    return _digest("postback", postback_id)


def _digest(*parts: str | int) -> bytes:
    raws = [str(part).encode("utf-8", "surrogatepass") for part in parts]
    # The length keeps two parts from reading as two others.
    return hashlib.sha256(b"".join([len(raw).to_bytes(4) + raw for raw in raws])).digest()
