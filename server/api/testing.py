"""Fires the whole loop through the real addresses as a test: hop by hop, with what to mend; books no revenue."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from server.api import lists, setup
from server.api.data import Data
from server.api.lists import Filters
from server.domain.masking import masked_url
from server.domain.moment import iso
from server.domain.status import Status
from server.domain.things import Campaign, Network, Setup
from server.engine import Engine
from server.pipeline import click
from server.relays.echo import Echo
from server.relays.probe import Fetched, Probe

RELAY_WAIT_S = 8.0
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) TallybackTest/1.0"


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of the loop: what was sent, what came back, whether that is right, and what to mend where not."""

    name: str
    sent: str
    answer: str
    milliseconds: int
    is_good: bool
    says: str
    remedy: str = ""
    thing: str = ""  # what to open to mend it: campaign, landing, offer, network, source, domain
    key: str = ""


def run_test(data: Data, campaign_key: str) -> Iterator[Hop]:
    """Stops at the first hop that fails: what follows it could not be told from it."""
    campaign = setup.campaign_of(data.setup(), campaign_key)
    with _server(data), _echo() as echo, _probe() as probe:
        ticket = secrets.token_urlsafe(12)
        data.database.write(lambda connection: click.new_ticket(connection, ticket, echo.url, data.clock()))
        loop = _Loop(data, campaign, probe, ticket)
        for hop in (loop.visit, loop.leave_landing_page, loop.post_back):
            done = hop()
            if done:
                yield done
                if not done.is_good:
                    return
        yield loop.relayed(echo)


