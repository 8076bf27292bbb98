"""The statuses of a conversion, their rank, and the words that networks use for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum


class Status(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    REFUNDED = "refunded"
    CHARGED_BACK = "charged_back"

    @property
    def rank(self) -> int:
        return _RANKS[self]

    @property
    def is_reversal(self) -> bool:
        return self in _REVERSALS


_REVERSALS = frozenset({Status.REFUNDED, Status.CHARGED_BACK})
_RANKS = {status: rank for rank, status in enumerate(Status)}

GENERIC_WORDS: Mapping[Status, Sequence[str]] = {
    Status.PENDING: (
        *("pending", "lead", "hold", "on hold", "on_hold", "onhold", "0", "new", "wait", "waiting", "open"),
        *("processing", "in progress", "in_progress", "review", "unconfirmed", "registration"),
    ),
    Status.APPROVED: (
        *("approved", "approve", "confirmed", "confirm", "accepted", "accept", "sale", "paid", "1", "success"),
        *("completed", "complete", "ok", "valid", "purchase", "rebill", "payout", "active"),
    ),
    Status.REJECTED: (
        *("rejected", "reject", "declined", "decline", "cancelled", "canceled", "cancel", "trash", "spam", "invalid"),
        *("fraud", "failed", "denied", "disapproved", "void", "double", "duplicate"),
    ),
    Status.REFUNDED: ("refunded", "refund", "reversed", "reversal", "returned", "return"),
    Status.CHARGED_BACK: ("charged_back", "charged back", "chargeback", "charge_back", "charge back", "cgbk"),
}


def fold_word(word: str) -> str:
    return " ".join(word.split()).casefold()


_GENERIC = {fold_word(word): status for status, words in GENERIC_WORDS.items() for word in words}


def read_status(word: str, network_words: Mapping[Status, Sequence[str]]) -> Status | None:
    """A whole word in any case; the network's own meaning wins over the generic one."""
    folded = fold_word(word)
    for status, words in network_words.items():
        if folded in map(fold_word, words):
            return status
    return _GENERIC.get(folded)
