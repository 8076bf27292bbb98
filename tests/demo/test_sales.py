"""Stories of sales add up by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from server.demo import sales
from server.demo.parties import HARBOR, OFFERS, PLAINPAY
from server.domain.status import Status


@pytest.mark.parametrize(
    ("tell", "payouts", "revenue"),
    [
        (sales.nothing_bought, [], "0"),
        (sales.sale, ["50.00"], "50.00"),
        (sales.sale_without_status, ["50.00"], "50.00"),
        (sales.sale_at_the_offers_price, ["32.00"], "32.00"),
        (sales.sale_in_euro, ["50.00"], "50.00"),
        (sales.add_on, ["50.00", "12.50"], "62.50"),
        (sales.upsell, ["50.00", "12.34"], "62.34"),
        (sales.lead, ["50.00"], "0"),
        (sales.lead_approved, ["50.00"], "50.00"),
        (sales.lead_approved_for_more, ["62.34"], "62.34"),
        (sales.lead_rejected, ["50.00"], "0"),
        (sales.lead_after_approval, ["50.00"], "50.00"),
        (sales.repeated, ["50.00"], "50.00"),
        (sales.transaction_id_later, ["50.00"], "50.00"),
        (sales.payout_corrected, ["37.66"], "37.66"),
    ],
)
def test_a_story_comes_to_its_sum(case_of, tell, payouts, revenue):
    story = tell(case_of())
    assert [booking.payout for booking in story.bookings] == [Decimal(payout) for payout in payouts]
    assert sum(booking.net for booking in story.bookings) == Decimal(revenue)


def test_only_a_clock_lets_an_approval_follow_a_rejection(case_of):
    by_rank = sales.approved_after_rejection(case_of(network=HARBOR))
    by_clock = sales.approved_after_rejection(case_of(network=PLAINPAY))
    assert [booking.status for booking in by_rank.bookings] == [Status.REJECTED]
    assert [booking.status for booking in by_clock.bookings] == [Status.APPROVED]
    assert by_rank.postbacks[-1].expects == "stale"
    assert by_clock.postbacks[-1].expects == "updated"


def test_an_offers_price_comes_in_the_offers_currency(case_of):
    (booking,) = sales.sale_at_the_offers_price(case_of(network=PLAINPAY, offer=OFFERS["course"])).bookings
    assert (booking.payout, booking.currency) == (Decimal("18.90"), "EUR")


def test_a_corrected_payout_is_not_told_again(case_of):
    (booking,) = sales.payout_corrected(case_of()).bookings
    assert booking.owes == ((Status.APPROVED, Decimal("50.00")),)
