"""A request is read as it was meant, however carelessly it was written; what was odd is said and nothing stumbles."""

from __future__ import annotations

import json
import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import reading as reading_of
from server.domain.reading import Parameter, Reading, clean, read_request
from server.domain.unreplaced import is_unreplaced

NAMES = frozenset({"click_id", "payout", "currency", "txn_id", "status", "copy_id"})
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MULTIPART = "multipart/form-data; boundary=B"


def read(query: str | bytes = b"", body: str | bytes = b"", content_type: str = "") -> Reading:
    return read_request(
        query.encode() if isinstance(query, str) else query,
        body.encode() if isinstance(body, str) else body,
        content_type,
        NAMES,
    )


def pairs(reading: Reading) -> list[tuple[str, str]]:
    return [(parameter.name, parameter.value) for parameter in reading.parameters]


# -- what is plain -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", []),
        ("a=1", [("a", "1")]),
        ("CLICK_ID=x&Payout=5", [("click_id", "x"), ("payout", "5")]),
        ("a=1&a=2&b=", [("a", "1"), ("a", "2"), ("b", "")]),
        ("a&b=1", [("a", ""), ("b", "1")]),
        ("&&a=1&", [("a", "1")]),
        ("a=1=2", [("a", "1=2")]),
        ("a=b+c%20d", [("a", "b c d")]),
        ("txn_id=a%2Bb%25c+d", [("txn_id", "a+b%c d")]),
        ("a=%C3%A9%E6%88%91", [("a", "é我")]),
        ("a=%20x%20", [("a", "x")]),
        ("a=%22x%22&b='x'&c=%E2%80%9Cx%E2%80%9D&d=%C2%ABx%C2%BB", [("a", "x"), ("b", "x"), ("c", "x"), ("d", "x")]),
        ("a=x/&b=x//&c=%22x/%22&d=x/y", [("a", "x"), ("b", "x"), ("c", "x"), ("d", "x/y")]),
        ("a=0&b=false", [("a", "0"), ("b", "false")]),
        ("+a+=1", [("a", "1")]),
    ],
)
def test_a_query_is_read_in_order_and_its_values_are_cleaned(query: str, expected: list[tuple[str, str]]) -> None:
    reading = read(query)
    assert pairs(reading) == expected
    assert reading.oddities == []
    assert reading.unreadable is None


def test_the_query_comes_before_the_body() -> None:
    assert pairs(read("a=1", "a=2&b=3", FORM)) == [("a", "1"), ("a", "2"), ("b", "3")]


@pytest.mark.parametrize("content_type", [FORM, "", "text/plain", "application/x-www-form-urlencoded; charset=utf-8"])
def test_a_form_body_is_read_whatever_it_is_called(content_type: str) -> None:
    reading = read(b"", "click_id=x&payout=3.10\r\n", content_type)
    assert pairs(reading) == [("click_id", "x"), ("payout", "3.10")]
    assert reading.oddities == []


def test_a_multipart_form_is_read() -> None:
    body = (
        '--B\r\nContent-Disposition: form-data; name="Click_ID"\r\n\r\nx\r\n'
        "--B\r\nContent-Disposition: form-data; name=payout\r\nContent-Type: text/plain\r\n\r\n12.50\r\n--B--\r\n"
    )
    assert pairs(read(b"", body, MULTIPART)) == [("click_id", "x"), ("payout", "12.50")]


def test_the_name_of_a_file_in_a_multipart_form_is_not_its_fields_name() -> None:
    body = '--B\r\nContent-Disposition: form-data; filename="payout"; name="a"\r\n\r\n1\r\n--B--'
    assert pairs(read(b"", body, MULTIPART)) == [("a", "1")]


@pytest.mark.parametrize("body", ["click_id=x", "--C\r\n\r\n", "{}"])
def test_a_body_called_multipart_that_is_none_is_unreadable(body: str) -> None:
    assert read(b"", body, MULTIPART).unreadable == "the body is not the multipart form that it is called"


