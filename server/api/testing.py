"""Fires the whole loop through the real addresses as a test: hop by hop, with what to mend; books no revenue."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from server.api import lists, setup
from server.api.data import Data
from server.api.hop import Colour, Hop, Mend, Step, green, red
from server.api.hop_offer import visit_offer
from server.api.hop_relay import Sold, relay_hop, settled
from server.api.lists import Filters, Shown
from server.clock import MINUTE
from server.domain.choosing import REASONS
from server.domain.delivery import TO_THE_SOURCE
from server.domain.masking import masked_url
from server.domain.moment import iso
from server.domain.status import Status
from server.domain.things import Campaign, Network
from server.engine import Engine
from server.pipeline import click, outbox
from server.relays.echo import Echo
from server.relays.probe import Fetched
from server.relays.walk import fetch

__all__ = ["Colour", "Hop", "Mend", "Step", "Wishes", "run_test"]

_LATEST = 50  # postbacks among which ours is looked for


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person asked for beyond the harmless test, and the way to call it off."""

    follows: bool = False  # the offer is visited
    is_real: bool = False  # the source is told, and counts a conversion
    starts_server: bool = False  # one of our own for the while, where none runs
    stop: threading.Event = field(default_factory=threading.Event)


def run_test(data: Data, campaign_key: str, wishes: Wishes | None = None) -> Iterator[Hop]:
    """Stops at the first red hop, for what follows could not be told from it; an offer that is down stops nothing."""
    wishes = wishes or Wishes()
    campaign = setup.campaign_of(data.setup(), campaign_key)
    if not wishes.starts_server and data.server() is None and data.url is None:
        says = f"The server is not running, so nothing answers at {setup.base_url(data, data.setup(), campaign)}."
        yield red("click", "", None, says, Mend("Start it.", "server"))
        return
    with _server(data), _echo() as echo, _ticket(data, TO_THE_SOURCE if wishes.is_real else echo.url) as ticket:
        loop = _Loop(data, campaign, ticket, wishes)
        with _ended(loop):
            for hop in (loop.visit, loop.leave_landing_page, loop.reach_offer, loop.post_back):
                done = hop()
                if wishes.stop.is_set():
                    return
                if done:
                    yield done
                    if not done.is_good and done.name != "offer":
                        return
            yield loop.relayed(None if wishes.is_real else echo)


