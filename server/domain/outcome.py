"""Outcomes and warnings of a postback: the closed lists, each with why it is so and what to do.

To add one: a row here. Screens, `--json` and documents follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

SHOWN = 80  # characters of a value from outside that a sentence repeats


class Outcome(StrEnum):
    UNAUTHORISED = "unauthorised"
    UNREADABLE = "unreadable"
    NO_CLICK_ID = "no_click_id"
    MACRO_NOT_REPLACED = "macro_not_replaced"
    CLICK_ID_DAMAGED = "click_id_damaged"
    CLICK_UNKNOWN = "click_unknown"
    WRONG_NETWORK = "wrong_network"
    UNKNOWN_STATUS = "unknown_status"
    UNKNOWN_CURRENCY = "unknown_currency"
    TEST = "test"
    CONFLICT = "conflict"
    LATE = "late"
    STALE = "stale"
    DUPLICATE = "duplicate"
    UPDATED = "updated"
    ACCEPTED = "accepted"


class Warning(StrEnum):
    CLICK_ID_IN_OTHER_PARAMETER = "click_id_in_other_parameter"
    REPEATED_PARAMETER = "repeated_parameter"
    BAD_VALUE = "bad_value"
    MACRO_NOT_REPLACED = "macro_not_replaced"
    ODD_ENCODING = "odd_encoding"
    PAYOUT_CHANGED = "payout_changed"
    NO_PAYOUT = "no_payout"
    NO_RATE = "no_rate"
    NO_EXTERNAL_ID = "no_external_id"


@dataclass(frozen=True, slots=True)
class Sentence:
    reason: str
    remedy: str
    strict_status: int = 200  # what a network set to strict is answered
    has_conversion: bool = True  # `OK` with its number; otherwise the receipt alone is `STORED`


_NOTHING_TO_DO = "Nothing to do."
_REPLAY = "then replay this postback."

OUTCOMES: Mapping[Outcome, Sentence] = {
    Outcome.UNAUTHORISED: Sentence(
        "{detail}",
        "Compare the postback URL at the network with the one that `tallyback links` prints; "
        "if this request is genuine, mend the URL and replay it.",
        403,
        has_conversion=False,
    ),
    Outcome.UNREADABLE: Sentence(
        "The request could not be read: {detail}.",
        "Correct the body that the network sends: a form, or one JSON object.",
        400,
        has_conversion=False,
    ),
    Outcome.NO_CLICK_ID: Sentence(
        "No parameter holds a click id; looked in {looked_in}.",
        "Put the network's macro for the parameter that carries our click id into the postback URL.",
        400,
        has_conversion=False,
    ),
    Outcome.MACRO_NOT_REPLACED: Sentence(
        "The click id in {parameter} is the macro {value}, which the network did not replace.",
        "Use the macro of this network for the parameter in which the offer URL hands over {{click_id}}.",
        400,
        has_conversion=False,
    ),
    Outcome.CLICK_ID_DAMAGED: Sentence(
        "The click id in {parameter} is not whole: {value}{suggestion}.",
        "Check that the parameter keeps 23 characters and hands our click id back unchanged.",
        404,
        has_conversion=False,
    ),
    Outcome.CLICK_UNKNOWN: Sentence(
        "The click id {value} in {parameter} proves itself, but no such click is recorded here.",
        "If the click is older than the data or was made on another folder, restore that; " + _REPLAY,
        404,
        has_conversion=False,
    ),
    Outcome.WRONG_NETWORK: Sentence(
        "Click {value} never went to an offer of network {network}.",
        "Check which network this postback URL was given to, or assign the offer to this network, " + _REPLAY,
        404,
        has_conversion=False,
    ),
    Outcome.UNKNOWN_STATUS: Sentence(
        "The status {value} in {parameter} is not a word that network {network} is known to use.",
        "Map the word under status_words of the network, " + _REPLAY,
        400,
        has_conversion=False,
    ),
    Outcome.UNKNOWN_CURRENCY: Sentence(
        "The currency {value} in {parameter} is not known.",
        "Correct the currency at the network or add the code to `currencies`, " + _REPLAY,
        400,
        has_conversion=False,
    ),
    Outcome.TEST: Sentence("The click was made by a test; nothing is booked.", _NOTHING_TO_DO),
    Outcome.CONFLICT: Sentence(
        "Transaction {value} already belongs to another click, {other}.",
        "Ask the network which of the two clicks made the sale; this one is kept and not counted.",
    ),
    Outcome.LATE: Sentence(
        "The conversion came {value} days after the click; the window of offer {offer} is {window} days.",
        "Accept it if the network pays for it.",
    ),
    Outcome.STALE: Sentence(
        "The conversion is already {status}; {value} does not change that.",
        "Nothing to do, unless the network re-approves: then set last_word_wins.",
    ),
    Outcome.DUPLICATE: Sentence("The same was said before.", _NOTHING_TO_DO),
    Outcome.UPDATED: Sentence("The conversion is now {status}: {detail}.", _NOTHING_TO_DO),
    Outcome.ACCEPTED: Sentence("A new conversion, {status}: {detail}.", _NOTHING_TO_DO),
}

WARNINGS: Mapping[Warning, Sentence] = {
    Warning.CLICK_ID_IN_OTHER_PARAMETER: Sentence(
        "The click id stands in {parameter}, not in a parameter that is mapped to it.",
        'Map it: params.click_id = "{parameter}".',
    ),
    Warning.REPEATED_PARAMETER: Sentence(
        "{parameter} is there more than once with different values; {value} counts.",
        "Remove the second one from the postback URL.",
    ),
    Warning.BAD_VALUE: Sentence(
        "{value} in {parameter} is no {expected}.", "Correct the macro, or declare the network's number_style."
    ),
    Warning.MACRO_NOT_REPLACED: Sentence(
        "{parameter} holds the macro {value}, which the network did not replace; it counts as absent.",
        "Use a macro that this network knows, or leave the parameter out.",
    ),
    Warning.ODD_ENCODING: Sentence(
        "Read as meant, though oddly written: {value}.", "Correct the URL where it was pasted at the network."
    ),
    Warning.PAYOUT_CHANGED: Sentence(
        "The payout was {before} and is now {value}.", "Check the amount against the network's report."
    ),
    Warning.NO_PAYOUT: Sentence(
        "Neither the postback nor offer {offer} names a payout for {value}; it counts as 0.",
        "Add the payout to the offer, or the network's payout macro to the postback URL.",
    ),
    Warning.NO_RATE: Sentence(
        "There is no rate from {value} to the base currency; the conversion counts without a base amount.",
        "Enter a rate for that day.",
    ),
    Warning.NO_EXTERNAL_ID: Sentence(
        "The click carries no external id of source {value}, so the source cannot be told.",
        "Put the source's macro into the tracking URL as ext=…",
    ),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning with what it is about."""

    warning: Warning
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        return _filled(WARNINGS[self.warning].reason, self.details)

    @property
    def remedy(self) -> str:
        return _filled(WARNINGS[self.warning].remedy, self.details)


def reason_of(outcome: Outcome, details: Mapping[str, str]) -> str:
    return _filled(OUTCOMES[outcome].reason, details)


def remedy_of(outcome: Outcome, details: Mapping[str, str]) -> str:
    return _filled(OUTCOMES[outcome].remedy, details)


def _filled(sentence: str, details: Mapping[str, str]) -> str:
    return sentence.format_map(_Shown(details)) if "{" in sentence else sentence


def shown(value: str) -> str:
    """Text from outside as a sentence may repeat it: short and on one line."""
    line = value if value.isprintable() else "".join(c if c.isprintable() else "�" for c in value)
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


class _Shown(dict[str, str]):
    def __init__(self, details: Mapping[str, str]) -> None:
        super().__init__({name: shown(value) for name, value in details.items()})

    def __missing__(self, name: str) -> str:
        return "?"
