"""What each outcome, status and state means to the owner: good, waiting, bad, or of no consequence."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.theme import Tone

_OUTCOMES = {
    "accepted": Tone.GOOD,
    "updated": Tone.GOOD,
    "duplicate": Tone.MUTED,
    "stale": Tone.MUTED,
    "test": Tone.MUTED,
    "late": Tone.WAITING,
}
_STATUSES = {"approved": Tone.GOOD, "pending": Tone.WAITING}
_STATES = {"delivered": Tone.GOOD, "skipped": Tone.MUTED, "dead": Tone.BAD}


def tone_of_outcome(outcome: str) -> Tone:
    return _OUTCOMES.get(outcome, Tone.BAD)


def tone_of_status(status: str) -> Tone:
    return _STATUSES.get(status, Tone.BAD)


def tone_of_state(state: str) -> Tone:
    return _STATES.get(state, Tone.WAITING)


def spoken(word: str) -> str:
    """One of our own words as a person writes it."""
    return QCoreApplication.translate("words", word.replace("_", " "))
