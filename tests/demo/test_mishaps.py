"""Stories of what goes wrong: each is lost, kept apart or booked in spite of it, and never anything else."""

from __future__ import annotations

import pytest

from server.demo import mishaps
from server.demo.parties import HARBOR, PLAINPAY


@pytest.mark.parametrize(
    ("tell", "outcome"),
    [
        (mishaps.macro_left_in, "macro_not_replaced"),
        (mishaps.id_cut_short, "click_id_damaged"),
        (mishaps.id_with_another_character, "click_id_damaged"),
        (mishaps.id_missing, "no_click_id"),
        (mishaps.id_of_no_click, "click_unknown"),
        (mishaps.sent_to_the_other_network, "wrong_network"),
        (mishaps.status_unknown, "unknown_status"),
        (mishaps.currency_unknown, "unknown_currency"),
        (mishaps.token_wrong, "unauthorised"),
        (mishaps.body_unreadable, "unreadable"),
    ],
)
def test_nothing_is_booked(case_of, tell, outcome):
    story = tell(case_of())
    assert [postback.expects for postback in story.postbacks] == [outcome]
    assert not story.bookings


@pytest.mark.parametrize(
    "tell",
    [
        mishaps.ampersand_from_html,
        mishaps.json_called_a_form,
        mishaps.id_in_another_parameter,
        mishaps.amount_that_could_be_two,
    ],
)
def test_it_is_booked_with_a_warning(case_of, tell):
    story = tell(case_of())
    assert [postback.expects for postback in story.postbacks] == ["accepted"]
    assert story.postbacks[0].warns
    assert [booking.kept for booking in story.bookings] == [None]


@pytest.mark.parametrize(
    ("tell", "kept"),
    [(mishaps.transaction_of_another_click, "conflict"), (mishaps.long_after_the_click, "late")],
)
def test_it_is_kept_and_owes_nothing(case_of, tell, kept):
    (booking,) = tell(case_of()).bookings
    assert (booking.kept, booking.owes) == (kept, ())


def test_every_changed_id_is_another_one_of_the_same_length(case_of):
    case = case_of()
    for _ in range(200):
        (postback,) = mishaps.id_with_another_character(case).postbacks
        assert len(postback.says["click_id"]) == len(case.click_id)
        assert postback.says["click_id"] != case.click_id


def test_the_other_network_is_the_other_one(case_of):
    for network, other in ((HARBOR, PLAINPAY), (PLAINPAY, HARBOR)):
        (postback,) = mishaps.sent_to_the_other_network(case_of(network=network)).postbacks
        assert postback.network is other
