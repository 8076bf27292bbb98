"""A network that speaks to a book kept in memory, so that the rules can be heard one postback after the other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from server.domain import click_id, identity, said
from server.domain.facts import Facts, KnownClick, KnownConversion, Step
from server.domain.fold import Entry, fold
from server.domain.judging import Judgement, bare_txn_id, judge, rules_of
from server.domain.outcome import Remark
from server.domain.reading import read_request
from server.domain.status import Status
from server.domain.things import Network, Offer, Payout

DAY = 86_400_000
NOON = 1_767_441_600_000  # 2026-01-03 12:00 UTC
SECRET = b"a key of the digest"
MILLION = 1_000_000

NETWORK = Network("maxi", id=1)
OFFER = Offer(
    "keto",
    "maxi",
    "https://offer.example/?c={click_id}",
    id=10,
    payout=Payout(micros=32 * MILLION),
    currency="USD",
    events={"deposit": Payout(micros=50 * MILLION)},
)


def key_at(time: int, number: int = 0) -> int:
    return click_id.first_key(time) + number


CLICK_KEY, OTHER_KEY, FOREIGN_KEY, TEST_KEY = (key_at(NOON, number) for number in (1, 2, 3, 4))
UNKNOWN_KEY = key_at(NOON, 99)
CLICK, OTHER, FOREIGN, TESTED, UNKNOWN = (
    click_id.encode(key, SECRET) for key in (CLICK_KEY, OTHER_KEY, FOREIGN_KEY, TEST_KEY, UNKNOWN_KEY)
)


def prove(text: str) -> int | None:
    return click_id.decode(text, SECRET)


def understood(
    query: str | bytes = b"",
    network: Network = NETWORK,
    *,
    body: str | bytes = b"",
    content_type: str = "",
    currencies: tuple[str, ...] = (),
) -> said.Said:
    raw_query = query.encode() if isinstance(query, str) else query
    raw_body = body.encode() if isinstance(body, str) else body
    reading = read_request(raw_query, raw_body, content_type, said.names_of(network))
    return said.understand(reading, network, prove, "USD", currencies)


def warnings(remarks: tuple[Remark, ...]) -> list[str]:
    return [remark.warning.value for remark in remarks]


def clicks_of(network: Network) -> dict[int, KnownClick]:
    there = Step(NOON, OFFER.id, network.id)
    elsewhere = Step(NOON, 77, network.id + 1)
    ordinary = KnownClick(CLICK_KEY, CLICK, is_test=False, source_key="prop", has_external_id=True, steps=[there])
    return {
        CLICK_KEY: ordinary,
        OTHER_KEY: ordinary._replace(key=OTHER_KEY, text=OTHER),
        FOREIGN_KEY: ordinary._replace(key=FOREIGN_KEY, text=FOREIGN, steps=[elsewhere]),
        TEST_KEY: ordinary._replace(key=TEST_KEY, text=TESTED, is_test=True),
    }


@dataclass
class Book:
    """What the pipeline keeps in tables: conversions with their entries, found by identity and by click."""

    network: Network = NETWORK
    offer: Offer | None = OFFER
    without_rate: frozenset[str] = frozenset()
    now: int = NOON
    clicks: dict[int, KnownClick] = field(default_factory=dict)
    conversions: dict[int, KnownConversion] = field(default_factory=dict)
    postbacks: int = 0

    def __post_init__(self) -> None:
        self.clicks = self.clicks or clicks_of(self.network)

    def hear(self, query: str, *, at: int | None = None, suggestion: str | None = None, **request: Any) -> Judgement:
        """One postback, a second after the last one or at a moment of its own."""
        self.now = at if at is not None else self.now + 1000
        self.postbacks += 1
        heard = understood(query, self.network, **request)
        judgement = judge(heard, self.network, self._facts(heard, suggestion))
        self._keep(heard, judgement)
        return judgement

    def set_by_hand(self, status: Status, conversion: int = 1) -> None:
        self.now += 1000
        known = self.conversions[conversion]
        entry = Entry(arrived_at=self.now, status=status, is_manual=True)
        self.conversions[conversion] = replace(known, entries=[*known.entries, entry])

    def status(self, conversion: int = 1) -> str:
        return self._state(conversion).status.value

    def payout(self, conversion: int = 1) -> int | None:
        return self._state(conversion).payout

    def net(self, conversion: int = 1) -> int:
        return self._state(conversion).net

    def _state(self, conversion: int) -> Any:
        return fold(self.conversions[conversion].entries, rules_of(self.network))

    def _facts(self, heard: said.Said, suggestion: str | None) -> Facts:
        key = heard.click.key
        txn_id = bare_txn_id(heard, self.network)
        return Facts(
            self.postbacks,
            self.now,
            click=self.clicks.get(key) if key is not None else None,
            suggestion=suggestion,
            of_transaction=self._find(identity.of_transaction(self.network.id, txn_id or "", heard.event_key)),
            of_conflict=self._find(identity.of_conflict(self.network.id, txn_id or "", heard.event_key, key or 0)),
            of_click=[
                known
                for known in self.conversions.values()
                if known.click_key == key
                and (known.event or "").casefold() == heard.event_key
                and known.kept != "conflict"
            ],
            offers={self.offer.id: self.offer} if self.offer else {},
            without_rate=self.without_rate,
        )

    def _find(self, wanted: bytes) -> KnownConversion | None:
        return next((known for known in self.conversions.values() if known.identity == wanted), None)

    def _keep(self, heard: said.Said, judgement: Judgement) -> None:
        change = judgement.change
        if change is None:
            return
        number = change.known.id if change.known else len(self.conversions) + 1
        click = self.clicks[heard.click.key or 0]
        self.conversions[number] = KnownConversion(
            id=number,
            click_key=click.key,
            click_text=click.text,
            identity=change.identity,
            txn_id=change.txn_id,
            event=change.event,
            kept=change.kept,
            entries=[*(change.known.entries if change.known else ()), change.entry],
            offer_id=change.offer_id,
        )
