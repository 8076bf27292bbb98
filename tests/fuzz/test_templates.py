"""Templates that the setup takes, filled with anything: never a fault, never another host, never a second header."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from flask import Response
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from server.domain.template import MACROS, Place, Values, problem_of, render, with_click_id
from tests.web.test_visit import NAUGHTY

CLICK = "1jm2v586g00012jcbadzbr0"
VALUES = st.text(max_size=12) | st.sampled_from(
    [*NAUGHTY, "//evil.example", "\\@evil.example", "\ud800", "a" * 3000, "0", "-1"]
)
MACRO = st.builds(
    "{{{}{}{}}}".format,
    st.sampled_from(MACROS),
    st.sampled_from(["", "", "", ":EUR"]),
    st.sampled_from(["", "", "|raw", "|none", "|a=1|b=2", "|raw|//x", "|=", "|", "|..", "|a=//evil.example/"]),
)
LITERAL = st.sampled_from(
    [
        "a",
        "/",
        "?",
        "&",
        "=",
        "#",
        ";",
        ":",
        "@",
        "\\",
        "..",
        "%",
        "%41",
        "{",
        "}",
        "{}",
        "'",
        '"',
        '\\"',
        " ",
        "é",
        "[",
        "]",
    ]
)
REST = st.lists(MACRO | LITERAL, max_size=8).map("".join)
HOST = st.sampled_from(
    ["https://go.example.net", "http://t.example:8443", "https://[2001:db8::7]", "https://xn--e1afmkfd.example"]
)
JSON = st.recursive(
    MACRO | st.just('"a"') | MACRO.map('"{}"'.format) | st.builds('"x {} {}"'.format, MACRO, MACRO),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]") | inner.map('{{"k": {}}}'.format)
    ),
    max_leaves=4,
)


def taken(template: str, place: Place) -> str:
    assume(problem_of(template, place) is None)
    return template


def of(values: list[str | None]) -> Values:
    """Another value each time one is asked for."""
    left = iter(values)
    return lambda _name, _currency: next(left, "x")


ANY = st.lists(VALUES | st.none(), max_size=8)


@given(HOST, REST, ANY)
@settings(max_examples=500, deadline=None)
def test_no_value_moves_a_url_to_another_host(host: str, rest: str, values: list[str | None]) -> None:
    template = taken(host + rest, "url")
    url = render(template, "url", of(values))
    assert urlsplit(url).netloc == urlsplit(template).netloc
    location = Response(headers={"Location": url}).get_wsgi_headers({})["Location"]
    hostname = urlsplit(template).hostname or ""
    assert urlsplit(location).hostname == hostname.encode("idna").decode()
    assert location.isascii()
    assert location.isprintable()
    assert " " not in location


@given(HOST, REST, ANY)
@settings(max_examples=300, deadline=None)
def test_a_landing_page_hears_the_click_id_wherever_its_url_has_room(
    host: str, rest: str, values: list[str | None]
) -> None:
    template = taken(host + rest, "url")
    others = of(values)
    url = render(with_click_id(template), "url", lambda name, to: CLICK if name == "click_id" else others(name, to))
    assert urlsplit(url).netloc == urlsplit(template).netloc
    assert CLICK in url
    if "{click_id" not in template:
        assert f"click={CLICK}" in urlsplit(url).query


@given(REST, ANY)
@settings(max_examples=300, deadline=None)
def test_no_value_breaks_a_header(template: str, values: list[str | None]) -> None:
    header = render(taken(template, "header"), "header", of(values))
    assert not re.search(r"[\x00-\x1f\x7f]", header)


@given(JSON, ANY)
@settings(max_examples=300, deadline=None)
def test_no_value_breaks_a_json_body(template: str, values: list[str | None]) -> None:
    body = render(taken(template, "json"), "json", of(values))
    json.loads(body)
    assert body.isascii() or not template.isascii()


@given(REST, ANY)
@settings(max_examples=300, deadline=None)
def test_a_form_is_rendered_whatever_stands_in_it(template: str, values: list[str | None]) -> None:
    body = render(taken(template, "form"), "form", of(values))
    assert not re.search(r"[\x00-\x1f\x7f]", body)
    assert body.isascii() or not template.isascii()
