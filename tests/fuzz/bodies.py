"""Bodies, and how their end is told: forms, JSON, multipart, noise; lengths and chunks that are right, odd or a lie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence

from tests.fuzz.words import POSTBACK_NAMES, Words

FORM = "application/x-www-form-urlencoded"
TYPES = [
    *("application/json", FORM, "text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "", ";;;=;"),
    *(
        "application/json; charset=utf-16",
        f"{FORM}; charset=windows-1252",
        "a/b; charset=rot13",
        "text/html; charset=\xff",
    ),
    *(
        "application/vnd.api+json",
        "multipart/mixed; boundary=",
        "multipart/form-data; boundary=" + "b" * 300,
        "x" * 400,
    ),
    *(f"{FORM}; charset=idna", f"{FORM}; charset=utf-7", "application/json; charset=undefined", f"{FORM}; charset=zip"),
]
LITERALS = [
    *("1e999", "NaN", "-0", "1.5", "true", "null", '"\\ud800"', '{"a": [1]}', "[]", '"\\u0000"', "01", "1" * 5000),
    *('"\\', "{}", "-", '"\u202e"', "1.0E+400", '{"a":' * 30 + "1" + "}" * 30, "'x'", "// c", '"' + "z" * 3000 + '"'),
]
DEEP = [
    b"[" * 30_000,
    b'{"a":' * 10_000,
    b'{"a":' * 900 + b"1" + b"}" * 900,
    b'{"click_id": ' + b"[" * 2000 + b"]" * 2000,
]


def body(words: Words, network: str) -> tuple[bytes, str]:
    """A body and the type that it claims to have."""
    pairs = words.postback(network)
    kind = words.chance.randrange(20)
    if kind < 8:
        made, claimed = words.joined(pairs), FORM
    elif kind < 13:
        made, claimed = _json(words, network), "application/json"
    elif kind < 15:
        made, claimed = _multipart(words, pairs), "multipart/form-data; boundary=x"
    elif kind == 15:
        made, claimed = words.chance.choice(DEEP), "application/json"
    elif kind == 16:
        made, claimed = words.chance.randbytes(words.chance.choice((1, 40, 4000))), FORM
    elif kind == 17:
        text, charset = words.joined(pairs).decode("latin-1"), words.chance.choice(("utf-16", "utf-8-sig", "utf-16-be"))
        made, claimed = text.encode(charset), f"{FORM}; charset={charset}"
    elif kind == 18:
        made, claimed = b"&".join(b"p%d=%d" % (n, n) for n in range(words.chance.choice((100, 5000)))), FORM
    else:
        made, claimed = b"", FORM
    if words.is_so(0.05):
        made = words.chance.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00", b"\r\n")) + made
    return made, words.chance.choice(TYPES) if words.is_so(0.15) else claimed


def _json(words: Words, network: str) -> bytes:
    pick = words.chance.choice
    told: dict[str, str] = {"click_id": json.dumps(words.click_id(network)), "payout": pick(("1.5", '"2,50"', "3"))}
    if token := words.token(network):
        told["token"] = json.dumps(token)
    for _ in range(pick((0, 1, 3))):
        told[pick(POSTBACK_NAMES)] = pick(LITERALS) if words.is_so(0.5) else json.dumps(words.value())
    made = "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in told.items()) + "}"
    if words.is_so(0.2):
        made = pick((made[:-1], made + "}", "[" + made + "]", made * 2, made.replace('"', "'"), " \n" + made, "null"))
    return made.encode("utf-8", "surrogatepass")


def _multipart(words: Words, pairs: Sequence[tuple[str, bytes]]) -> bytes:
    part = words.chance.choice((b'name="%s"', b"name=%s", b'filename="x"; name="%s"', b'name="%s', b"name*=utf-8''%s"))
    made = b"".join(
        b"--x\r\nContent-Disposition: form-data; " + part % name.encode() + b"\r\n\r\n" + value + b"\r\n"
        for name, value in pairs
    )
    return made + words.chance.choice((b"--x--\r\n", b"--x--", b"", b"--x\r\n", b"--y--\r\n", b"--x\r\n" * 500))


def signature(words: Words, signed: bytes) -> str:
    digest = hmac.new(b"fuzz-hmac-secret", signed, hashlib.sha256).digest()
    right = words.chance.choice((digest.hex(), "sha256=" + digest.hex().upper(), base64.b64encode(digest).decode()))
    return right if words.is_so(0.85) else words.chance.choice((right[:-1], "", "é", words.value()))


def framed(words: Words, said: bytes) -> tuple[list[bytes], bytes]:
    """The headers that tell a body's end, and the bytes that follow them."""
    kind = words.chance.randrange(20)
    length = b"Content-Length: %d" % len(said)
    if kind < 13:
        return [length], said
    if kind < 16:
        return [b"Transfer-Encoding: chunked"], _chunks(words, said)
    return words.chance.choice(
        (
            ([length, b"Transfer-Encoding: chunked"], _chunks(words, said)),
            ([b"Transfer-Encoding: " + words.chance.choice((b"gzip", b"chunked, chunked", b"xchunked", b""))], said),
            ([length, length], said),
            ([length, b"Content-Length: 3"], said),
            (
                [b"Content-Length: " + words.chance.choice((b"-1", b"+3", b"0x3", b"3.0", b"9" * 5000, b"1e3", b""))],
                said,
            ),
            ([b"Content-Length: %d" % (len(said) + 7)], said),
            ([b"Content-Length: %d" % max(0, len(said) - 7)], said),
            ([b"Content-Length: 70000"], said.ljust(70_000, b"&")),
            ([length, b"Expect: 100-continue"], said),
            ([b"Transfer-Encoding: chunked", b"Expect: 100-continue"], _chunks(words, said)),
            ([b"Transfer-Encoding: chunked"], b"FFFFFFFFFFFFFFFFF\r\n" + said),
            ([], said),
        )
    )


def _chunks(words: Words, said: bytes) -> bytes:
    made, at = [], 0
    while at < len(said):
        size = words.chance.choice((1, 7, 100, 5000))
        one = said[at : at + size]
        made.append(b"%x%s\r\n%s\r\n" % (len(one), words.chance.choice((b"", b"", b"", b";a=b")), one))
        at += size
    if words.is_so(0.1):
        made.append(words.chance.choice((b"zz\r\nabc\r\n", b"-1\r\n", b"3\r\na=1234\r\n", b"0x3\r\nabc\r\n")))
    return b"".join(made) + words.chance.choice(
        (b"0\r\n\r\n",) * 6 + (b"0\r\nX-A: b\r\n\r\n", b"0\r\n", b"0;\xff\r\n\r\n")
    )
