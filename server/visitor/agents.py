"""What a user agent tells: device, system, browser, and whether it says itself that it is a bot."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

import crawleruseragents
from ua_parser import Parser, UserAgent
from ua_parser.core import Matcher
from ua_parser.lazy import UserAgentMatcher
from ua_parser.loaders import load_lazy_builtins
from ua_parser.regex import Resolver

LONGEST_AGENT = 1024  # of an agent is read; the longest of real browsers are half of it
KEPT = 2048  # agents that were read, in 2 MB or so; another one takes some 50 µs
_LONGEST_VERSION = 16
_LONGEST_NAME = 60
_TOGETHER = 25  # patterns of crawlers in one: each alone takes 18 MB for all, hundreds in one a second for noise

BOT = "bot"
NO_AGENT: Mapping[str, str] = {"device": BOT, "bot": "no agent"}

# The first that fits the agent in lower case; what is a bot by its agent is none of these.
_DEVICES = tuple(
    (device, re.compile(pattern))
    for device, pattern in (
        ("console", r"playstation|xbox|nintendo"),
        (
            "tv",
            r"smart-?_?tv|smarttv|hbbtv|apple ?tv|google ?tv|android ?tv|mitv|netcast|web0s|bravia|crkey|roku|vidaa",
        ),
        ("tv", r"\baft[a-z]{1,2}\b|\baft[a-z0-9]{2,6} build|large screen|tizen(?=.{0,200}\btv\b)|chromecast|viera"),
        ("tablet", r"ipad|tablet(?! pc)|playbook|kindle|\bsilk\b(?!.*mobile)"),
        (
            "tablet",
            r"^(?!.*(?:mobile|opera m))(?=.*android)(?=.*(?:chrome|safari|firefox)/)",
        ),  # as browsers there have it
        ("mobile", r"mobi|iphone|ipod|android|windows phone|blackberry|bb10|opera mini|ucweb|midp|symbian|kaios|nokia"),
        ("desktop", r"windows|macintosh|mac os x|x11|cros|linux|freebsd|openbsd"),
    )
)


# What the list of crawlers leaves out: libraries that programs ask with, and whatever calls itself one.
# No Cubot: they are phones. These are matched without looking back or ahead, in a time that grows with the agent only.
_MORE_CRAWLERS = (
    r"^(?i:node|undici|dart|deno|bun|ruby|faraday|php|symfony|guzzlehttp|libcurl|restsharp|winhttp|java|reqwest)\b",
    r"^(?i:postmanruntime|insomnia|apachebench|k6|hackney|lua-resty-http)\b",
    "WindowsPowerShell",
    r"\b(?:[\w-]*[^\WuU])?(?i:bot)\b",
    r"(?i:[\w-]*(?:spider|crawler|scraper))\b",
)


@functools.lru_cache(maxsize=KEPT)
def facts_of(agent: str) -> Mapping[str, str]:
    """By column of a click; what the agent does not tell is not there."""
    text = agent[:LONGEST_AGENT].encode(errors="replace").decode()
    systems_and_browsers, _ = _parsers()
    system = systems_and_browsers.parse_os(text)
    browser = systems_and_browsers.parse_user_agent(text)
    told = {
        "os": system and system.family,
        "os_version": system and _version(system.major, system.minor),
        "browser": browser and browser.family,
        "browser_version": browser and _version(browser.major, browser.minor),
    }
    facts = {name: value[:_LONGEST_NAME] for name, value in told.items() if value}
    if crawler := _crawler(text):
        return {"device": BOT, "bot": f"agent: {crawler}", **facts}
    lower = text.lower()
    device = next((device for device, pattern in _DEVICES if pattern.search(lower)), None)
    return {"device": device, **facts} if device else facts


def warm_up() -> None:
    """Compiles the patterns, so that no click waits for it."""
    _parsers()


@functools.cache
def _parsers() -> tuple[Parser, Parser]:
    """For systems and browsers, and for crawlers by the words that the list of crawlers knows them by."""
    browsers, systems, _devices = load_lazy_builtins()
    known = [*(one["pattern"] for one in crawleruseragents.CRAWLER_USER_AGENTS_DATA), *_MORE_CRAWLERS]
    together = ["|".join(known[at : at + _TOGETHER]) for at in range(0, len(known), _TOGETHER)]
    crawlers: list[Matcher[UserAgent]] = [UserAgentMatcher(f"({patterns})") for patterns in together]
    return Parser(Resolver((browsers, systems, []))), Parser(Resolver((crawlers, [], [])))


def _crawler(text: str) -> str | None:
    found = _parsers()[1].parse_user_agent(text)
    return (found.family.strip(" /;:(+")[:_LONGEST_NAME] or "crawler") if found else None


def _version(major: str | None, minor: str | None) -> str | None:
    """Short: 14, 17.4, 129."""
    if not major:
        return None
    return (f"{major}.{minor}" if minor and minor.strip("0") else major)[:_LONGEST_VERSION]
