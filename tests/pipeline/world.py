"""A data folder with a small setup, and the line to push clicks and postbacks through, at a time that a test sets."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, select

from server.api import lists, setup
from server.api.data import Data
from server.api.listings import Filters
from server.api.replaying import Replayed, replay_postbacks
from server.current import CurrentSetup
from server.domain.choosing import Chances
from server.domain.click_id import Keys
from server.domain.reading import first_said, read_request
from server.domain.retry import Answer, Failure, FailureKind, Verdict
from server.pipeline import attribution, click, due, relay, step
from server.pipeline.attribution import Receipt, Received
from server.pipeline.click import Visit
from server.pipeline.ground import Ground
from server.pipeline.outbox import destination_row
from server.pipeline.relay import Parcel
from server.relays.message import Reply
from server.settings import DataFolder
from server.setup.document import read_document
from server.storage.database import Database
from server.storage.specs import save_owner, setup_changed
from server.storage.tables import PostbackRow, RateRow

NOON = 1_772_366_400_000  # 2026-03-01T12:00:00Z, a Sunday
FIRST = Chances(0, 0, 0)


def small_setup(*, top: str = "", relay: str = "", network: str = "", offer: str = "", campaign: str = "") -> str:
    """Source prop, open networks maxi and other, offer keto (32 USD, a deposit 50) and other, campaign summer."""
    return f"""
{top}
[[source]]
key = "prop"
external_id = "${{SUBID}}"
[source.relay]
url = "https://ad.example.net/conv?visitor={{external_id}}&payout={{payout}}&status={{status}}"
{relay}

[[network]]
key = "maxi"
token = ""
currency = "USD"
{network}

[[network]]
key = "other"
token = ""

[[offer]]
key = "keto"
network = "maxi"
url = "https://go.example.net/?sub1={{click_id}}&sub2={{sub1}}"
payout = "32.00"
{offer}
[offer.events]
deposit = "50.00"

[[offer]]
key = "elsewhere"
network = "other"
url = "https://other.example.net/?s={{click_id}}"
payout = "7.00"
currency = "USD"

[[landing]]
key = "quiz"
url = "https://lp.example.com/quiz?c={{click_id}}"

[[campaign]]
key = "summer"
source = "prop"
cost = {{ model = "cpc", value = "0.01" }}
{campaign}
[[campaign.path]]
offers = [{{ offer = "keto", weight = 100 }}]
"""


class HandClock:
    """A clock that a test moves."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@dataclass
