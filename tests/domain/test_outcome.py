"""Every outcome and warning says why and what to do, with nothing left open, whatever stands in the request."""

from __future__ import annotations

import string
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.judging import Judgement
from server.domain.outcome import OUTCOMES, SHOWN, WARNINGS, Outcome, Remark, Warning, reason_of, remedy_of, shown
from server.domain.things import Payout
from tests.domain.speaking import (
    CLICK,
    DAY,
    FOREIGN,
    NETWORK,
    NOON,
    OFFER,
    OTHER,
    TESTED,
    UNKNOWN,
    Book,
)

SOLD = f"click_id={CLICK}&payout=10&txn_id=Z"
LATE = NOON + 31 * DAY


def test_the_outcomes_are_the_closed_list_of_the_design_in_its_order() -> None:
    assert [outcome.value for outcome in Outcome] == [
        *("unauthorised", "unreadable", "no_click_id", "macro_not_replaced", "click_id_damaged", "click_unknown"),
        *("wrong_network", "unknown_status", "unknown_currency", "test", "conflict", "late", "stale", "duplicate"),
        *("updated", "accepted"),
    ]


def test_the_warnings_are_the_closed_list_of_the_design() -> None:
    assert [warning.value for warning in Warning] == [
        *("click_id_in_other_parameter", "repeated_parameter", "bad_value", "macro_not_replaced", "odd_encoding"),
        *("payout_changed", "no_payout", "no_rate", "no_external_id"),
    ]


def test_every_outcome_and_warning_has_a_reason_and_a_remedy() -> None:
    assert set(OUTCOMES) == set(Outcome)
    assert set(WARNINGS) == set(Warning)
    for sentence in (*OUTCOMES.values(), *WARNINGS.values()):
        assert sentence.reason.endswith((".", "}"))
        assert sentence.remedy.endswith((".", "…"))


@pytest.mark.parametrize(
    ("status", "outcomes"),
    [
        (403, {"unauthorised"}),
        (400, {"unreadable", "no_click_id", "macro_not_replaced", "unknown_status", "unknown_currency"}),
        (404, {"click_id_damaged", "click_unknown", "wrong_network"}),
        (200, {"test", "conflict", "late", "stale", "duplicate", "updated", "accepted"}),
    ],
)
def test_a_strict_network_is_answered_as_the_design_says(status: int, outcomes: set[str]) -> None:
    assert {outcome.value for outcome, one in OUTCOMES.items() if one.strict_status == status} == outcomes


# -- the decision fills every sentence -----------------------------------------------------------------------------

HEARD: list[tuple[str, list[str], str, dict[str, Any], dict[str, Any]]] = [
    # outcome, said before, said now, how, the book
    ("unreadable", [], "a=1", {"body": "[1]"}, {}),
    ("no_click_id", [], "payout=5", {}, {}),
    ("macro_not_replaced", [], "click_id=[CLICK_ID]", {}, {}),
    ("click_id_damaged", [], "click_id=abc", {}, {}),
    ("click_id_damaged", [], f"click_id={CLICK[:20]}", {"suggestion": CLICK}, {}),
    ("click_unknown", [], f"click_id={UNKNOWN}", {}, {}),
    ("wrong_network", [], f"click_id={FOREIGN}", {}, {}),
    ("unknown_status", [], f"click_id={CLICK}&status=qualified", {}, {}),
    ("unknown_currency", [], f"click_id={CLICK}&payout=5&currency=ZZZ", {}, {}),
    ("unknown_currency", [], f"click_id={CLICK}&payout=5%20ZZZ", {}, {}),
    ("test", [], f"click_id={TESTED}&payout=5", {}, {}),
    ("conflict", [SOLD], f"click_id={OTHER}&txn_id=Z", {}, {}),
    ("conflict", [SOLD, f"click_id={OTHER}&txn_id=Z"], f"click_id={OTHER}&txn_id=Z&payout=5", {}, {}),
    ("late", [], SOLD, {"at": LATE}, {"offer": replace(OFFER, window_days=30)}),
    ("stale", [SOLD + "&status=chargeback"], SOLD + "&status=refund", {}, {}),
    ("duplicate", [SOLD], SOLD, {}, {}),
    ("updated", [SOLD], SOLD + "&status=rejected", {}, {}),
    ("updated", [SOLD], f"click_id={CLICK}&payout=-4&txn_id=Z", {}, {}),
    ("updated", [SOLD], f"click_id={CLICK}&payout=15&txn_id=Z", {}, {}),
    ("accepted", [], SOLD, {}, {}),
    ("accepted", [], f"click_id={CLICK}&status=refund", {}, {}),
    ("accepted", [], f"xyz={CLICK}&payout=1,234&payout=2&txn_id=[TXN]&a=1&amp;b=2", {}, {}),
    ("accepted", [], f"click_id={CLICK}&event=install", {}, {}),
    ("accepted", [], f"click_id={CLICK}", {}, {"offer": replace(OFFER, payout=None)}),
    ("accepted", [], f"click_id={CLICK}", {}, {"offer": replace(OFFER, payout=Payout(share=300_000))}),
    ("accepted", [], f"click_id={CLICK}&payout=5%20EUR", {}, {"without_rate": frozenset({"EUR"})}),
    ("accepted", [], f"click_id={CLICK}&payout=%E2%82%AC5&currency=USD", {}, {}),
    ("accepted", [], f"click_id={CLICK}&ts=whenever", {}, {"network": replace(NETWORK, params={"time": "ts"})}),
]


