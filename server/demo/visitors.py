"""Simulated visitors: each comes from a source through a tracking URL, and goes where it is sent on to."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import parse_qs, urlencode, urlsplit

from server.clock import SECOND, system_clock
from server.demo import mishaps, sales
from server.demo.deck import Deck, Tell
from server.demo.ledger import Ledger
from server.demo.network import PostingNetwork
from server.demo.parties import OFFERS, Campaign, Offer
from server.demo.story import Case
from server.relays.probe import Probe

_AGENTS = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 Version/17.6 Mobile Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.6 Safari/605.1.15",
)
_LANGUAGES = ("en-US,en;q=0.9", "de-DE,de;q=0.8,en;q=0.5", "pt-BR", "es-MX,es;q=0.9")
_CHECKED_EVERY, _CHECKED_FROM = 25, 3  # how often a link checker comes along
_FURTHEST_BEHIND_S = 0.5  # a slow machine gets fewer visitors, not all of them at once


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a visitor came to: the click id and the offer, as the offer's own page sees them."""

    click_id: str
    offer: Offer


class Visitors:
    """One thread that visits at an even rate until its time is over."""

    def __init__(
        self, base: str, ledger: Ledger, networks: Mapping[str, PostingNetwork], seed: int, rate: int, seconds: float
    ) -> None:
        self._base = base
        self._ledger = ledger
        self._networks = networks
        self._chance = random.Random(seed)
        self._deck = Deck(self._chance)
        self._every_s = 1 / rate
        self._seconds = seconds
        self._number = 0
        self._sold: dict[str, str] = {}  # by network: the transaction of its latest plain sale
        self._probe = Probe()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="visitors", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    @property
    def are_coming(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        due = time.monotonic()
        end = due + self._seconds
        while due < end and not self._stopping.wait(max(0.0, due - time.monotonic())):
            self._visit()
            due = max(due + self._every_s, time.monotonic() - _FURTHEST_BEHIND_S)
        self._probe.close()

    def _visit(self) -> None:
        self._number += 1
        tell, campaign = self._deck.deal()
        if self._number % _CHECKED_EVERY == _CHECKED_FROM:
            self._check(campaign)
        visitor, cost, query = self._arrive_with(campaign)
        clicked_at = system_clock() // SECOND
        arrival = self._follow(f"{self._base}/c/{campaign.key}?{query}")
        if arrival is None:
            return
        self._ledger.enter_click(arrival.click_id, cost)
        self._tell(tell, campaign, arrival, visitor, clicked_at)

    def _arrive_with(self, campaign: Campaign) -> tuple[str | None, Decimal, str]:
        """The source's own id, the price and the query; at times a macro that it did not replace."""
        chance, source = self._chance, campaign.source
        has_id, has_cost = chance.random() > 0.05, chance.random() > 0.04
        visitor = f"{source.key[0]}{chance.getrandbits(40):010x}-{self._number}"
        cost = Decimal(chance.randint(40, 900)) / 10000
        spelled = f"{cost:.4f}".replace(".", chance.choice("..,"))
        query = {
            "ext": visitor if has_id else source.external_id,
            "cost": spelled if has_cost else source.cost,
            "sub1": f"zone-{chance.randint(1, 12)}",
            "sub2": f"banner-{chance.choice('abcd')}",
        }
        return visitor if has_id else None, cost if has_cost else campaign.cost, urlencode(query)

    def _follow(self, url: str) -> Arrival | None:
        headers = {"User-Agent": self._chance.choice(_AGENTS), "Accept-Language": self._chance.choice(_LANGUAGES)}
        chosen = self._chance.choice(("", "&offer=1", "&offer=2"))
        came = self._probe.fetch(url, headers=headers)
        if came.location and (landed := click_id_on_landing_page(came.location)):
            came = self._probe.fetch(f"{self._base}/go?click={landed}{chosen}", headers=headers)
        arrival = arrival_at(came.location) if came.status == 302 else None
        if arrival is None:
            self._ledger.surprise(f"a visitor of {url} got {came.status} {came.location or came.text[:60]}")
        return arrival

    def _check(self, campaign: Campaign) -> None:
        """A link checker asks without clicking; somebody takes the id that it saw for a click."""
        clicked_at = system_clock() // SECOND
        came = self._probe.fetch(f"{self._base}/c/{campaign.key}?ext=checker", method="HEAD")
        seen = came.location or ""
        arrival = arrival_at(seen)
        click_id = arrival.click_id if arrival else click_id_on_landing_page(seen)
        if click_id is None:
            self._ledger.surprise(f"a link checker got {came.status} {came.location or ''}")
            return
        self._ledger.enter_check()
        offer = next(offer for offer in OFFERS.values() if offer.network == campaign.network.key)
        self._tell(mishaps.id_of_no_click, campaign, Arrival(click_id, offer), None, clicked_at)

    def _tell(self, tell: Tell, campaign: Campaign, arrival: Arrival, visitor: str | None, clicked_at: int) -> None:
        story = tell(self._case(campaign, arrival, clicked_at))
        if tell is sales.sale:
            self._sold[campaign.network.key] = self._txn_id
        self._ledger.enter_story(arrival.click_id, story, campaign.source, visitor)
        at = time.monotonic()
        for postback in story.postbacks:
            at += postback.wait_s
            self._networks[postback.network.key].report(postback, at)

    @property
    def _txn_id(self) -> str:
        return f"T{10000 + self._number}"

    def _case(self, campaign: Campaign, arrival: Arrival, clicked_at: int) -> Case:
        chance = self._chance
        price = Decimal(chance.randint(400, 9000)) / 100
        if chance.random() < 0.03:
            price += 1000
        part = (price * chance.randint(10, 40) / 100).quantize(Decimal("0.01"))
        return Case(
            click_id=arrival.click_id,
            clicked_at=clicked_at,
            network=campaign.network,
            offer=arrival.offer,
            price=price,
            part=part,
            txn_id=self._txn_id,
            taken_txn_id=self._sold.get(campaign.network.key, ""),
            chance=chance,
        )


def arrival_at(location: str | None) -> Arrival | None:
    """What the offer's URL says, where it is one."""
    parts = urlsplit(location or "")
    offer = OFFERS.get(parts.path.strip("/"))
    ids = parse_qs(parts.query).get("ref")
    return Arrival(ids[0], offer) if offer and ids else None


def click_id_on_landing_page(location: str) -> str | None:
    ids = parse_qs(urlsplit(location).query).get("c")
    return ids[0] if ids else None
