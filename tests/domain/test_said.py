"""What a postback says: the network's names and the generic ones, each field by its own rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.said import AmountSaid, ClickSaid, Unknown, names_of
from server.domain.status import Status
from server.domain.things import Network
from tests.domain.speaking import CLICK, CLICK_KEY, NETWORK, OTHER, OTHER_KEY, understood, warnings

TIMED = replace(NETWORK, params={"time": "ts"})
MAPPED = replace(NETWORK, params={"click_id": "aff_click", "payout": "sum", "event": "goal_name", "txn_id": "deal"})

# -- the click id --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["click_id", "clickid", "cid", "subid", "sub_id", "s2", "hit", "aff_sub", "SUBID"])
def test_the_click_id_is_found_under_every_alias(name: str) -> None:
    said = understood(f"{name}={CLICK}")
    assert said.click == ClickSaid(name.lower(), CLICK, CLICK_KEY)
    assert said.remarks == ()


@pytest.mark.parametrize("text", [CLICK.upper(), f"%20{CLICK}%20", f"%22{CLICK}%22", f"{CLICK}/", CLICK.title()])
def test_the_click_id_is_recognised_in_any_case_and_wrapping(text: str) -> None:
    assert understood(f"click_id={text}").click.key == CLICK_KEY
    assert understood(f"click_id={text}").click.text == CLICK


def test_aliases_count_in_their_order_whatever_the_order_of_the_request() -> None:
    said = understood("aff_sub=foreign&clickid=second&click_id=first")
    assert (said.click.parameter, said.click.text, said.click.key) == ("click_id", "first", None)


def test_a_value_that_proves_itself_wins_over_the_order() -> None:
    said = understood(f"click_id=7xk2PqL0&aff_sub={CLICK}")
    assert said.click == ClickSaid("aff_sub", CLICK, CLICK_KEY)
    assert said.remarks == ()


@pytest.mark.parametrize("name", ["xyz", "data.deep", "sub9"])
def test_an_id_under_a_foreign_name_attributes_and_is_remarked(name: str) -> None:
    said = understood(f"{name}={CLICK}&payout=2")
    assert said.click.key == CLICK_KEY
    assert warnings(said.remarks) == ["click_id_in_other_parameter"]
    assert said.remarks[0].details["parameter"] == name


@pytest.mark.parametrize("name", ["txn_id", "order_id", "event", "custom1"])
def test_an_id_in_a_parameter_that_means_something_else_is_not_remarked(name: str) -> None:
    said = understood(f"{name}={CLICK}")
    assert said.click.key == CLICK_KEY
    assert warnings(said.remarks) == []


def test_a_mapped_click_id_is_expected_where_it_is_mapped_and_under_the_aliases() -> None:
    assert warnings(understood(f"aff_click={CLICK}", MAPPED).remarks) == []
    assert warnings(understood(f"subid={CLICK}", MAPPED).remarks) == []
    assert understood("aff_click=broken&click_id=also", MAPPED).click.text == "broken"


def test_the_token_is_never_taken_for_a_click_id() -> None:
    assert understood(f"token={CLICK}").click.key is None


def test_no_click_id_says_where_it_was_looked_for() -> None:
    said = understood("click_id=&payout=5")
    assert (said.click.text, said.click.key, said.click.is_macro) == ("", None, False)
    assert said.click.parameter == "click_id, clickid, cid, subid, sub_id, s2, hit, aff_sub"


@pytest.mark.parametrize(
    "value", ["{clickid}", "[CLICK_ID]", "%24%7BSUBID%7D", "<clickid>", "__CLICKID__", "%257Bx%257D"]
)
def test_a_macro_in_the_click_id_is_seen(value: str) -> None:
    said = understood(f"click_id={value}")
    assert said.click.is_macro
    assert said.click.key is None


def test_a_macro_beside_an_id_that_proves_itself_is_remarked() -> None:
    said = understood(f"click_id={{clickid}}&subid={CLICK}")
    assert said.click.key == CLICK_KEY
    assert warnings(said.remarks) == ["macro_not_replaced"]


def test_of_two_ids_the_first_counts_and_the_query_comes_before_the_body() -> None:
    said = understood(f"click_id={CLICK}", body=f"click_id={OTHER}")
    assert said.click.key == CLICK_KEY
    assert warnings(said.remarks) == ["repeated_parameter"]
    assert understood(f"click_id={OTHER}", body=f"click_id={CLICK}").click.key == OTHER_KEY


def test_the_same_id_twice_in_another_case_is_no_repetition() -> None:
    assert understood(f"click_id={CLICK}&click_id={CLICK.upper()}").remarks == ()


def test_a_click_id_encoded_twice_is_read_as_meant() -> None:
    twice = "".join(f"%25{ord(c):02X}" for c in CLICK)
    said = understood(f"click_id={twice}")
    assert said.click.key == CLICK_KEY
    assert warnings(said.remarks) == ["odd_encoding"]


# -- text fields ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["txn_id", "txid", "tid", "transaction_id", "order_id", "TID"])
def test_the_transaction_is_found_under_every_alias(name: str) -> None:
    assert understood(f"{name}=A-1").txn_id == "A-1"


@pytest.mark.parametrize("name", ["event", "goal", "et", "type"])
def test_the_event_is_found_under_every_alias(name: str) -> None:
    said = understood(f"{name}=Deposit")
    assert (said.event, said.event_key) == ("Deposit", "deposit")


def test_zero_is_a_value() -> None:
    said = understood("event=0&txn_id=0&custom1=0&payout=0")
    assert (said.event, said.txn_id, said.custom, said.amount) == ("0", "0", {"custom1": "0"}, AmountSaid(0, "USD"))


@pytest.mark.parametrize("nothing", ["", "null", "undefined", "nil", "NULL", "%20"])
def test_nothing_is_none(nothing: str) -> None:
    said = understood(f"event={nothing}&txn_id={nothing}&payout={nothing}&status={nothing}&currency={nothing}")
    assert (said.event, said.txn_id, said.amount, said.status, said.unknown_status) == (None,) * 5
    assert said.remarks == ()


def test_an_empty_parameter_gives_way_to_the_next_alias() -> None:
    assert understood("txn_id=&tid=null&order_id=9").txn_id == "9"


def test_a_macro_counts_as_none_and_is_remarked() -> None:
    said = understood("txn_id={transaction_id}&event={goal}&payout={payout}&currency={currency}")
    assert (said.txn_id, said.event, said.amount) == (None, None, None)
    assert warnings(said.remarks) == ["macro_not_replaced"] * 4
    assert {remark.details["parameter"] for remark in said.remarks} == {"payout", "currency", "txn_id", "event"}


@pytest.mark.parametrize("query", ["payout={payout}&revenue=5", "payout={payout}&payout=5", "payout=5&payout={payout}"])
def test_a_macro_beside_a_value_leaves_the_value_and_is_remarked(query: str) -> None:
    said = understood(query)
    assert said.amount == AmountSaid(5_000_000, "USD")
    assert warnings(said.remarks) == ["macro_not_replaced"]


def test_a_transaction_id_is_taken_as_it_is() -> None:
    assert understood("txn_id=a%2Bb%25c+d").txn_id == "a+b%c d"
    assert understood("txn_id=a%252E5").txn_id == "a%2E5"


def test_of_a_repeated_parameter_the_first_that_is_something_counts() -> None:
    said = understood("payout=&payout=1&payout=2&txn_id=A&txn_id=A")
    assert said.amount == AmountSaid(1_000_000, "USD")
    assert warnings(said.remarks) == ["repeated_parameter"]
    assert said.remarks[0].details == {"parameter": "payout", "value": "1"}


@pytest.mark.parametrize("query", ["payout=1&payout=2&amount=9", "payout=&amount=1&amount=2", "payout={p}&amount=1"])
def test_each_remark_is_made_once(query: str) -> None:
    assert len(understood(query).remarks) == 1


def test_up_to_five_more_parameters_are_kept() -> None:
    network = replace(NETWORK, params={"custom2": "country_name", "custom5": "x"})
    said = understood("custom1=a&country_name=PL&custom2=ignored&custom3=&x=e&custom6=f", network)
    assert said.custom == {"custom1": "a", "custom2": "PL", "custom5": "e"}


def test_a_mapped_field_is_read_from_its_own_name_only() -> None:
    said = understood("aff_click=x&sum=8&payout=9&goal_name=deposit&event=sale&deal=G1&txn_id=T", MAPPED)
    assert (said.amount, said.event, said.txn_id) == (AmountSaid(8_000_000, "USD"), "deposit", "G1")


def test_a_name_that_is_mapped_to_one_field_is_no_alias_of_another() -> None:
    network = replace(NETWORK, params={"custom1": "type"})
    said = understood("type=lead", network)
    assert (said.event, said.custom) == (None, {"custom1": "lead"})


def test_names_of_a_network_are_its_own_the_generic_ones_and_the_token() -> None:
    names = names_of(replace(NETWORK, params={"click_id": "Aff_Click"}))
    assert {"aff_click", "payout", "cur", "token", "custom5"} <= names
    assert "clickid" not in names


# -- status and time -----------------------------------------------------------------------------------------------


def test_a_status_word_is_read() -> None:
    assert understood("status=Approved").status is Status.APPROVED
    assert understood("status=on%20hold").status is Status.PENDING


@pytest.mark.parametrize("word", ["kwalifikowany", "2", "{status}", "%2520x"])
def test_a_word_that_nobody_mapped_is_kept_as_unknown(word: str) -> None:
    said = understood(f"status={word}")
    assert said.status is None
    assert said.unknown_status is not None
    assert said.unknown_status.parameter == "status"


def test_an_unreplaced_status_macro_is_unknown_and_never_a_sale() -> None:
    said = understood("status={status}")
    assert said.unknown_status == Unknown("status", "{status}")


def test_a_status_encoded_twice_is_read_as_meant() -> None:
    said = understood("status=on%2520hold")
    assert said.status is Status.PENDING
    assert warnings(said.remarks) == ["odd_encoding"]


@pytest.mark.parametrize(
    ("query", "is_reversal"),
    [
        *(("payout=-4", True), ("payout=4", False), ("status=refund", True), ("status=chargeback&payout=4", True)),
        *(("status=approved&payout=-4", False), ("payout=0", False), ("payout=-0", False), ("", False)),
    ],
)
def test_a_reversal_is_known_by_its_word_and_without_a_word_by_its_sign(query: str, is_reversal: bool) -> None:
    assert understood(query).is_reversal is is_reversal


def test_a_time_is_read_where_the_network_has_one() -> None:
    assert understood("ts=1767441600", TIMED).time == 1_767_441_600_000
    assert understood("time=1767441600").time is None
    assert understood("time=1767441600", replace(NETWORK, macros={"time": "{ts}"})).time == 1_767_441_600_000
    berlin = replace(TIMED, time_zone="Europe/Berlin")
    assert understood("ts=2026-01-03+13:00:00", berlin).time == 1_767_441_600_000


def test_a_time_that_does_not_read_is_a_bad_value() -> None:
    said = understood("ts=yesterday", TIMED)
    assert said.time is None
    assert warnings(said.remarks) == ["bad_value"]


# -- money ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["payout", "revenue", "amount", "sum", "PAYOUT"])
def test_the_payout_is_found_under_every_alias(name: str) -> None:
    assert understood(f"{name}=12,50").amount == AmountSaid(12_500_000, "USD")


@pytest.mark.parametrize(
    ("query", "params", "payout", "sale"),
    [
        ("payout=12&amount=150", {}, 12, 150),
        ("amount=150", {}, 150, None),
        ("payout=&amount=150", {}, None, 150),
        ("payout={payout}&amount=150", {}, None, 150),
        ("revenue=12&amount=150", {}, 12, 150),
        ("revenue=&amount=150", {}, 150, None),
        ("amount=12&sale_amount=150", {}, 12, 150),
        ("payout=12&amount=1&sale_amount=150", {}, 12, 150),
        ("sale_amount=150", {}, None, 150),
        ("commission=12&amount=150", {"payout": "commission"}, 12, 150),
        ("amount=150", {"payout": "commission"}, None, None),
        ("amount=12&payout=3", {"payout": "amount"}, 12, None),
        ("payout=12&amount=150", {"custom1": "amount"}, 12, None),
        ("payout=12&basket=150", {"sale_amount": "basket"}, 12, 150),
    ],
)
def test_amount_is_the_sale_where_the_payout_is_there_too(
    query: str, params: dict[str, str], payout: int | None, sale: int | None
) -> None:
    said = understood(query, replace(NETWORK, params=params))
    assert said.amount == (None if payout is None else AmountSaid(payout * 1_000_000, "USD"))
    assert said.sale == (None if sale is None else AmountSaid(sale * 1_000_000, "USD"))


@pytest.mark.parametrize(
    "value", ["inf", "1e3", "%EF%BC%91", "1_0", "--5", "0x1F", "1,234", "99999999999999999999", "x"]
)
def test_an_amount_that_does_not_read_is_a_bad_value(value: str) -> None:
    said = understood(f"payout={value}")
    assert said.amount is None
    assert warnings(said.remarks) == ["bad_value"]
    assert said.unknown_currency is None


def test_the_networks_style_decides_what_is_ambiguous() -> None:
    assert understood("payout=1,234", replace(NETWORK, number_style="1.234,50")).amount == AmountSaid(1_234_000, "USD")
    thousands = understood("payout=1,234", replace(NETWORK, number_style="1,234.50"))
    assert thousands.amount == AmountSaid(1_234_000_000, "USD")


def test_an_amount_encoded_twice_is_read_as_meant() -> None:
    said = understood("payout=12%252E50")
    assert said.amount == AmountSaid(12_500_000, "USD")
    assert warnings(said.remarks) == ["odd_encoding"]


def test_the_seeds_own_accident_is_read_as_meant() -> None:
    said = understood(f"click_id={CLICK}&amount=150.00¤cy=MYR&txn_id=Q25")
    assert (said.amount, said.txn_id) == (AmountSaid(150_000_000, "MYR"), "Q25")
    assert warnings(said.remarks) == ["odd_encoding"]


CURRENCIES = [
    # query, the network's currency, what is read
    ("payout=5", None, "USD"),
    ("payout=5", "EUR", "EUR"),
    ("payout=5&currency=eur", "USD", "EUR"),
    ("payout=5&cur=GBP", None, "GBP"),
    ("payout=5&currency=RUR", None, "RUB"),
    ("payout=5 RUR&currency=RUB", None, "RUB"),
    ("payout=5 EUR", "USD", "EUR"),
    ("payout=5 EUR&currency=EUR", "USD", "EUR"),
    ("payout=5 €", "USD", "EUR"),
    ("payout=€5&currency=EUR", "USD", "EUR"),
    ("payout=$5", None, "USD"),
    ("payout=$5", "EUR", "USD"),
    ("payout=$5", "CAD", "CAD"),
    ("payout=$5&currency=CAD", None, "CAD"),
    ("payout=$5&currency=USD", "CAD", "USD"),
    ("payout=$5&currency=AUD", "CAD", "AUD"),
    ("payout=US$5", "CAD", "USD"),
    ("payout=C$5", None, "CAD"),
    ("payout=¥5&currency=CNY", None, "CNY"),
    ("payout=¥5", None, "JPY"),
    ("payout=5&currency={currency}", "EUR", "EUR"),
    ("payout=5&currency=", "EUR", "EUR"),
    ("payout=5&currency=USDT", None, "USDT"),
    ("payout=5 USDT", None, "USDT"),
    ("payout=5 EUR&currency=ZZZ", None, "EUR"),
]


@pytest.mark.parametrize(("query", "of_network", "currency"), CURRENCIES)
def test_a_currency_goes_with_its_amount(query: str, of_network: str | None, currency: str) -> None:
    said = understood(query.replace(" ", "%20"), replace(NETWORK, currency=of_network), currencies=("USDT",))
    assert said.amount == AmountSaid(5_000_000, currency)
    assert said.unknown_currency is None


@pytest.mark.parametrize(
    "query",
    ["payout=5 EUR&currency=USD", "payout=€5&currency=USD", "payout=$5&currency=EUR", "payout=US$5&currency=CAD"],
)
def test_a_word_or_sign_and_a_parameter_that_differ_are_a_bad_value(query: str) -> None:
    said = understood(query.replace(" ", "%20"))
    assert said.amount is None
    assert warnings(said.remarks) == ["bad_value"]


@pytest.mark.parametrize(
    ("query", "unknown"),
    [
        ("payout=5&currency=ZZZ", Unknown("currency", "ZZZ")),
        ("payout=5&cur=dollars", Unknown("cur", "dollars")),
        ("payout=5%20ZZZ", Unknown("payout", "ZZZ")),
        ("payout=5&currency=USDT", Unknown("currency", "USDT")),
        ("sale_amount=5&currency=ZZZ", Unknown("currency", "ZZZ")),
    ],
)
def test_a_currency_that_nobody_knows_is_kept_as_unknown(query: str, unknown: Unknown) -> None:
    said = understood(query)
    assert said.unknown_currency == unknown
    assert said.amount is None


def test_a_currency_without_an_amount_says_nothing() -> None:
    said = understood("currency=ZZZ&click_id=x")
    assert (said.amount, said.unknown_currency, said.remarks) == (None, None, ())


def test_an_unreadable_body_is_said() -> None:
    assert understood("click_id=x", body="[1]").unreadable == "the body is JSON, but not one object"


NETWORKS: list[Network] = [
    NETWORK,
    TIMED,
    MAPPED,
    replace(NETWORK, number_style="1.234,50", currency="CAD", txn_prefix="R-", params={"payout": "amount"}),
]
WORDS = st.sampled_from(
    [
        *("click_id", "cid", "payout", "amount", "sum", "status", "currency", "txn_id", "event", "ts", "time", "token"),
        *("=", "=", "=", "&", "&", "&", CLICK, CLICK.upper(), "{x}", "12.50", "-4", "$", "EUR", "ZZZ", "approved"),
        *("refund", "%25", "%", "¤cy=", "&amp;", "?", "null", "", "1767441600", "\x00", "é", " "),
    ]
)


@settings(max_examples=200)
@given(
    query=st.lists(WORDS, max_size=20).map("".join),
    body=st.lists(WORDS, max_size=8).map("".join),
    network=st.sampled_from(NETWORKS),
    content_type=st.sampled_from(["", "application/json"]),
)
def test_whatever_is_said_is_understood_without_stumbling(
    query: str, body: str, network: Any, content_type: str
) -> None:
    said = understood(query, network, body=body, content_type=content_type)
    assert (said.click.key is None) or said.click.key == CLICK_KEY
    assert said.amount is None or type(said.amount.micros) is int
    assert len(said.remarks) == len({(remark.warning, *sorted(remark.details.items())) for remark in said.remarks})