# -- what passed through careless hands ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected", "oddity"),
    [
        ("a=1&amp;b=2", [("a", "1"), ("b", "2")], "&amp; stands for &"),
        ("a=1&AMP;b=2", [("a", "1"), ("b", "2")], "&amp; stands for &"),
        ("a=1&amp;amp;b=2", [("a", "1"), ("b", "2")], "&amp; stands for &"),
        ("a=1?b=2", [("a", "1"), ("b", "2")], "a second ? stands for &"),
        ("?a=1", [("a", "1")], "a second ? before the first parameter"),
        ("payout=150.00¤cy=MYR", [("payout", "150.00"), ("currency", "MYR")], "HTML turned &currency= into ¤cy="),
        ("payout=1%C2%A4cy=MYR", [("payout", "1"), ("currency", "MYR")], "HTML turned &currency= into ¤cy="),
        ("payout=1¤cy", [("payout", "1"), ("currency", "")], "HTML turned &currency= into ¤cy="),
        ("a=1©_id=7", [("a", "1"), ("copy_id", "7")], "HTML turned &copy_id= into ©_id="),
        ("a=%FFx", [("a", "%FFx")], "bytes that are no text"),
        ("a=1%C3", [("a", "1%C3")], "bytes that are no text"),
    ],
)
def test_a_careless_query_is_read_as_meant_and_remarked(
    query: str, expected: list[tuple[str, str]], oddity: str
) -> None:
    reading = read(query)
    assert pairs(reading) == expected
    assert oddity in reading.oddities


def test_two_swallowed_parameters_in_one_value_are_both_found() -> None:
    reading = read("payout=1¤cy=MYR©_id=7&b=2")
    assert pairs(reading) == [("payout", "1"), ("currency", "MYR"), ("copy_id", "7"), ("b", "2")]


@pytest.mark.parametrize("query", ["a=5¤x=1", "a=1©=2", "a=100¤", "a=¤¤¤x", "a=£5=2"])
def test_a_sign_that_swallowed_no_known_name_stays_in_the_value(query: str) -> None:
    reading = read(query)
    assert pairs(reading) == [("a", query[2:])]
    assert reading.oddities == []


def test_a_question_mark_that_begins_no_parameter_stays() -> None:
    assert pairs(read("a=what?&b=why? no=1")) == [("a", "what?"), ("b", "why? no=1")]


def test_a_form_body_called_json_is_read_as_a_form() -> None:
    reading = read(b"", "click_id=x&payout=6", JSON)
    assert pairs(reading) == [("click_id", "x"), ("payout", "6")]
    assert reading.oddities == ["a form called JSON"]


@pytest.mark.parametrize("content_type", [FORM, "text/plain", "text/html; charset=utf-8"])
def test_json_called_a_form_is_read_as_json(content_type: str) -> None:
    reading = read(b"", '{"click_id": "x"}', content_type)
    assert pairs(reading) == [("click_id", "x")]
    assert reading.oddities == [f"JSON called {content_type.split(';', maxsplit=1)[0]}"]


@pytest.mark.parametrize("content_type", [JSON, "", "application/vnd.api+json", "APPLICATION/JSON; charset=UTF-8"])
def test_json_by_its_own_name_or_none_is_not_odd(content_type: str) -> None:
    reading = read(b"", '{"a": 1}', content_type)
    assert pairs(reading) == [("a", "1")]
    assert reading.oddities == []


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + b'{"a": "1"}',
        '{"a": "1"}'.encode("utf-16"),
        b"\xfe\xff" + '{"a": "1"}'.encode("utf-16-be"),
        b"\xef\xbb\xbf" + b"a=1",
    ],
)
def test_a_byte_order_mark_falls_away(body: bytes) -> None:
    reading = read(b"", body)
    assert pairs(reading) == [("a", "1")]
    assert reading.oddities == ["a byte-order mark"]


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("windows-1251", "одобрено"),
        ("iso-8859-1", "café"),
        ("koi8-r", "продажа"),
        ("Shift_JIS", "承認"),
        ("gbk", "通过"),
    ],
)
def test_a_declared_older_charset_is_read(charset: str, text: str) -> None:
    form = read(b"", b"status=" + text.encode(charset), f'{FORM}; charset="{charset}"')
    document = read(b"", b'{"status":"' + text.encode(charset) + b'"}', f"{JSON}; charset={charset}")
    assert pairs(form) == pairs(document) == [("status", text)]
    assert form.oddities == document.oddities == [f"text in {charset.lower()}"]