class _Loop:
    def __init__(self, data: Data, campaign: Campaign, probe: Probe, ticket: str) -> None:
        self._data = data
        self._setup: Setup = data.setup()
        self._campaign = campaign
        self._probe = probe
        self._ticket = ticket
        self._base = setup.base_url(data, self._setup, campaign)
        self._click_id = ""
        self._is_on_landing_page = False

    def visit(self) -> Hop:
        source = self._setup.sources[self._campaign.source]
        told = {"ext": f"test-{self._ticket}"} if source.external_id else {}
        told |= {name: f"test-{sub.name or name}" for name, sub in source.subs.items()}
        url = f"{self._base}/c/{quote(self._campaign.key)}?{urlencode({**told, 'tallyback_test': self._ticket})}"
        came = self._probe.fetch(url, headers={"User-Agent": _AGENT})
        shown = url.replace(self._ticket, "***")
        if came.status != 302 or not came.location:
            thing = "campaign" if came.status else "domain"
            return _bad(
                "click", shown, came, "The click was not sent on.", self._reach_remedy(came), thing, self._campaign.key
            )
        found = self._recorded()
        if found is None:
            remedy = "The address answers, but another Tallyback's data: check the domain and --data."
            return _bad("click", shown, came, "The click was answered but is not recorded here.", remedy, "domain")
        self._click_id = str(found["id"])
        self._is_on_landing_page = found["landing"] is not None
        where = "landing page" if self._is_on_landing_page else "offer"
        if self._click_id not in came.location.lower():
            remedy = f"Put {{click_id}} into the URL of the {where}, in the parameter that hands it back."
            thing = "landing" if self._is_on_landing_page else "offer"
            says = f"The {where}'s URL does not carry the click id."
            return _bad("click", shown, came, says, remedy, thing, found[thing] or "")
        says = f"Recorded as {self._click_id} and sent on to the {where} (not followed)."
        return Hop("click", shown, f"302 {came.location}", came.milliseconds, True, says)

    def leave_landing_page(self) -> Hop | None:
        if not self._is_on_landing_page:
            return None
        url = f"{self._base}/go?click={self._click_id}"
        came = self._probe.fetch(url, headers={"User-Agent": _AGENT})
        if came.status != 302 or not came.location:
            says, remedy = "The landing page's link leads nowhere.", "Check the offers of the path."
            return _bad("go", url, came, says, remedy, "campaign", self._campaign.key)
        if self._click_id not in came.location.lower():
            remedy = "Put {click_id} into the URL of the offer, in the parameter that the network hands back."
            found = self._recorded()
            key = found["offer"] if found else ""
            return _bad("go", url, came, "The offer's URL does not carry the click id.", remedy, "offer", key)
        says = "The step from the landing page to the offer is recorded (not followed)."
        return Hop("go", url, f"302 {came.location}", came.milliseconds, True, says)

    def post_back(self) -> Hop:
        found = self._recorded()
        offer = self._setup.offers[found["offer"]] if found and found["offer"] else None
        if offer is None:
            says, remedy = "The click went to no offer.", "Give the path an offer."
            return Hop("postback", "", "", 0, False, says, remedy, "campaign", self._campaign.key)
        network = self._setup.networks[offer.network]
        url = f"{self._base}/p/{quote(network.key)}?{urlencode(self._postback(network))}"
        came = self._probe.fetch(url)
        shown = masked_url(url)
        if came.text.startswith("OK test "):
            return Hop(
                "postback", shown, f"{came.status} {came.text}", came.milliseconds, True, "Attributed; not booked."
            )
        newest = next(lists.postbacks(self._data, Filters(network=network.key, limit=1)), None)
        says = newest["reason"] if newest and came.status else "The postback was not answered."
        remedy = newest["remedy"] if newest and came.status else self._reach_remedy(came)
        return _bad("postback", shown, came, says, remedy, "network" if came.status else "domain", network.key)

    def relayed(self, echo: Echo) -> Hop:
        heard = echo.next(RELAY_WAIT_S)
        row = next(lists.relays_list(self._data, Filters(click=self._click_id, limit=1)), None)
        if heard is None:
            why = f"The relay is {row['state']}: {row['reason']}." if row else "No relay is owed for this conversion."
            remedy = "Give the source a relay URL, and this status among its statuses."
            sent = row["url"] or "" if row else ""
            return Hop("relay", sent, "", 0, False, why, remedy, "source", self._campaign.source)
        sent = heard.headers.get("X-Tallyback-Test", heard.path)
        if "YOUR_" in sent:
            remedy = "Replace the YOUR_… words in the relay URL by the account's own values."
            says = "The relay URL is not filled in."
            return Hop(
                "relay", f"{heard.method} {sent}", "200", 0, False, says, remedy, "source", self._campaign.source
            )
        says = "Delivered to an echo on this machine instead of the source."
        return Hop(
            "relay",
            f"{heard.method} {sent}",
            "200 OK",
            row["history"][-1]["milliseconds"] or 0 if row and row["history"] else 0,
            True,
            says,
        )

    def _postback(self, network: Network) -> dict[str, str]:
        """What the network would send, with example values under the names it uses."""
        words = network.status_words.get(Status.APPROVED) or ("approved",)
        example = {
            "click_id": self._click_id,
            "payout": "1.00",
            "currency": network.currency or self._setup.owner.base_currency,
            "sale_amount": "10.00",
            "status": words[0],
            "txn_id": f"test-{secrets.token_hex(4)}",
            "time": iso(self._data.clock()),
        }
        fields = dict.fromkeys(["click_id", "payout", *network.macros, *network.params])
        told = {network.params.get(field, field): example[field] for field in fields if field in example}
        return ({"token": network.token} if network.token else {}) | told

    def _recorded(self) -> dict[str, str] | None:
        found = lists.clicks(self._data, Filters(campaign=self._campaign.key, limit=50))
        return next((one for one in found if self._is_mine(one)), None)

    def _is_mine(self, one: dict[str, str]) -> bool:
        if self._click_id:
            return one["id"] == self._click_id
        return bool(one["test"]) and one["user_agent"] == _AGENT

    def _reach_remedy(self, came: Fetched) -> str:
        if came.status == 0:
            return f"{self._base} cannot be reached: {came.text}. Check the domain, and that the server runs."
        return "Check that the domain leads to this server, and that the campaign has an offer."


def _bad(name: str, sent: str, came: Fetched, says: str, remedy: str, thing: str, key: str = "") -> Hop:
    answer = f"{came.status} {came.location or came.text[:200]}" if came.status else came.text[:200]
    return Hop(name, sent, answer, came.milliseconds, False, says, remedy, thing, key)


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
def _probe() -> Iterator[Probe]:
    probe = Probe()
    try:
        yield probe
    finally:
        probe.close()
