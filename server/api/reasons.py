"""Why a relay is in the state it is in, and what to do about it: a sentence each for the words of the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Reason:
    why: str
    remedy: str = ""


_LOOK = "Look at the answer of its last attempt, mend the relay of the source, then send it again."
_RETRIED = "Nothing to do: it is tried again by itself."
_REASONS: Mapping[str, Reason] = {
    "no_relay_url": Reason("The source has no relay URL.", "Give the source a relay URL if it wants to be told."),
    "status_not_relayed": Reason("This status is not relayed.", "Add it to the statuses of the source's relay."),
    "event_not_relayed": Reason("This event is not relayed.", "Add it to the events of the source's relay."),
    "no_external_id": Reason(
        "The click carries no external id, so the source cannot be told which click it was.",
        "Put the source's macro into the tracking URL as ext=…",
    ),
    "not_filled_in": Reason("The relay still holds a YOUR_… of the template.", "Fill it in at the source."),
    "below_minimum": Reason("The payout is below the minimum that is relayed."),
    "not_in_sample": Reason("It is not in the sample that is relayed."),
    "over_cap": Reason("The cap of relays a day was reached."),
    "withheld": Reason("It was withheld when its postback was replayed."),
    "withdrawn": Reason("A replay left its conversion without a postback before it was sent."),
    "test": Reason("It belongs to a test."),
    "paused_by_owner": Reason("You paused this destination.", "Resume it when its relays may go."),
    "no_success_text": Reason("The answer does not say the success text.", _LOOK),
    "redirect": Reason("The destination answered with a redirect, which is not followed.", "Correct the relay URL."),
    "dns": Reason("The name of the destination could not be found.", _RETRIED),
    "connect": Reason("The destination could not be reached.", _RETRIED),
    "tls": Reason("No secure connection could be made.", _RETRIED),
    "timeout": Reason("No answer came in time; it may have arrived all the same.", _RETRIED),
    "broken_off": Reason("The connection broke off; it may have arrived all the same.", _RETRIED),
    "ambiguous_timeout": Reason("No answer came in time, so it may have arrived.", "Ask the source, or send it again."),
    "ambiguous_broken_off": Reason(
        "The connection broke off, so it may have arrived.", "Ask the source, or send it again."
    ),
    "ambiguous_stopped": Reason(
        "The server was stopped before the answer came, so it may have arrived.", "Ask the source, or send it again."
    ),
    "blocked_ip": Reason(
        "The destination lies in a private network.", "Name its range under allow if that is meant, then resume."
    ),
    "expired": Reason("It was tried for seven days.", "Mend the relay of the source, then send it again."),
    "http_401": Reason("The destination refused our credentials (401).", "Correct them at the source, then resume."),
    "http_403": Reason("The destination refused us (403).", "Correct the credentials at the source, then resume."),
    "http_404": Reason("The destination does not know this address (404).", _LOOK),
    "http_410": Reason("The destination is gone for good (410).", "Give the source another relay URL, then resume."),
    "http_429": Reason("The destination asked for fewer requests (429).", _RETRIED),
}


def reason_of(word: str | None) -> Reason:
    """What stands behind the word's first colon is a detail."""
    if not word:
        return Reason("")
    name, _, detail = word.partition(": ")
    if name in _REASONS:
        known = _REASONS[name]
        return Reason(f"{known.why[:-1]}: {detail}." if detail else known.why, known.remedy)
    if name == "no_rate":
        return Reason(f"The payout cannot be converted: {detail}", "Enter the rate, then send it again.")
    if name.startswith("http_"):
        return _of_status(name.removeprefix("http_"))
    return Reason(word.replace("_", " "))


def _of_status(number: str) -> Reason:
    words = {str(status.value): status.phrase for status in HTTPStatus}.get(number, "")
    is_retried = number.startswith("5") or number in ("408", "425")
    return Reason(f"The destination answered {number} {words}".rstrip() + ".", _RETRIED if is_retried else _LOOK)