@pytest.mark.parametrize(
    "charset", ["", "bogus", "utf-8", "hex", "zip", "rot13", "unicode_escape", "utf-7", "a\x00b", "é"]
)
def test_bytes_that_are_no_text_are_kept_as_they_came(charset: str) -> None:
    reading = read(b"", b"a=caf\xe9", f"{FORM}; charset={charset}")
    assert pairs(reading) == [("a", "caf%E9")]
    assert reading.oddities == ["bytes that are no text"]


# -- JSON ----------------------------------------------------------------------------------------------------------


def test_json_numbers_are_kept_to_the_letter() -> None:
    body = '{"a": 0.30000000000000004, "b": 12.50, "c": 1e3, "d": 12345678901234567890, "e": -0.0, "f": 0}'
    expected = [("a", "0.30000000000000004"), ("b", "12.50"), ("c", "1e3"), ("d", "12345678901234567890")]
    assert pairs(read(b"", body, JSON)) == [*expected, ("e", "-0.0"), ("f", "0")]


def test_json_of_any_depth_is_read_by_dotted_names_and_lists_fall_away() -> None:
    body = '{"a": {"B": {"c": "1"}}, "list": [1, 2], "t": true, "n": null, "e": {}, "x": [], "o": [{"a": 1}], "z": "2"}'
    assert pairs(read(b"", body, JSON)) == [("a.b.c", "1"), ("t", "true"), ("n", ""), ("z", "2")]


def test_a_repeated_name_in_json_is_there_twice() -> None:
    assert pairs(read(b"", '{"a": "1", "a": "2"}', JSON)) == [("a", "1"), ("a", "2")]


def test_half_a_character_in_json_stays_as_json_wrote_it() -> None:
    assert pairs(read(b"", r'{"a\udfff": "x\ud800"}', JSON)) == [("a\\udfff", "x\\ud800")]


@pytest.mark.parametrize("body", ["[1]", '[{"click_id": "x"}]', "null", '"text"', "5", "true"])
def test_json_that_is_not_one_object_is_unreadable(body: str) -> None:
    reading = read("a=1", body, JSON)
    assert reading.unreadable == "the body is JSON, but not one object"
    assert pairs(reading) == [("a", "1")]


@pytest.mark.parametrize(
    "body", ['{"a": 5', "{", "{a: 1}", "{'a': 1}", "[", "{}{}", "nonsense", '{"a":1,}', "\x00", "{" * 5000]
)
def test_broken_json_is_unreadable(body: str) -> None:
    unreadable = read(b"", body, JSON).unreadable
    assert unreadable is not None
    assert unreadable.startswith("the body is not JSON (")


@pytest.mark.parametrize("content_type", [JSON, MULTIPART, FORM, ""])
def test_an_empty_body_says_nothing(content_type: str) -> None:
    assert read("a=1", b" \r\n", content_type) == read("a=1")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(document=VALUES, name=st.text("abcxyz", min_size=1, max_size=5))
def test_json_of_any_shape_is_read_or_unreadable(document: object, name: str) -> None:
    reading = read(b"", json.dumps({name: document, "last": "one"}), JSON)
    assert reading.unreadable is None
    assert pairs(reading)[-1] == ("last", "one")
    alone = read(b"", json.dumps(document), JSON)
    is_like_a_form = isinstance(document, str) and "=" in document
    assert (alone.unreadable is None) == (isinstance(document, dict) or is_like_a_form)


# -- cleaning ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        *(("x", "x"), ("", ""), ("  x  ", "x"), ('"x"', "x"), ("'x'", "x"), ("“x”", "x"), ("«x»", "x"), ("x/", "x")),
        *(
            (' "x/" ', "x"),
            ("/x", "/x"),
            ("\ufeffx", "x"),
            ("\u200bx\u200b", "x"),
            ("\u00a0x", "x"),
            ("\x00x\x00", "x"),
        ),
        *(("a\x00b", "a%00b"), ("a\x1bb", "a%1Bb"), ("a\x7fb", "a%7Fb"), ("it's", "it's"), ("/", ""), ('""', "")),
        *(("a b", "a b"), ("a\nb", "a\nb"), ("\n\tx\r\n", "x"), ("`x`", "x")),
    ],
)
def test_blanks_quotes_and_a_trailing_slash_fall_away(value: str, cleaned: str) -> None:
    assert clean(value) == cleaned
    assert clean(cleaned) == cleaned


