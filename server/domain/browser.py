"""What a browser may say for a network: that something was sold. Whoever can read the page can say it too.

So it is believed where nobody else has spoken yet, at the price of the offer, and never that money goes back.
"""

from __future__ import annotations

from dataclasses import replace

from server.domain.facts import Facts
from server.domain.judging import Judgement, judge
from server.domain.outcome import Outcome
from server.domain.said import Said
from server.domain.status import Status
from server.domain.things import Network

PIXEL = "PIXEL"  # stands where a receipt has its method: a network's request can have no such one
_BELIEVED = frozenset({Status.PENDING, Status.APPROVED})


def as_browsers_speak(network: Network) -> Network:
    """In our own words, for the page is the owner's; the offer's payout comes before one that is said."""
    return replace(network, params={}, macros={}, payout_from="offer", each_postback_counts=False)


def judge_browser(said: Said, network: Network, facts: Facts) -> Judgement:
    judgement = judge(said, as_browsers_speak(network), facts)
    change = judgement.change
    if change is None:
        return judgement if judgement.conversion_id is None else _known_already(judgement, judgement.conversion_id)
    if change.entry.status not in _BELIEVED:
        word = change.entry.status.replace("_", " ")
        return Judgement(Outcome.UNAUTHORISED, {"detail": f"A browser cannot say that a conversion is {word}."})
    if change.known and change.known.entries and change.kept is None:
        return _known_already(judgement, change.known.id)
    return judgement


def _known_already(judgement: Judgement, conversion_id: int) -> Judgement:
    return Judgement(Outcome.DUPLICATE, judgement.details, judgement.remarks, conversion_id=conversion_id)
