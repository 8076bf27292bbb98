"""What visitors say of themselves: agents, cookies, looking ahead; real, forged, and made to cost time."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.fuzz.words import Words

BROWSERS = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
]
BOTS = [
    "Googlebot/2.1 (+http://www.google.com/bot.html)",
    "curl/8.5.0",
    "python-requests/2.32",
    "facebookexternalhit/1.1",
]
SLOW = [  # where a pattern goes one way after the other
    *("Mozilla/5.0 (" + "(" * 900, "Android " * 120, "Linux; " * 140 + "x", "Mozilla/5.0 " + "a/1 " * 250, "; " * 500),
    *("Version/" + "1." * 500, "Mozilla/5.0 (" + "CPU OS 1_" * 110, "bot" * 340, " " * 1000 + "x", "A" * 2990 + "bot"),
    *("Chrome/" + "9" * 900, "Opera Mini/" * 90, "tizen" + " " * 900 + "tv", "[FBAN/" * 150, "aft" * 300, "-bo" * 330),
]
AHEAD = [
    *("Purpose: prefetch", "Sec-Purpose: prefetch;prerender", "X-Moz: prefetch", "X-Purpose: preview"),
    "Sec-Purpose: PREFETCH",
]
_KNOWN_AGAIN = re.compile(r"(?:^|;) *visitor=[0-9a-f]{16} *(?:;|$)")
_SAY_AHEAD = ("PURPOSE", "SEC_PURPOSE", "X_PURPOSE", "X_MOZ")


def agent(words: Words) -> str:
    kind = words.chance.randrange(10)
    if kind < 4:
        return words.chance.choice(BROWSERS)
    if kind == 4:
        return words.chance.choice(BOTS)
    if kind == 5:
        return words.chance.choice(SLOW)
    return words.value()


def cookie(words: Words) -> str:
    """Of ours, nearly of ours, or of somebody else."""
    pick = words.chance.choice
    key = f"{words.chance.getrandbits(64):016x}"
    if words.is_so(0.4):
        return pick(
            (f"visitor={key}", f"a=b; visitor={key}", f"visitor={key}; z", f"visitor={key} ;", f";; visitor={key}")
        )
    return pick(
        (
            *(f"visitor={key[1:]}", f"visitor={key}0", f"visitor={key[:-1]}G", f"Visitor={key}", f'visitor="{key}"'),
            *(
                f"xvisitor={key}",
                f"a={key}",
                "visitor=",
                "=",
                ";" * 2900,
                "visitor=" * 360,
                f"{'a=b; ' * 500}visitor={key}",
            ),
            *(f"visitor={key};" * 100, f"visitor={key}, a=b", words.value()),
        )
    )


def is_known_again(headers: Mapping[str, str]) -> bool:
    """By a cookie of ours; headers under the names of WSGI."""
    return _KNOWN_AGAIN.search(headers.get("COOKIE", "")) is not None


def is_ahead(headers: Mapping[str, str]) -> bool:
    """A browser, or a bot, that loads what nobody may ever look at."""
    said = " ".join(headers.get(name, "") for name in _SAY_AHEAD).lower()
    return any(word in said for word in ("prefetch", "preview", "prerender"))
