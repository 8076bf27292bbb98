"""Stories of money that goes back add up by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from server.demo import reversals


@pytest.mark.parametrize(
    ("tell", "left", "told"),
    [
        (reversals.refunded, "0", ["50.00", "0"]),
        (reversals.refunded_in_part, "37.66", ["50.00", "37.66"]),
        (reversals.refunded_twice_in_part, "25.31", ["50.00", "37.66"]),
        (reversals.refunded_by_sign, "37.66", ["50.00", "37.66"]),
        (reversals.charged_back, "0", ["50.00", "0"]),
        (reversals.refund_before_its_sale, "0", ["0"]),
    ],
)
def test_what_is_left_and_what_the_source_hears(case_of, tell, left, told):
    (booking,) = tell(case_of()).bookings
    assert booking.payout == Decimal("50.00")
    assert booking.net == Decimal(left)
    assert [amount for _, amount in booking.owes] == [Decimal(amount) for amount in told]
