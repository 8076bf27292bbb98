"""A template puts every value where it belongs and nowhere else, whatever the value is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import get_args
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.domain.template import (
    MACROS,
    Macro,
    Place,
    Values,
    macro_spans,
    parse,
    pieces,
    problem_of,
    render,
    with_click_id,
)

DESIGN_MACROS = [
    *("click_id", "external_id", "payout", "sale_amount", "currency", "status", "event", "txn_id", "conversion_id"),
    *("time", "time_ms", "time_iso", "click_time", "click_time_ms", "campaign", "source", "network", "offer"),
    *("landing", "country", "device", "os", "browser", "ip", "user_agent"),
    *(f"sub{number}" for number in range(1, 21)),
    *(f"custom{number}" for number in range(1, 6)),
]
ANY = st.text(max_size=30) | st.text("\r\n\t\x00\"'\\{}&=?#/%+ .:@<>;é🙂\u2028", max_size=12)
PLACES: tuple[Place, ...] = get_args(Place)


def of(values: Mapping[str, str | None]) -> Values:
    return lambda name, currency: values.get(f"{name}:{currency}" if currency else name)


def url(template: str, **values: str | None) -> str:
    return render(template, "url", of(values))


# -- macros --------------------------------------------------------------------------------------------------------


def test_the_macros_are_those_of_the_design() -> None:
    assert sorted(MACROS) == sorted(DESIGN_MACROS)


@pytest.mark.parametrize("name", DESIGN_MACROS)
def test_every_macro_is_known_and_filled_everywhere(name: str) -> None:
    assert problem_of(f"https://t.example/?a={{{name}}}", "url") is None
    assert problem_of(f'{{"a": "{{{name}}}"}}', "json") is None
    assert problem_of(f"a={{{name}}}", "form") is None
    assert problem_of(f"{{{name}}}", "header") is None
    assert [render(f"{{{name}}}", place, of({name: "7"})) for place in PLACES] == ["7"] * 4


@pytest.mark.parametrize(
    ("macro", "problem"),
    [
        ("{clickid}", "unknown macro {clickid}; did you mean {click_id}?"),
        ("{CLICK_ID}", "unknown macro {CLICK_ID}; did you mean {click_id}?"),
        ("{click-id}", "unknown macro {click-id}; did you mean {click_id}?"),
        ("{external_ID}", "unknown macro {external_ID}; did you mean {external_id}?"),
        ("{payuot}", "unknown macro {payuot}; did you mean {payout}?"),
        ("{custom6}", "unknown macro {custom6}; did you mean {custom5}?"),
        ("{payout:EU}", "unknown macro {payout:EU}; did you mean {payout}?"),
        ("{zzz}", "unknown macro {zzz}"),
        ("{zzz|raw}", "unknown macro {zzz}"),
        ("{status:EUR}", "{status:EUR}: only {payout} and {sale_amount} convert to a currency"),
    ],
)
def test_an_unknown_macro_is_refused_with_the_nearest_right_word(macro: str, problem: str) -> None:
    assert problem_of(f"https://t.example/?a=1&b={macro}", "url") == problem
    assert problem_of(f'{{"a": "{macro}"}}', "json") == problem
    assert problem_of(f"a={macro}", "form") == problem
    assert problem_of(macro, "header") == problem


def test_sub_21_is_no_macro() -> None:
    assert (problem_of("{sub21}", "form") or "").startswith("unknown macro {sub21}; did you mean {sub")


@pytest.mark.parametrize(
    ("template", "values", "rendered"),
    [
        ("{sub3|none}", {}, "none"),
        ("{sub3|none}", {"sub3": ""}, "none"),
        ("{sub3|none}", {"sub3": None}, "none"),
        ("{sub3|none}", {"sub3": "x"}, "x"),
        ("{sub3}", {}, ""),
        ("{sub3|}", {}, ""),
        ("{status|approved=1|rejected=0}", {"status": "approved"}, "1"),
        ("{status|approved=1|rejected=0}", {"status": "rejected"}, "0"),
        ("{status|approved=1|rejected=0}", {"status": "pending"}, "pending"),
        ("{status|approved=1|rejected=0|-1}", {"status": None}, "-1"),
        ("{event|deposit=ftd}", {"event": "DEPOSIT"}, "ftd"),
        ("{event|Deposit=ftd}", {"event": "Deposit"}, "ftd"),
        ("{event|sale=}", {"event": "sale"}, ""),
        ("{event|a=b=c}", {"event": "a"}, "b%3Dc"),
        ("{payout:EUR}", {"payout:EUR": "9.20", "payout": "10.00"}, "9.20"),
        ("{payout:eur}", {"payout:EUR": "9.20"}, "9.20"),
        ("{payout:USDT|0}", {}, "0"),
        ("{sale_amount:EUR}", {"sale_amount:EUR": "150"}, "150"),
        ("{event|raw}", {"event": "a&b=c/d?e#f%41"}, "a&b=c/d?e#f%41"),
        ("{event|raw|none}", {}, "none"),
        ("{event}", {"event": "a&b=c/d?e#f%41 +"}, "a%26b%3Dc%2Fd%3Fe%23f%2541%20%2B"),
        ("{a}{{event}}", {"event": "x", "a": None}, "{x}"),
    ],
)
def test_modifiers_give_a_default_map_convert_and_leave_as_is(
    template: str, values: dict[str, str | None], rendered: str
) -> None:
    assert url(f"https://t.example/?a={template}", **values) == f"https://t.example/?a={rendered}"


def test_a_template_is_parsed_into_its_parts() -> None:
    assert parse("") == ()
    assert parse("plain {} {1} { x }") == ("plain {} {1} { x }",)
    words = {"approved": "1"}
    assert parse("a{status|approved=1|raw|x}b") == (
        "a",
        Macro("status", None, is_raw=True, words=words, default="x", in_text=False),
        "b",
    )


# -- URLs ----------------------------------------------------------------------------------------------------------

LONG = "https://t.example:8443/conv/{sub1}/x{sub2}?a={event}&b={sub3}-{sub4}&{sub5}=c&d=1#{sub6}"


@given(values=st.fixed_dictionaries({f"sub{number}": ANY for number in range(1, 7)} | {"event": ANY}))
@example(values={"sub1": "..", "sub2": "/../..", "sub3": "", "sub4": "", "sub5": "", "sub6": "", "event": "\r\nX: y"})
def test_a_rendered_url_gives_back_exactly_the_values_put_in(values: dict[str, str]) -> None:
    rendered = url(LONG, **values)
    parts = urlsplit(rendered)
    assert (parts.scheme, parts.netloc) == ("https", "t.example:8443")
    _, conv, first, second = parts.path.split("/")
    assert (conv, unquote(first), unquote(second)) == ("conv", values["sub1"], "x" + values["sub2"])
    assert first not in (".", "..")
    assert parse_qsl(parts.query, keep_blank_values=True) == [
        ("a", values["event"]),
        ("b", f"{values['sub3']}-{values['sub4']}"),
        (values["sub5"], "c"),
        ("d", "1"),
    ]
    assert unquote(parts.fragment) == values["sub6"]
    assert rendered.isascii()
    assert rendered.isprintable()


@given(one=ANY, two=ANY)
@example(one="//evil.example/", two="#@evil.example")
@example(one="\\\\evil.example", two="?next=https://evil.example")
@example(one="@evil.example:80/", two="\r\nHost: evil.example")
def test_no_value_changes_the_scheme_or_the_host_not_even_a_raw_one(one: str, two: str) -> None:
    for template in (
        "https://t.example/{sub1}?a={sub2}",
        "https://t.example/{sub1|raw}?a={sub2|raw}",
        "https://t.example?a={sub1|raw}",
    ):
        assert problem_of(template, "url") is None
        rendered = url(template, sub1=one, sub2=two)
        parts = urlsplit(rendered)
        assert (parts.scheme, parts.netloc) == ("https", "t.example")
        assert rendered.isascii()
        assert rendered.isprintable()
        assert " " not in rendered


def test_raw_leaves_every_printable_ascii_character_as_it_is() -> None:
    printable = "".join(map(chr, range(33, 127)))
    assert url("https://t.example/?a={event|raw}", event=printable) == "https://t.example/?a=" + printable


def test_half_a_character_is_replaced() -> None:
    assert url("https://t.example/?a={event}", event="x\ud800y") == "https://t.example/?a=x%3Fy"


@pytest.mark.parametrize(
    "template",
    [
        *("https://{sub1}/", "https://{sub1}.example/", "https://t.example{sub1}", "https://t.example:{sub1}/"),
        *("{sub1}", "{sub1|raw}://t.example/", "https://{sub1}@t.example/", "//t.example/{sub1}", "t.example/{sub1}"),
        *(
            "javascript:alert({sub1})",
            "ftp://t.example/{sub1}",
            "https://",
            "https:///{sub1}",
            "",
            "https://user:pw@t.example/",
        ),
        *(
            "https://t.example/ x",
            "https://t.example/\n",
            "https://t.example/\x00",
            "https://t.example:port/",
            "http://[::1/",
        ),
        *("https://t.example\\{sub1}", "mailto:a@t.example"),
        *("https://t..example/", "https://.t.example/", f"https://{'a' * 64}.example/", "https://t\ufffd.example/"),
    ],
)
def test_a_template_that_is_no_safe_url_is_refused(template: str) -> None:
    assert problem_of(template, "url")


@pytest.mark.parametrize(
    "template",
    [
        *(
            "https://t.example",
            "http://t.example/{sub1}",
            "https://t.example:8443/?a={click_id}",
            "https://[::1]:80/{sub1}",
        ),
        *("HTTPS://T.example/?a=1&b={payout:EUR}", "https://t.example/?a={status|approved=1|rejected=0}"),
    ],
)
def test_a_template_that_is_a_url_is_taken(template: str) -> None:
    assert problem_of(template, "url") is None


# -- bodies and headers --------------------------------------------------------------------------------------------

BODY = '{"e": "{event}", "p": {payout}, "in": {"t": "say \\"{sub1}\\" \\\\{sub2}", "x": [{txn_id}, "{sub3|none}"]}, "n": 1}'


@given(values=st.fixed_dictionaries(dict.fromkeys(("event", "sub1", "sub2", "sub3", "txn_id", "payout"), ANY)))
@example(values={"event": '"', "sub1": "\\", "sub2": "\\u0041", "sub3": "}", "txn_id": "007", "payout": "12.50"})
def test_a_json_body_parses_and_holds_the_values(values: dict[str, str]) -> None:
    rendered = render(BODY, "json", of(values))
    document = json.loads(rendered, parse_int=str, parse_float=str)
    assert document == {
        "e": values["event"],
        "p": values["payout"] or None,
        "in": {
            "t": f'say "{values["sub1"]}" \\{values["sub2"]}',
            "x": [values["txn_id"] or None, values["sub3"] or "none"],
        },
        "n": "1",
    }
    assert rendered.isascii()


@pytest.mark.parametrize(
    ("value", "rendered"),
    [
        *(("12.50", "12.50"), ("0", "0"), ("-1", "-1"), ("0.5", "0.5"), ("", "null"), ("x", '"x"'), ("007", '"007"')),
        *(("1e3", '"1e3"'), ("NaN", '"NaN"'), ("true", '"true"'), ("1.", '"1."'), ("١", '"\\u0661"'), (".5", '".5"')),
        *(("-", '"-"'), ("00", '"00"'), ("-0", "-0"), ("1 ", '"1 "'), ("1\n", '"1\\n"')),
    ],
)
def test_outside_quotes_a_number_is_a_number_and_anything_else_a_text(value: str, rendered: str) -> None:
    assert render("{payout}", "json", of({"payout": value})) == rendered


@given(value=ANY)
def test_raw_does_not_break_out_of_json(value: str) -> None:
    assert json.loads(render('{"a": "{event|raw}"}', "json", of({"event": value}))) == {"a": value}


@pytest.mark.parametrize("template", ['{"a": }', "{", "a={event}", '{"a": "{event}}', '{"a": {event}x}', "[" * 5000])
def test_a_body_that_would_be_no_json_is_refused(template: str) -> None:
    assert (problem_of(template, "json") or "").startswith("the body is not JSON")


@given(one=ANY, two=ANY)
def test_a_form_parses_and_holds_the_values(one: str, two: str) -> None:
    rendered = render("a={event}&b=x{sub1}&{sub1}=1", "form", of({"event": one, "sub1": two}))
    assert parse_qsl(rendered, keep_blank_values=True) == [("a", one), ("b", "x" + two), (two, "1")]
    assert rendered.isascii()


def test_a_raw_value_in_a_form_is_left_as_it_is_and_still_can_be_sent() -> None:
    rendered = render("{event|raw}", "form", of({"event": "a=1&b=é 🙂"}))
    assert rendered == "a=1&b=%C3%A9%20%F0%9F%99%82"


@given(value=ANY)
@example(value="x\r\nHost: evil.example")
@example(value="x\x00\x0b\x7f\u2028é")
def test_a_header_never_holds_a_line_break_or_a_control_character(value: str) -> None:
    for template in ("Bearer {event}", "Bearer {event|raw}"):
        rendered = render(template, "header", of({"event": value}))
        assert rendered.isascii()
        assert rendered.isprintable()
        assert rendered.startswith("Bearer ")


def test_an_ordinary_header_value_stays_as_it_is() -> None:
    assert render("{event}", "header", of({"event": 'a b&c="d"/%41'})) == 'a b&c="d"/%41'


@pytest.mark.parametrize("template", ["a\r\nb", "a\nb", "\x00", "x\x7f"])
def test_a_header_template_with_a_control_character_is_refused(template: str) -> None:
    assert problem_of(template, "header") == "a header cannot hold a line break or control character"


@given(template=st.text(max_size=40) | st.text('{}|:=",a_?/ ', max_size=30), value=ANY)
def test_no_template_stumbles(template: str, value: str) -> None:
    for place in PLACES:
        rendered = render(template, place, of({"event": value}))
        assert isinstance(rendered, str)
        problem = problem_of(template, place)
        assert problem is None or problem


def test_the_pieces_tell_a_templates_own_text_from_what_stands_for_a_macro() -> None:
    rendered = list(pieces("https://t.example/?a={event}&b={sub1|raw}", "url", of({"event": "x y", "sub1": "z"})))
    assert rendered == [("https://t.example/?a=", False), ("x%20y", True), ("&b=", False), ("z", True)]


def test_the_spans_say_where_macros_stand_and_which_of_them_are_known() -> None:
    template = "{click_id}&{payout:EUR|0}&{clickid}&{click-id}&{1}&{payout:EU}"
    spans = [(template[start:end], is_known) for start, end, is_known in macro_spans(template)]
    assert spans == [
        *(("{click_id}", True), ("{payout:EUR|0}", True), ("{clickid}", False), ("{click-id}", False)),
        ("{payout:EU}", False),
    ]


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("https://a.example", "https://a.example?click={click_id}"),
        ("https://a.example/b?c=1#d?e", "https://a.example/b?c=1&click={click_id}#d?e"),
        ("https://a.example/#click", "https://a.example/?click={click_id}#click"),
        ("https://a.example/?s={sub1}", "https://a.example/?s={sub1}&click={click_id}"),
        ("https://a.example/{click_id}", "https://a.example/{click_id}"),
        ("https://a.example/?c={click_id|none}#a", "https://a.example/?c={click_id|none}#a"),
    ],
)
def test_the_address_of_a_page_tells_the_click_id_once(url: str, whole: str) -> None:
    assert with_click_id(url) == whole