class World:
    data: Data
    clock: HandClock
    keys: Keys = field(default_factory=lambda: Keys(0))

    # -- the setup -----------------------------------------------------------------------------------------------------

    def apply(self, text: str) -> None:
        setup.apply(self.data, read_document(text, "setup.toml"))

    @property
    def ground(self) -> Ground:
        return self.data.ground()

    def later(self, milliseconds: int) -> None:
        self.clock.now += milliseconds

    def rate(self, day: str, currency: str, rate: str, base_currency: str = "USD") -> None:
        row = {"day": day, "currency": currency, "base_currency": base_currency, "rate": rate}
        self.data.database.write(lambda connection: connection.execute(RateRow.__table__.insert().values(**row)))

    def base(self, currency: str) -> None:
        """Another base currency by the word alone, as it never happens: no amount goes with it."""

        def job(connection: Connection) -> None:
            save_owner(connection, {}, {"base_currency": currency}, "test", self.clock.now)
            setup_changed(connection)

        self.data.database.write(job)

    # -- visitors ------------------------------------------------------------------------------------------------------

    def click(self, campaign: str = "summer", /, *, echo: str | None = None, **parameters: str) -> str:
        """A visit, with an external id unless the test says otherwise; its click id."""
        ground = self.ground
        query = urlencode({"ext": "e1", **parameters}).encode()
        said = first_said(read_request(query, b"", "", frozenset()))
        visit = Visit(ground.now, said, "198.51.100.4", "Browser/1.0")
        sent = click.decide(visit, ground.setup.campaigns[campaign], self.keys.next(ground.now), FIRST, ground, echo)
        self.data.database.write(lambda connection: click.record(connection, sent))
        return sent.click_id

    def step(self, click_id: str, number: int | None = None) -> str:
        """From the landing page to an offer; where to."""
        ground = self.ground
        with self.data.database.read() as connection:
            found = click.find(connection, ground.click_key(click_id) or 0)
        assert found is not None
        stepped = step.decide_step(found, number, 0, ground)
        assert stepped is not None
        self.data.database.write(lambda connection: step.record_step(connection, stepped))
        return stepped.location

    # -- networks ------------------------------------------------------------------------------------------------------

    def receive(self, receipt: Receipt) -> Received:
        ground = self.ground
        return self.data.database.write(lambda connection: attribution.receive(connection, receipt, ground))

    def post(self, click_id: str, network: str = "maxi", /, **parameters: str) -> Received:
        """A postback by GET; the clock then moves on by a second."""
        query = urlencode({"click_id": click_id, **parameters}).encode()
        received = self.receive(self.receipt(query, address=network))
        self.later(1000)
        return received

    def receipt(self, query: bytes = b"", body: bytes = b"", content_type: str = "", **more: Any) -> Receipt:
        method = "POST" if body else "GET"
        came = Receipt(self.clock.now, "maxi", method, query, body, content_type, "192.0.2.7", {})
        return came._replace(**more)

    def replay(self, *, withhold: bool = False, is_preview: bool = False, **filters: Any) -> list[Replayed]:
        found = replay_postbacks(self.data, Filters(**filters), is_preview=is_preview, withhold=withhold)
        return list(found)

    # -- relays --------------------------------------------------------------------------------------------------------

    def destination(self, name: str = "source:prop") -> Any:
        return self.data.database.write(lambda connection: destination_row(connection, name))

    def claim(self, name: str = "source:prop", most: int = 10, owner: str = "boot1") -> list[Parcel]:
        ground, destination = self.ground, self.destination(name)
        return self.data.database.write(lambda c: relay.claim(c, destination.id, most, owner, ground))

    def answer(self, parcel: Parcel, status: int, text: str = "OK", **more: Any) -> Verdict | None:
        return self.settle(parcel, Reply(Answer(status, **more), text, 12))

    def fail(self, parcel: Parcel, kind: FailureKind) -> Verdict | None:
        return self.settle(parcel, Reply(Failure(kind), "", 12, f"a {kind} error"))

    def settle(self, parcel: Parcel, reply: Reply) -> Verdict | None:
        now = self.clock.now
        return self.data.database.write(lambda connection: relay.settle(connection, parcel, reply, now, 0))

    def deliver(self) -> list[str]:
        """Everything that is due, answered with 200; the URLs."""
        with self.data.database.read() as connection:
            destinations = due.destinations_due(due.queues(connection), self.clock.now)
        parcels = [parcel for destination in destinations for parcel in self.claim(destination.key)]
        for parcel in parcels:
            self.answer(parcel, 200)
        return [parcel.request.url for parcel in parcels if parcel.request]

    # -- what is there, oldest first -----------------------------------------------------------------------------------

    def clicks(self, **filters: Any) -> list[dict[str, Any]]:
        return list(lists.clicks(self.data, Filters(**filters)))[::-1]

    def conversions(self, **filters: Any) -> list[dict[str, Any]]:
        return list(lists.conversions(self.data, Filters(**filters)))[::-1]

    def conversion(self) -> dict[str, Any]:
        (only,) = self.conversions()
        return only

    def postbacks(self, **filters: Any) -> list[dict[str, Any]]:
        return list(lists.postbacks(self.data, Filters(**filters)))[::-1]

    def relays(self, **filters: Any) -> list[dict[str, Any]]:
        return list(lists.relays_list(self.data, Filters(**filters)))[::-1]

    def relay_states(self) -> list[tuple[str, str, str | None]]:
        return [(row["status"], row["state"], row["reason"]) for row in self.relays()]

    def receipts(self) -> list[Any]:
        """As they are stored, byte for byte."""
        with self.data.database.read() as connection:
            return list(connection.execute(select(PostbackRow.__table__).order_by(PostbackRow.id)))


def world_on(database: Database, folder: Path) -> World:
    clock = HandClock()
    return World(Data(DataFolder(folder), database.url, database, clock, CurrentSetup(database, clock)), clock)