@given(value=st.text())
def test_cleaning_is_done_after_once(value: str) -> None:
    assert clean(clean(value)) == clean(value)


# -- macros and nothing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["", "null", "NULL", "undefined", "nil", "Nil", "%20", "%22%22", "{clickid}", "/"])
def test_these_are_nothing(value: str) -> None:
    assert read(f"a={value}").parameters[0].is_nothing


@pytest.mark.parametrize("value", ["0", "none", "-", "false", "x", "0.00", "nul"])
def test_these_are_values(value: str) -> None:
    assert not read(f"a={value}").parameters[0].is_nothing


@pytest.mark.parametrize(
    "value", ["{clickid}", "%7Bclickid%7D", "%24%7BSUBID%7D", "%sub%", "%%x%%", "%aff_id%", "%3Cclickid%3E", "%23s2%23"]
)
def test_a_macro_is_known_before_and_after_percent_decoding(value: str) -> None:
    assert read(f"a={value}").parameters[0].is_macro


def test_a_value_encoded_twice_is_decoded_where_that_is_asked_for() -> None:
    (parameter,) = read("payout=12%252E50").parameters
    assert parameter.value == "12%2E50"
    assert parameter.twice_decoded().value == "12.50"
    (macro,) = read("click_id=%257Bclickid%257D").parameters
    assert (macro.is_macro, macro.twice_decoded().is_macro) == (False, True)


def test_a_value_encoded_once_is_the_same_when_asked_twice() -> None:
    (parameter,) = read("a=100%25").parameters
    assert parameter.twice_decoded() is parameter


# -- whatever comes ------------------------------------------------------------------------------------------------

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
CONTENT_TYPES = st.text(max_size=40) | st.sampled_from(
    [
        *(FORM, JSON, MULTIPART, "text/plain; charset=utf-16", "a; charset=unicode_escape", "a; charset=utf-7"),
        *("a; charset=raw_unicode_escape", "a; charset=punycode", "a; charset=idna", "a; charset=cp1251"),
        *(
            "multipart/form-data",
            "multipart/form-data; boundary=",
            'multipart/form-data; boundary="',
            "application/json;",
        ),
    ]
)
PIECES = st.lists(
    st.sampled_from([b"a", b"=", b"&", b"amp;", b"?", b"%", b"25", b"C3", b"\xc2\xa4cy", b"{", b"}", b"[", b"]", b'"'])
    | st.sampled_from(
        [b"\\ud800", b"\\", b":", b",", b"\x00", b"\xff", b"+", b"/", b"\xef\xbb\xbf", b"\xff\xfe", b"\n"]
    )
    | st.binary(max_size=3),
    max_size=25,
).map(b"".join)
PARTS = st.lists(
    st.sampled_from(
        [b"--B", b"\r\n", b"Content-Disposition:", b" form-data", b"; name=", b'"', b"(", b"<", b"=?utf-8?b?"]
    )
    | st.sampled_from(
        [b"*0", b"*", b"''", b"%ff", b"\xff", b"Content-Type: multipart/mixed; boundary=B", b"a", b"\x00"]
    )
    | st.sampled_from([b"Content-Transfer-Encoding: ", b"base64", b"uuencode", b"quoted-printable", b";", b":", b"\\"]),
    max_size=25,
).map(lambda parts: b"--B\r\nContent-Disposition: form-data; name=a" + b"".join(parts))


@settings(max_examples=300)
@given(query=PIECES, body=PIECES | PARTS, content_type=CONTENT_TYPES)
def test_no_bytes_stumble_and_every_value_can_be_kept(query: bytes, body: bytes, content_type: str) -> None:
    reading = read(query, body, content_type)
    for parameter in (*reading.parameters, *(one.twice_decoded() for one in reading.parameters)):
        assert not CONTROL.search(parameter.name + parameter.value)
        assert "Cs" not in map(unicodedata.category, parameter.name + parameter.value)
        assert parameter.value.encode().decode() == parameter.value
        assert parameter.value == clean(parameter.value)
    for oddity in reading.oddities:
        assert oddity


