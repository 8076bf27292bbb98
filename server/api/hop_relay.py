"""The last hop of a test: the relay is waited for until its attempt is settled, and what became of it is judged."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from server.api import lists, relaying
from server.api.data import Data
from server.api.hop import MOST_SHOWN, Colour, Hop, Mend
from server.api.lists import Filters, Shown
from server.api.reasons import Reason, reason_of
from server.domain.delivery import DELIVERED, HELD, SENDING, SKIPPED, WAITING
from server.domain.masking import masked_url
from server.domain.owing import Told, owed
from server.domain.status import Status
from server.domain.things import RelayTemplate
from server.relays.client import WALL_S
from server.relays.echo import Echo

_IN_LINE_S = 8.0  # for its turn, where others go to the same destination
_UNDER_WAY_S = WALL_S + 5  # an attempt has its own wall clock, and then it is settled
_LOOK_S = 0.02
_WISHED = ("below_minimum", "not_in_sample", "over_cap", "status_not_relayed", "event_not_relayed", "test")
_AGAIN = "Look at the relay URL of the source, then run the test again."


@dataclass(frozen=True, slots=True)
class Sold:
    """What the relay of this test is about."""

    source: str
    click_id: str
    has_external_id: bool
    event: str | None


def settled(data: Data, sold: Sold, stop: threading.Event) -> Shown | None:
    """The relay to the source once nothing of it is under way; None where none is owed."""
    began = time.monotonic()
    while True:
        owed_now = lists.relays_list(data, Filters(click=sold.click_id))
        row = next((row for row in owed_now if row["destination"] == f"source:{sold.source}"), None)
        if row is None or row["state"] not in (WAITING, SENDING):
            return row
        patience_s = _IN_LINE_S if row["state"] == WAITING else _UNDER_WAY_S
        if time.monotonic() - began > patience_s or stop.wait(_LOOK_S):
            return row


def relay_hop(data: Data, sold: Sold, row: Shown | None, echo: Echo | None) -> Hop:
    """`echo` is where it went in place of the source, None where it was for real."""
    at_source = Mend("Give the source a relay URL, and this status among its statuses.", "source", sold.source)
    if row is None:
        return Hop("relay", "", "", None, Colour.RED, "No relay is owed for this conversion.", at_source)
    attempt = row["history"][-1] if row["history"] else None
    colour, says, mend = _of_echo(data, sold, row) if echo else _of_source(sold, row)
    return Hop(
        "relay",
        _sent(row, echo),
        _answer(attempt),
        attempt["milliseconds"] if attempt else None,
        colour,
        says,
        mend,
    )


def _of_source(sold: Sold, row: Shown) -> tuple[Colour, str, Mend]:
    if row["state"] == DELIVERED:
        return Colour.GREEN, f"Delivered to {sold.source} itself, which counts a conversion.", Mend()
    if row["state"] == SKIPPED:
        return _withheld(sold, row["reason"], "Nothing was sent")
    return _undelivered(sold, row)


def _of_echo(data: Data, sold: Sold, row: Shown) -> tuple[Colour, str, Mend]:
    if row["state"] != DELIVERED:
        return _undelivered(sold, row)
    source = data.setup().sources[sold.source]
    if why := _not_for_real(source.relay, sold, row):
        return _withheld(sold, why, "The echo heard it, but the source would not")
    paused = next((one.why for one in relaying.paused(data) if one.destination == row["destination"]), None)
    if paused:
        says = f"The echo heard it, but relays to {sold.source} are held: {reason_of(paused).why}"
        return Colour.AMBER, says, Mend(_resumed(reason_of(paused)), "relays", sold.source)
    return Colour.GREEN, "Delivered to an echo on this machine instead of the source.", Mend()


def _not_for_real(template: RelayTemplate, sold: Sold, row: Shown) -> str | None:
    """Why a conversion like this one, were it real, would not be told; its amount is the test's own."""
    told = Told(
        status=Status(row["status"]),
        event=sold.event,
        payout=template.minimum,
        currency=row["currency"],
        has_external_id=sold.has_external_id,
        is_test=False,
    )
    skip = owed(template, told, row["key"], sent_today=0).skip
    return None if skip in ("below_minimum", "not_in_sample", "over_cap") else skip


def _withheld(sold: Sold, word: str, begin: str) -> tuple[Colour, str, Mend]:
    reason = reason_of(word)
    colour = Colour.AMBER if word in _WISHED else Colour.RED
    says = "The relay URL is not filled in." if word == "not_filled_in" else reason.why
    remedy = "Replace the YOUR_… words in the relay URL by the account's own values."
    return colour, f"{begin}: {says}", Mend(remedy if word == "not_filled_in" else reason.remedy, "source", sold.source)


def _undelivered(sold: Sold, row: Shown) -> tuple[Colour, str, Mend]:
    """Held before anything was sent, not answered, refused, or still behind other relays."""
    reason = reason_of(row["reason"])
    if row["state"] in (WAITING, SENDING):
        says = f"The relay is still {row['state']}: {sold.source} answered others badly and is asked less often."
        return Colour.RED, says, Mend("Look at the relays to it and their answers.", "relays", sold.source)
    if row["state"] == HELD and not row["history"]:
        says = f"Relays to {sold.source} are held: {reason.why}"
        return Colour.RED, says, Mend(_resumed(reason), "relays", sold.source)
    error = row["history"][-1]["result"].partition(": ")[2] if row["history"] else ""
    says = f"{reason.why} ({error[:MOST_SHOWN]})" if error else reason.why
    is_tried_again = reason.remedy.startswith("Nothing to do")  # a test is not
    return Colour.RED, says, Mend(_AGAIN if is_tried_again else reason.remedy, "source", sold.source)


def _resumed(reason: Reason) -> str:
    return reason.remedy or "Resume it when its relays may go."


def _sent(row: Shown, echo: Echo | None) -> str:
    """With secrets masked; a test's echo is told in a header where the relay would have gone."""
    heard = echo.next(0) if echo else None
    url = heard.headers.get("X-Tallyback-Test", masked_url(heard.path)) if heard else row["url"]
    return " ".join(filter(None, (row["method"], url, row["body"])))


def _answer(attempt: dict[str, Any] | None) -> str:
    if attempt is None:
        return ""
    if attempt["status"] is None:
        return str(attempt["result"])[:MOST_SHOWN]
    return f"{attempt['status']} {attempt['answer'] or ''}"[:MOST_SHOWN].strip()
