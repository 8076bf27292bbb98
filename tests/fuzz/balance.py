"""What was answered against what is in the database: nothing promised is missing, and nothing is there unasked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, func, or_, select

from server.api.data import Data
from server.api.reports import report
from server.domain.browser import PIXEL
from server.domain.money import format_money
from server.pipeline.capping import clicks_of, day_of
from server.storage.tables import (
    ClickRow,
    ConversionRow,
    EntryRow,
    MissedClickRow,
    PostbackRow,
    RelayRow,
    StepRow,
)
from tests.fuzz.books import Books
from tests.fuzz.checks import FALLBACK

BASE = "USD"


def imbalances(books: Books, data: Data) -> Iterator[str]:
    with data.database.read() as connection:
        yield from _visits(books, data, connection)
        yield from _steps(books, data, connection)
        yield from _receipts(books, connection)
        yield from _conversions(books, connection)
        yield from _costs(books, data, connection)
        yield from _costs_of_conversions(data, connection)
        yield from _caps(data, connection)
        yield from _totals(data, connection)


def reasons(data: Data) -> dict[str, int]:
    """How many clicks went where they did for which reason."""
    with data.database.read() as connection:
        by_reason = select(ClickRow.reason, func.count()).group_by(ClickRow.reason)
        return dict(map(tuple, connection.execute(by_reason)))


def _visits(books: Books, data: Data, connection: Connection) -> Iterator[str]:
    ground = data.ground()
    if forged := [click for click in books.clicks | books.looks if ground.click_key(click) is None]:
        yield f"{len(forged)} click ids were handed out that do not prove themselves: {forged[:3]}"
    has_id = or_(ClickRow.destination.is_(None), ClickRow.destination != FALLBACK)
    recorded = {ground.click_text(key) for key in connection.scalars(select(ClickRow.id).where(has_id))}
    if missing := books.clicks - recorded:
        yield f"{len(missing)} clicks were answered and are not there: {sorted(missing)[:3]}"
    if looks := (books.looks - books.clicks) & recorded:
        yield f"{len(looks)} were only looked at, and are clicks: {sorted(looks)[:3]}"
    unheard = books.unheard["click"] + books.unheard["page"]
    yield from _off("clicks", len(books.clicks), len(recorded), unheard + books.unheard["go"])
    missed = int(connection.scalar(select(func.sum(MissedClickRow.count))) or 0)
    yield from _off("missed", books.nameless["missed"], missed, unheard)
    elsewhere = _count(connection, ClickRow) - len(recorded)
    yield from _off("to the fallback", books.nameless["sent to the fallback"], elsewhere, books.unheard["click"])


def _steps(books: Books, data: Data, connection: Connection) -> Iterator[str]:
    recorded = Counter(map(data.ground().click_text, connection.scalars(select(StepRow.click_id))))
    if missing := books.steps - recorded:
        yield f"{missing.total()} steps were answered and are not there: {missing.most_common(3)}"
    unheard = books.unheard["go"] + books.unheard["page"]
    yield from _off("steps", books.steps.total(), recorded.total(), unheard)


def _receipts(books: Books, connection: Connection) -> Iterator[str]:
    unheard = books.unheard["postback"] + books.said.pop("spooled", 0)  # what became of it later, nobody was told
    by_outcome = select(PostbackRow.outcome, func.count()).group_by(PostbackRow.outcome)
    outcomes = dict(map(tuple, connection.execute(by_outcome.where(PostbackRow.method != PIXEL))))
    for outcome in (books.said.keys() | outcomes.keys()) - {"unauthorised"}:  # of those only so many are kept
        yield from _off(f"postbacks {outcome}", books.said[outcome], outcomes.get(outcome, 0), unheard)
    numbered = connection.scalar(select(func.max(PostbackRow.id))) or 0  # those that were pushed out too
    answered = books.said.total() + books.nameless["pixels"]
    yield from _off("receipts and pixels", answered, numbered, unheard + books.unheard["pixel"])


def _off(what: str, answered: int, recorded: int, unheard: int) -> Iterator[str]:
    if not answered <= recorded <= answered + unheard:
        yield f"{what}: {answered} answered, {unheard} unheard, {recorded} recorded"


def _count(connection: Connection, table: type) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _conversions(books: Books, connection: Connection) -> Iterator[str]:
    there = set(connection.scalars(select(ConversionRow.id)))
    if missing := books.conversions - there:
        yield f"conversions {sorted(missing)[:5]} were answered and are not there"
    with_receipt = set(connection.scalars(select(EntryRow.conversion_id).where(EntryRow.postback_id.is_not(None))))
    if bare := there - with_receipt:
        yield f"conversions {sorted(bare)[:5]} have no receipt"
    counted = select(ConversionRow.id).where(ConversionRow.kept.is_(None))
    owing = set(connection.scalars(select(RelayRow.conversion_id)))
    if silent := set(connection.scalars(counted)) - owing:
        yield f"conversions {sorted(silent)[:5]} owe no relay, not even one that is skipped"
    if odd := connection.scalar(select(func.count()).where(ConversionRow.net < 0)):
        yield f"{odd} conversions are worth less than nothing"


def _costs(books: Books, data: Data, connection: Connection) -> Iterator[str]:
    """Each click by the model of its campaign: only who was first met on the way to an offer was paid for before."""
    for key, campaign in data.ground().setup.campaigns.items():
        costs = select(ClickRow.cost).where(ClickRow.campaign_id == campaign.id)
        paid = [cost for cost in connection.scalars(costs) if cost is not None]
        free = len(connection.execute(costs.where(ClickRow.cost.is_(None))).all())
        if min(paid, default=0) < 0 or (paid and campaign.cost.model in ("cpa", "share")):
            yield f"clicks of campaign {key}, whose model is {campaign.cost.model}, cost {sorted(set(paid))[:5]}"
        if campaign.cost.model in ("cpc", "cpm"):
            yield from _off(f"clicks of campaign {key} that cost nothing", books.met[key], free, books.unheard["go"])


def _costs_of_conversions(data: Data, connection: Connection) -> Iterator[str]:
    models = {campaign.id: campaign.cost.model for campaign in data.ground().setup.campaigns.values()}
    sold = select(ConversionRow.cost, ConversionRow.status, ClickRow.campaign_id, ConversionRow.net)
    for cost, status, campaign, net in connection.execute(sold.join(ClickRow, ClickRow.id == ConversionRow.click_id)):
        due = {"cpa": {0, 1_200_000}, "share": {net * 4 // 10, net * 4 // 10 + 1}}.get(models[campaign], {None})
        if cost not in due or (models[campaign] == "cpa" and status == "approved" and not cost):
            yield f"a conversion that is {status}, with the model {models[campaign]}, cost {cost} of {net}"


def _caps(data: Data, connection: Connection) -> Iterator[str]:
    setup = data.ground().setup
    day = day_of(data.ground().now, setup.owner.timezone)
    capped = select(func.count()).where(ClickRow.reason == "capped")
    for offer in setup.offers.values():
        most = offer.cap.clicks if offer.cap else None
        taken = clicks_of(connection, [offer], day)[offer.id]
        if most is not None and taken > most:
            yield f"offer {offer.key} took {taken}, and its cap is {most}"
        elif offer.key == "first" and most != taken and connection.scalar(capped):
            yield f"offer {offer.key} took {taken}, was held for full, and its cap is {most}"


def _totals(data: Data, connection: Connection) -> Iterator[str]:
    total = report(data, ["campaign"]).total
    counted = ConversionRow.kept.is_(None)
    conversions = connection.scalar(select(func.count()).where(counted)) or 0
    revenue = connection.scalar(
        select(func.sum(ConversionRow.net_base)).where(counted, ConversionRow.status != "pending")
    )
    of_clicks = connection.scalar(select(func.sum(ClickRow.cost)).where(ClickRow.cost_currency == BASE))
    of_conversions = connection.scalar(select(func.sum(ConversionRow.cost_base)).where(counted))
    expected = {
        "clicks": _count(connection, ClickRow),
        "conversions": conversions,
        "revenue": format_money(revenue or 0),
        "cost": format_money((of_clicks or 0) + (of_conversions or 0)),
    }
    found = {name: total[name] for name in expected}
    if found != expected:
        yield f"the report says {found}, the rows say {expected}"