@given(
    values=st.lists(
        st.tuples(st.text("abcdefgh", min_size=1, max_size=6), st.from_regex(r"\A[A-Za-z0-9_.:-]{1,20}\Z")), max_size=8
    )
)
def test_what_is_written_properly_is_read_the_same_from_query_form_and_json(values: list[tuple[str, str]]) -> None:
    text = "&".join(f"{name}={value}" for name, value in values)
    document = "{" + ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in values) + "}"
    assert pairs(read(text)) == pairs(read(b"", text, FORM)) == pairs(read(b"", document, JSON)) == values


N = 60_000
HOSTILE: dict[str, tuple[bytes, str]] = {
    "blanks in braces": (b"a={a" + b" " * N + b"b", FORM),
    "braces": (b"a=" + b"{" * N, FORM),
    "blanks in brackets": (b"a=[" + b"%20" * (N // 3) + b"x", FORM),
    "blanks and slashes": (b"a=" + b"+/" * (N // 2), FORM),
    "quotes and blanks": (b"a=" + b"'+" * (N // 2), FORM),
    "swallowed names": (b"payout=1" + "¤cy=1".encode() * (N // 6), FORM),
    "signs": (b"payout=1" + "¤".encode() * (N // 2), FORM),
    "question marks": (b"?" * N, FORM),
    "second question marks": (b"?a=" * (N // 3), FORM),
    "ampersands": (b"&amp;" * (N // 5), FORM),
    "pairs": (b"a=1&" * (N // 4), FORM),
    "percent signs": (b"a=" + b"%" * N, FORM),
    "no text": (b"a=" + b"%FF" * (N // 3), FORM),
    "deep objects": (b'{"a":' * (N // 5), JSON),
    "deep lists": (b'{"a":' + b"[" * N, JSON),
    "long number": (b'{"a":' + b"9" * N + b"}", JSON),
    "many names": (b"{" + b'"a":1,' * (N // 6) + b'"b":1}', JSON),
    "comments in a header": (b"--B\r\nContent-Disposition: " + b"(" * N + b"\r\n\r\nx\r\n--B--", MULTIPART),
    "semicolons in a header": (b"--B\r\nContent-Disposition: form-data" + b";" * N + b"\r\n\r\nx\r\n--B--", MULTIPART),
    "open quote": (b'--B\r\nContent-Disposition: form-data; name="' + b";" * N + b"\r\n\r\nx\r\n--B--", MULTIPART),
    "no text in a header": (b"--B\r\nContent-Disposition: " + b"\xff" * N + b"\r\n\r\nx\r\n--B--", MULTIPART),
    "nested parts": (b"--B\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n" * 500, MULTIPART),
    "many parts": (b"--B\r\nContent-Disposition: form-data; name=a\r\n\r\nv\r\n" * 1000 + b"--B--", MULTIPART),
    "a long content type": (b"--B\r\n\r\nx", "multipart/form-data; boundary=" + "(" * 16_000),
    "a content type of parameters": (b"--B\r\n\r\nx", 'multipart/form-data; a="' + ";" * 16_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_takes_no_time(name: str) -> None:
    body, content_type = HOSTILE[name]
    started = time.perf_counter()
    reading = read(b"", body, content_type)
    assert time.perf_counter() - started < 2
    assert all(parameter.value.isprintable() for parameter in reading.parameters)


@given(st.from_regex(reading_of._QUICK, fullmatch=True))
def test_what_is_read_quickly_is_what_it_would_be_by_the_long_way(pair: str) -> None:
    name, _, value = pair.partition("=")
    assert (clean(name), clean(value), is_unreplaced(value)) == (name, value, False)
    assert read_request(pair.encode(), b"", "", ()).parameters == [Parameter(name, value)]


@given(
    st.lists(
        st.from_regex(reading_of._QUICK, fullmatch=True) | st.sampled_from(["a=null", "a=", "", "a=B"]), max_size=5
    )
)
def test_what_is_said_plainly_is_what_is_said_first(pairs: list[str]) -> None:
    query = "&".join(pairs).encode()
    plainly = reading_of.said_plainly(query)
    assert plainly in (None, reading_of.first_said(read_request(query, b"", "", ())))
    assert (plainly is None) is any(reading_of._QUICK.fullmatch(pair) is None for pair in query.decode().split("&"))
