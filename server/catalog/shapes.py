"""What may stand in a template: the keys of both kinds of file, and the shape of each value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches

from server.domain.template import Place, problem_of

Shape = Callable[[str, object], None]  # looks at the value of a key; raises Misfit where it does not fit


class Misfit(Exception):
    """A value that does not fit: which key, what about it, how to mend it."""

    def __init__(self, key: str, complaint: str, remedy: str = "") -> None:
        self.key, self.complaint, self.remedy = key, complaint, remedy
        super().__init__(f"{key} {complaint}")


def text(key: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise Misfit(key, "must be a text that is not empty.")


def rendered(place: Place) -> Shape:
    """A text with macros, each of which has to be known."""

    def check(key: str, value: object) -> None:
        text(key, value)
        if problem := problem_of(str(value), place):
            raise Misfit(key, "cannot be rendered:", problem if problem.endswith("?") else f"{problem}.")

    return check


def switch(key: str, value: object) -> None:
    if not isinstance(value, bool):
        raise Misfit(key, "must be true or false.")


def count(key: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Misfit(key, "must be a whole number.")


def one_of(*words: str) -> Shape:
    def check(key: str, value: object) -> None:
        if value not in words:
            raise Misfit(key, "must be one of the known words.", _suggest(str(value), words))

    return check


def list_of(shape: Shape) -> Shape:
    def check(key: str, value: object) -> None:
        if not isinstance(value, list):
            raise Misfit(key, "must be a list.")
        for place, entry in enumerate(value):
            shape(f"{key}[{place}]", entry)

    return check


def table_of(shape: Shape) -> Shape:
    """Accept a table with any names and values of one shape."""

    def check(key: str, value: object) -> None:
        for name, entry in _entries(key, value):
            shape(f"{key}.{name}", entry)

    return check


def table(shapes: Mapping[str, Shape], required: Collection[str] = ()) -> Shape:
    """Accept a table with known keys; the whole document is the table without a key of its own."""

    def check(key: str, value: object) -> None:
        prefix = f"{key}." if key else ""
        present = dict(_entries(key, value))
        for name, entry in present.items():
            if name not in shapes:
                raise Misfit(f"{prefix}{name}", "is not a key of a template.", _suggest(name, shapes))
            shapes[name](f"{prefix}{name}", entry)
        for name in required:
            if name not in present:
                raise Misfit(f"{prefix}{name}", "is missing.")

    return check


def _entries(key: str, value: object) -> Iterable[tuple[str, object]]:
    if not isinstance(value, dict):
        raise Misfit(key, "must be a table.")
    return value.items()


def _suggest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}."


_CUSTOM = tuple(f"custom{n}" for n in range(1, 6))
FIELDS = ("click_id", "payout", "sale_amount", "currency", "status", "event", "txn_id", "time", *_CUSTOM)
STATUSES = ("pending", "approved", "rejected", "refunded", "charged_back")

_texts = list_of(text)
_status = one_of(*STATUSES)
_by_field = table(dict.fromkeys(FIELDS, text))

_HEAD: dict[str, Shape] = {
    "name": text,
    "kind": one_of("generic", "platform", "affiliate_network", "ad_network", "conversion_api"),
    "confidence": one_of("high", "medium", "low"),
    "facts": _texts,
    "notes": text,
}

NETWORK = table(
    {
        **_HEAD,
        "click_id_param": text,
        "network": table(
            {
                "ips": _texts,
                "currency": text,
                "time_zone": text,
                "number_style": one_of("1,234.50", "1.234,50"),
                "default_status": _status,
                "payout_from": one_of("postback", "offer"),
                "last_word_wins": switch,
                "each_postback_counts": switch,
                "txn_prefix": text,
                "strict": switch,
                "macros": _by_field,
                "params": _by_field,
                "status_words": table(dict.fromkeys(STATUSES, _texts)),
            },
        ),
    },
    required=_HEAD,
)

SOURCE = table(
    {
        **_HEAD,
        "fill_in": table_of(text),
        "source": table(
            {
                "external_id": text,
                "cost": text,
                "cost_currency": text,
                "number_style": one_of("1,234.50", "1.234,50"),
                "subs": table(
                    dict.fromkeys(
                        (f"sub{n}" for n in range(1, 21)),
                        table({"name": text, "token": text}, required=("name", "token")),
                    ),
                ),
                "relay": table(
                    {
                        "method": one_of("GET", "POST"),
                        "url": rendered("url"),
                        "headers": table_of(rendered("header")),
                        "body": rendered("form"),  # its macros alone: JSON or not, a header decides
                        "statuses": list_of(_status),
                        "events": _texts,
                        "share": text,
                        "minimum": text,
                        "delay": text,
                        "sample": text,
                        "cap": count,
                        "success": text,
                        "on_payout_change": switch,
                        "on_ambiguous": one_of("retry", "hold"),
                    },
                    required=("url",),
                ),
            },
        ),
    },
    required=_HEAD,
)