def judged(before: list[str], query: str, how: dict[str, Any], kept: dict[str, Any]) -> Judgement:
    book = Book(**kept)
    for key, click in book.clicks.items():
        book.clicks[key] = click._replace(has_external_id=False)
    for earlier in before:
        book.hear(earlier)
    return book.hear(query, **how)


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize(("outcome", "before", "query", "how", "kept"), HEARD)
def test_the_decision_fills_every_placeholder(
    outcome: str, before: list[str], query: str, how: dict[str, Any], kept: dict[str, Any]
) -> None:
    judgement = judged(before, query, how, kept)
    assert judgement.outcome.value == outcome
    sentence = OUTCOMES[judgement.outcome]
    assert placeholders(sentence.reason + sentence.remedy) <= set(judgement.details)
    for remark in judgement.remarks:
        said = WARNINGS[remark.warning]
        assert placeholders(said.reason + said.remedy) <= set(remark.details)


@pytest.mark.parametrize(("outcome", "before", "query", "how", "kept"), HEARD)
def test_nothing_is_left_open_in_what_is_said(
    outcome: str, before: list[str], query: str, how: dict[str, Any], kept: dict[str, Any]
) -> None:
    judgement = judged(before, query, how, kept)
    remedy = remedy_of(judgement.outcome, judgement.details).replace("{click_id}", "")  # named on purpose
    sentences = [reason_of(judgement.outcome, judgement.details), remedy]
    for remark in judgement.remarks:
        sentences += [remark.reason, remark.remedy]
    for sentence in sentences:
        assert sentence
        assert not set("?{}") & set(sentence)
        assert "None" not in sentence


def test_every_outcome_of_the_decision_and_every_warning_is_heard_here() -> None:
    heard = [judged(before, query, how, kept) for _, before, query, how, kept in HEARD]
    assert {one.outcome for one in heard} == set(Outcome) - {Outcome.UNAUTHORISED}
    assert {remark.warning for one in heard for remark in one.remarks} == set(Warning)


@pytest.mark.parametrize(
    ("before", "query", "reason"),
    [
        ([], SOLD, "A new conversion, approved: 10.00 USD."),
        ([SOLD], SOLD + "&status=refund", "The conversion is now refunded: 10.00 USD, 0.00 left."),
        ([SOLD], f"click_id={CLICK}&payout=-4&txn_id=Z", "The conversion is now refunded: 10.00 USD, 6.00 left."),
        ([SOLD + "&status=chargeback"], SOLD, "The conversion is already charged back; approved does not change that."),
        ([SOLD], f"click_id={OTHER}&txn_id=Z", f"Transaction Z already belongs to another click, {CLICK}."),
        ([], f"click_id={FOREIGN}", f"Click {FOREIGN} never went to an offer of network maxi."),
        (
            [],
            "click_id=[CLICK_ID]",
            "The click id in click_id is the macro [CLICK_ID], which the network did not replace.",
        ),
        (
            [],
            f"click_id={CLICK}&status=qualified",
            "The status qualified in status is not a word that network maxi is known to use.",
        ),
    ],
)
def test_the_reason_names_the_parameter_and_the_value(before: list[str], query: str, reason: str) -> None:
    judgement = judged(before, query, {}, {})
    assert reason_of(judgement.outcome, judgement.details) == reason


def test_the_reason_of_a_late_conversion_names_the_days_and_the_window() -> None:
    judgement = judged([], SOLD, {"at": LATE}, {"offer": replace(OFFER, window_days=30)})
    said = "The conversion came 31 days after the click; the window of offer keto is 30 days."
    assert reason_of(judgement.outcome, judgement.details) == said


# -- hostile values ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("plain", "plain"),
        ("two\nlines\r\n", "two�lines��"),
        ("\x00\x1b[31m", "��[31m"),
        ("right\u202eto left", "right�to left"),
        ("\u2028", "�"),
        ("\ud800", "�"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
        ("é我🙂", "é我🙂"),
    ],
)
def test_a_value_from_outside_is_shown_short_and_on_one_line(value: str, line: str) -> None:
    assert shown(value) == line


@given(value=st.text(max_size=200))
def test_whatever_the_value_a_sentence_stays_one_short_line(value: str) -> None:
    details = {"parameter": value, "value": value, "network": value, "detail": value, "expected": value}
    for sentence in (reason_of(Outcome.UNKNOWN_STATUS, details), Remark(Warning.BAD_VALUE, details).reason):
        assert sentence.isprintable()
        assert sentence.encode()
        assert len(sentence) < 4 * SHOWN + 100


def test_braces_in_a_value_stay_braces() -> None:
    remark = Remark(Warning.MACRO_NOT_REPLACED, {"parameter": "{value}", "value": "{0.__class__}"})
    assert remark.reason.startswith("{value} holds the macro {0.__class__}, which")


@settings(max_examples=60)
@given(junk=st.text("{}\n\r\x00%&=?[]\"'é\u202e", max_size=30))
def test_a_hostile_request_is_explained_on_one_line(junk: str) -> None:
    for query in (f"click_id={junk}", f"click_id={CLICK}&status={junk}&payout={junk}", f"{junk}={CLICK}&txn_id={junk}"):
        judgement = Book().hear(query)
        assert reason_of(judgement.outcome, judgement.details).isprintable()
        assert remedy_of(judgement.outcome, judgement.details).isprintable()
        assert all(remark.reason.isprintable() and remark.remedy.isprintable() for remark in judgement.remarks)


def test_a_detail_that_is_missing_shows_as_a_question_mark_and_does_not_stumble() -> None:
    assert reason_of(Outcome.CONFLICT, {}) == "Transaction ? already belongs to another click, ?."
