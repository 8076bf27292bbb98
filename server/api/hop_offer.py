"""The hop that a person has to ask for: the offer's address is visited, and the click id watched on its way."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from urllib.parse import urlsplit

from server.api.hop import MOST_SHOWN, Colour, Hop, Mend, Step
from server.api.reasons import reason_of
from server.domain.masking import masked_url
from server.relays.probe import Fetched
from server.relays.walk import MOST_REDIRECTS, Walked, follow

_TURNED_AWAY = (401, 403, 429, 451)  # networks turn data centres, other countries and robots away


def visit_offer(url: str, offer: str, click_id: str, agent: str, stop: threading.Event) -> Hop:
    walked = follow(url, agent, stop)
    last = walked.steps[-1]
    colour, says, remedy = _judged(walked, click_id)
    return Hop(
        "offer",
        masked_url(url),
        f"{last.status} {masked_url(last.url)}" if last.status else last.text[:MOST_SHOWN],
        sum(step.milliseconds for step in walked.steps),
        colour,
        says,
        Mend(remedy, "offer", offer) if remedy else Mend(),
        [Step(masked_url(step.url), step.status, step.milliseconds) for step in walked.steps],
    )


def _judged(walked: Walked, click_id: str) -> tuple[Colour, str, str]:
    last = walked.steps[-1]
    host = urlsplit(last.url).netloc
    if walked.is_endless:
        says = f"The offer is redirected more than {MOST_REDIRECTS} times and shows no page."
        return Colour.RED, says, "Ask the network for the address that its offer has now."
    if walked.failure == "blocked_ip" and host:
        says = f"{host} lies in a private network, where no offer of a network is."
        return Colour.RED, says, "Correct the offer's URL, or ask the network where it leads."
    if walked.failure:
        why = reason_of(walked.failure).why if host else f"{last.text[:MOST_SHOWN]}."
        where = host or urlsplit(walked.steps[-2].url).netloc
        return Colour.RED, f"The way ends at {where}: {why}", "Correct the offer's URL, or ask the network about it."
    if last.status in _TURNED_AWAY:
        says = f"{host} turned this machine away ({last.status}). {_fate(walked.steps, click_id)[1]}"
        return Colour.AMBER, says, "Open the offer's URL in a browser in the country of your visitors."
    if last.status >= 400:
        return Colour.RED, f"{host} answered {last.status}: visitors find no offer.", "Correct the offer's URL."
    if walked.leads_to_app:
        says = f"The way ends in an app ({urlsplit(walked.leads_to_app).scheme}:), which only a telephone opens."
        return Colour.AMBER, f"{says} {_fate(walked.steps, click_id)[1]}", "Open the offer's URL on a telephone."
    return _fate(walked.steps, click_id)


def _fate(steps: Sequence[Fetched], click_id: str) -> tuple[Colour, str, str]:
    """Whether the click id survived: the last address that carries it is where it was handed over."""
    carrying = [step for step in steps if click_id in step.url.lower()]
    if not carrying:
        return Colour.RED, "The click id is in no address on the way.", "Put {click_id} into the URL of the offer."
    if carrying[-1] is steps[-1]:
        return Colour.GREEN, "The offer answers, and the click id is still in its final address.", ""
    host, last = urlsplit(carrying[-1].url).netloc, urlsplit(steps[-1].url).netloc
    if len(carrying) > 1:
        return Colour.GREEN, f"The offer answers at {last}. The click id survived as far as {host}.", ""
    says = f"The offer answers at {last}, but the click id went no further than the first address, {host}."
    remedy = (
        f"Right if {host} is the network's own tracker, which keeps it. "
        "Else put {click_id} into the parameter that is passed on."
    )
    return Colour.AMBER, says, remedy
