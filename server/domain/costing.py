"""What a click or a conversion costs by its campaign, and how the total of a bill is spread over its clicks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from server.domain import currency as currencies
from server.domain.fold import State
from server.domain.money import read_amount, share_of
from server.domain.status import Status
from server.domain.things import CampaignCost, Owner, Source

CPM_CLICKS = 1000


# -- as it arises ------------------------------------------------------------------------------------------------------


def price_of_click(text: str | None, source: Source, cost: CampaignCost, owner: Owner) -> tuple[int, str] | None:
    """What the source says that this click cost, else what the campaign says; where it pays for conversions, nothing.

    Of a price for a thousand, what is left of a click's part below a millionth is rounded, half to even.
    """
    if cost.model in ("cpa", "share"):
        return None
    if text and (said := _said(text, source, cost, owner)):
        return said
    if cost.micros is None:
        return None
    micros = cost.micros if cost.model == "cpc" else _rounded(cost.micros, CPM_CLICKS)
    return micros, cost.currency or owner.base_currency


class ConversionPrice(NamedTuple):
    """What each conversion costs: an amount in a currency, or a share of what is left of the payout in its own."""

    micros: int = 0
    currency: str | None = None
    share: int | None = None

    def cost_of(self, state: State) -> int:
        """An amount is owed for what was sold: the source hears of a sale, and is not asked to pay back."""
        if self.share is not None:
            return share_of(state.net, self.share)
        is_sold = state.status is Status.APPROVED or (state.status.is_reversal and state.has_sale)
        return self.micros if is_sold else 0


def price_of_conversion(cost: CampaignCost, owner: Owner) -> ConversionPrice | None:
    if cost.model == "cpa" and cost.micros is not None:
        return ConversionPrice(cost.micros, cost.currency or owner.base_currency)
    return ConversionPrice(share=cost.share) if cost.model == "share" else None


def _said(text: str, source: Source, cost: CampaignCost, owner: Owner) -> tuple[int, str] | None:
    amount = read_amount(text, source.number_style)
    if amount is None or amount.micros < 0:
        return None
    if amount.mark is None:
        return amount.micros, source.cost_currency or cost.currency or owner.base_currency
    if amount.mark == "$":
        return amount.micros, currencies.dollar(source.cost_currency or cost.currency)
    marked = currencies.SIGNS.get(amount.mark) or currencies.known(amount.mark, owner.currencies)
    return (amount.micros, marked) if marked else None


def _rounded(micros: int, parts: int) -> int:
    quotient, rest = divmod(micros, parts)
    return quotient + (2 * rest > parts or (2 * rest == parts and quotient % 2 == 1))


# -- as it is corrected ------------------------------------------------------------------------------------------------


class Spread(NamedTuple):
    """A total in parts as equal as millionths allow: what does not divide goes to the first clicks, one each."""

    part: int
    more_before: int  # clicks with a smaller key bear a millionth more

    def of(self, key: int) -> int:
        return self.part + (key < self.more_before)


@dataclass(frozen=True, slots=True)
class Span:
    """Clicks of a campaign: of a period, as a range of keys, and with these sub ids; tests take no part."""

    campaign_id: int
    first_key: int
    end_key: int
    where: Mapping[str, str]

    def covers(self, click: Any) -> bool:
        """A row of the clicks."""
        return (
            click.campaign_id == self.campaign_id
            and self.first_key <= click.id < self.end_key
            and click.test_echo is None
            and all(getattr(click, name) == value for name, value in self.where.items())
        )


@dataclass(frozen=True, slots=True)
class Correction:
    """What the clicks of a span cost together by a later word; what conversions of them would cost is in it."""

    id: int
    span: Span
    own: Spread
    currency: str
    base: Spread | None  # in the base currency of its day, None where there was no rate
    base_currency: str
    others: Mapping[str, Spread] = field(default_factory=dict)  # in other base currencies

    def spread_in(self, currency: str) -> Spread | None:
        if self.currency == currency:
            return self.own
        return self.base if self.base_currency == currency else self.others.get(currency)


class Stretch(NamedTuple):
    """From this key to that of the next stretch the same corrections hold, the latest first."""

    first_key: int
    layers: Sequence[Correction]


def holding(corrections: Iterable[Correction], click: Any) -> Correction | None:
    """Of those that cover a click the latest counts."""
    covering = [correction for correction in corrections if correction.span.covers(click)]
    return max(covering, key=_age, default=None)


def stretches(corrections: Iterable[Correction]) -> list[Stretch]:
    """The corrections of one campaign side by side; one without sub ids hides all that came before it."""
    latest_first = sorted(corrections, key=_age, reverse=True)
    ends = {key for one in latest_first for key in (one.span.first_key, one.span.end_key)}
    return [Stretch(key, _layers(key, latest_first)) for key in sorted({0, *ends})]


def _layers(key: int, latest_first: Sequence[Correction]) -> Sequence[Correction]:
    layers = []
    for correction in latest_first:
        if correction.span.first_key <= key < correction.span.end_key:
            layers.append(correction)
            if not correction.span.where:
                break
    return layers


def _age(correction: Correction) -> int:
    return correction.id
