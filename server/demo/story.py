"""A story is what a network tells about one click, with what should come of it: outcomes, money, relays.

The figures are worked out here by hand, with plain decimals: nothing of what is to be proved is asked.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from server.demo.parties import Network, Offer
from server.domain.outcome import Outcome, Warning
from server.domain.status import Status

Form = Literal["query", "form", "json"]
Slip = Literal["wrong_token", "html_ampersand", "other_parameter", "json_array", "json_called_form"]
NOTHING = Decimal("0.00")
_FORMS: tuple[Form, ...] = ("query", "query", "form", "json")


@dataclass(frozen=True, slots=True)
class Postback:
    """One request that a network will make, in our words, and what should come of it."""

    network: Network
    expects: Outcome
    says: Mapping[str, str]
    time: int  # the network's own clock, seconds since 1970
    wait_s: float  # after what happened before it
    form: Form
    warns: tuple[Warning, ...] = ()
    slip: Slip | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """What a conversion comes to in the end, and what its source should hear on the way: status and amount."""

    status: Status
    payout: Decimal
    net: Decimal
    currency: str = "USD"
    kept: Literal["conflict", "late"] | None = None
    owes: tuple[tuple[Status, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    postbacks: tuple[Postback, ...] = ()
    bookings: tuple[Booking, ...] = ()


@dataclass(frozen=True, slots=True)
class Manner:
    """How a postback is made; what is not said is left to chance."""

    hour: int = 1  # the network's time, after the click
    wait_s: float | None = None
    form: Form | None = None
    warns: tuple[Warning, ...] = ()
    slip: Slip | None = None
    network: Network | None = None  # where it goes, if not to its own address


@dataclass(frozen=True, slots=True)
class Case:
    """One click on which a network is to report, and the figures that were drawn for it."""

    click_id: str
    clicked_at: int  # seconds since 1970
    network: Network
    offer: Offer
    price: Decimal
    part: Decimal  # two fifths of the price at most
    txn_id: str
    taken_txn_id: str  # of a sale that another click made before
    chance: random.Random

    def reports(self, expects: Outcome, manner: Manner = Manner(), /, **says: str) -> Postback:
        """Our fields and what they say; with the click id, unless another one is said."""
        wait_s = self.chance.uniform(0.2, 0.6) if manner.wait_s is None else manner.wait_s
        form = self.chance.choice(_FORMS) if manner.form is None else manner.form
        return Postback(
            network=manner.network or self.network,
            expects=expects,
            says={name: text for name, text in {"click_id": self.click_id, **says}.items() if text},
            time=self.clicked_at + manner.hour * 3600,
            wait_s=wait_s,
            form=form,
            warns=manner.warns,
            slip=manner.slip,
        )

    def spelled(self, amount: Decimal) -> str:
        """In one of the styles in which networks write money."""
        plain = f"{amount:.2f}"
        styles = [plain, plain, plain.replace(".", ","), f"${plain}", f"{plain} USD"]
        if amount >= 1000:
            grouped = f"{amount:,.2f}"
            styles = [grouped, grouped.replace(",", " "), grouped.translate(str.maketrans(",.", ".,"))]
        return self.chance.choice(styles)

    @property
    def sold(self) -> Booking:
        """The plain case: approved at its price, of which the source is told."""
        return Booking(Status.APPROVED, self.price, self.price, owes=((Status.APPROVED, self.price),))