class _Loop:
    def __init__(self, data: Data, campaign: Campaign, ticket: str, wishes: Wishes) -> None:
        self._data = data
        self._setup = data.setup()
        self._campaign = campaign
        self._ticket = ticket
        self._wishes = wishes
        self._base = setup.base_url(data, self._setup, campaign)
        self._agent = f"Mozilla/5.0 (X11; Linux x86_64) TallybackTest/1.0 ({secrets.token_hex(4)})"
        self._began = data.clock() - MINUTE  # another machine's clock may be a little behind
        self._location = ""
        self._event: str | None = None
        self.click_id = ""

    def visit(self) -> Hop:
        source = self._setup.sources[self._campaign.source]
        told = {"ext": f"test-{self._ticket}"} if source.external_id else {}
        told |= {name: f"test-{sub.name or name}" for name, sub in source.subs.items()}
        url = f"{self._base}/c/{quote(self._campaign.key)}?{urlencode({**told, 'tallyback_test': self._ticket})}"
        came = self._fetch(url)
        shown = url.replace(self._ticket, "***")
        found = self._recorded()
        if found is None:
            return red("click", shown, came, *self._unrecorded(came))
        self.click_id = str(found["id"])
        if problem := self._nowhere(found):
            return red("click", shown, came, *problem)
        self._location = came.location or ""
        name = "landing page" if found["landing"] else "offer"
        if self.click_id not in self._location.lower():  # a landing page gets it in any case
            return red("click", shown, came, *_loses_the_click_id(found["offer"]))
        return green("click", shown, came, f"Recorded as {self.click_id} and sent on to the {name}.")

    def leave_landing_page(self) -> Hop | None:
        found = self._recorded()
        if found is None or not found["landing"]:
            return None
        url = f"{self._base}/go?click={self.click_id}"
        came = self._fetch(url)
        at_campaign = Mend("Give the path an offer.", "campaign", self._campaign.key)
        if came.status == 0:
            return red("go", url, came, *self._unrecorded(came))
        after = self._recorded() or found
        if not came.location or not after["offer"]:
            return red("go", url, came, "The landing page's link leads to no offer.", at_campaign)
        self._location = came.location
        if self.click_id not in came.location.lower():
            return red("go", url, came, *_loses_the_click_id(after["offer"]))
        return green("go", url, came, "The step from the landing page to the offer is recorded.")

    def reach_offer(self) -> Hop | None:
        found = self._recorded()
        if not self._wishes.follows or not found:
            return None
        return visit_offer(self._location, found["offer"], self.click_id, self._agent, self._wishes.stop)

    def post_back(self) -> Hop:
        found = self._recorded()
        offer = self._setup.offers[found["offer"]] if found and found["offer"] else None
        if offer is None:
            mend = Mend("Give the path an offer.", "campaign", self._campaign.key)
            return red("postback", "", None, "The click went to no offer.", mend)
        network = self._setup.networks[offer.network]
        url = f"{self._base}/p/{quote(network.key)}?{urlencode(self._postback(network))}"
        came = self._fetch(url)
        if came.text.startswith("OK test "):
            return green("postback", masked_url(url), came, "Attributed; not booked.")
        if came.status == 0:
            return red("postback", masked_url(url), came, *self._unrecorded(came))
        newest = lists.postbacks(self._data, Filters(network=network.key, since=self._began, limit=_LATEST))
        mine = next((row for row in newest if self.click_id in (row["query"] or "").lower()), None)
        if mine is None:
            return red("postback", masked_url(url), came, *self._unrecorded(came))
        thing, key = ("offer", offer.key) if mine["outcome"] == "late" else ("network", network.key)
        return red("postback", masked_url(url), came, mine["reason"], Mend(mine["remedy"], thing, key))

    def relayed(self, echo: Echo | None) -> Hop:
        sold = self._sold()
        return relay_hop(self._data, sold, settled(self._data, sold, self._wishes.stop), echo)

    def end(self) -> None:
        """What waits is withdrawn, and what is under way is let end: nothing is tried again when nobody looks on."""
        key = self._data.ground().click_key(self.click_id) if self.click_id else None
        if key is None:
            return
        self._data.database.write(lambda connection: outbox.end_test(connection, key))
        settled(self._data, self._sold(), threading.Event())
        self._data.database.write(lambda connection: outbox.end_test(connection, key))

    def _sold(self) -> Sold:
        found = self._recorded()
        return Sold(self._campaign.source, self.click_id, bool(found and found["external_id"]), self._event)

    def _postback(self, network: Network) -> dict[str, str]:
        """What the network would send, with example values under the names it uses."""
        words = network.status_words.get(Status.APPROVED) or ("approved",)
        events = self._setup.sources[self._campaign.source].relay.events
        self._event = events[0] if events else None
        example = {
            "click_id": self.click_id,
            "payout": "1.00",
            "currency": network.currency or self._setup.owner.base_currency,
            "sale_amount": "10.00",
            "status": words[0],
            "txn_id": f"test-{secrets.token_hex(4)}",
            "time": iso(self._data.clock()),
        }
        example |= {"event": self._event} if self._event else {}
        fields = dict.fromkeys(["click_id", "payout", *network.macros, *network.params])
        fields |= {"event": None} if self._event else {}
        told = {network.params.get(field, field): example[field] for field in fields if field in example}
        return ({"token": network.token} if network.token else {}) | told

    def _fetch(self, url: str) -> Fetched:
        return fetch(url, self._agent, self._wishes.stop).steps[-1]

    def _recorded(self) -> Shown | None:
        """By its browser, which no other test has, until its id is known."""
        which = Filters(campaign=self._campaign.key, since=self._began)
        if self.click_id:
            which = Filters(click=self.click_id, limit=1)
        found = lists.clicks(self._data, which)
        return next((one for one in found if one["user_agent"] == self._agent and one["test"]), None)

    def _nowhere(self, found: Shown) -> tuple[str, Mend] | None:
        """The click is recorded, but leads nowhere that pays."""
        if found["reason"] == "paused":
            mend = Mend("Let the campaign go on.", "campaign", self._campaign.key)
            return "The campaign is paused: its visitors go where it or the owner says.", mend
        if found["destination"] and not found["landing"] and not found["offer"]:
            remedy = "Give it a path that takes a visitor like this one, or a default path."
            return REASONS[found["reason"]], Mend(remedy, "campaign", self._campaign.key)
        if not found["landing"] and not found["offer"]:
            mend = Mend("Give the path an offer.", "campaign", self._campaign.key)
            return "The click was recorded, but its path has no offer.", mend
        return None

    def _unrecorded(self, came: Fetched) -> tuple[str, Mend]:
        """Nobody answered, or somebody else did."""
        mended_at = ("domain", "") if self._setup.owner.domain else ("server", "")
        if self._campaign.domain:
            mended_at = ("campaign", self._campaign.key)
        if came.status == 0:
            remedy = "Check the domain: its name, its certificate, and that it leads to this server."
            return f"{self._base} cannot be reached: {came.text}.", Mend(remedy, *mended_at)
        says = f"{self._base} answered {came.status}, but nothing was recorded here: something else answers there."
        return says, Mend("Check that the domain leads to this server, and to no other Tallyback.", *mended_at)


@contextmanager
def _server(data: Data) -> Iterator[None]:
    """The one that runs on this data, else one of our own for the while."""
    if data.server() is not None or data.url is not None:
        yield
        return
    engine = Engine(data.folder, url=data.url, host="127.0.0.1", port=0, clock=data.clock)
    thread = threading.Thread(target=engine.run, name="server", daemon=True)
    thread.start()
    engine.is_announced.wait(10)
    try:
        yield
    finally:
        engine.stop()
        thread.join()


@contextmanager
def _echo() -> Iterator[Echo]:
    echo = Echo()
    try:
        yield echo
    finally:
        echo.close()


@contextmanager
def _ticket(data: Data, echo: str) -> Iterator[str]:
    ticket = secrets.token_urlsafe(12)
    data.database.write(lambda connection: click.new_ticket(connection, ticket, echo, data.clock()))
    try:
        yield ticket
    finally:
        data.database.write(lambda connection: click.end_ticket(connection, ticket))


@contextmanager
def _ended(loop: _Loop) -> Iterator[None]:
    try:
        yield
    finally:
        loop.end()


def _loses_the_click_id(offer: str | None) -> tuple[str, Mend]:
    remedy = "Put {click_id} into the URL of the offer, in the parameter that the network hands back."
    return "The offer's URL does not carry the click id.", Mend(remedy, "offer", offer or "")
