"""The schema of the setup file: a row for each key, with the form of its value. Defaults are those of the domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from server.domain.paths import Path, Weighted
from server.domain.status import Status, fold_word
from server.domain.template import Place
from server.domain.things import FIELDS, SUBS, CampaignCost, Cap, Payout, RelayTemplate, Signature, Sub
from server.setup import values
from server.setup.conditions import WHEN
from server.setup.forms import (
    BOOL,
    LINES,
    NUMBER,
    TEXT,
    WORD,
    Form,
    Table,
    list_of,
    mapping_of,
    one_of,
    optional,
    reference,
    table,
)
from server.setup.problem import At
from server.setup.secrecy import known_secret

_TEXT_OR_NONE = optional(TEXT)


def _body_place(relay: RelayTemplate) -> Place:
    content_type = next((value for name, value in relay.headers.items() if name.lower() == "content-type"), "")
    return "json" if "json" in content_type.lower() or relay.body.lstrip()[:1] in ("{", "[") else "form"


def _relay(made: dict[str, Any], at: At) -> RelayTemplate:
    relay = RelayTemplate(**made)
    if relay.body:
        values.checked_template(relay.body, _body_place(relay), at / "body")
    return relay


def _status_words(made: Mapping[str, Sequence[str]], at: At) -> Mapping[Status, Sequence[str]]:
    meanings: dict[str, str] = {}
    for status, words in made.items():
        for word in words:
            if (other := meanings.setdefault(fold_word(word), status)) != status:
                raise (at / status).refusal(f"'{word}' stands under {other} too.", "Keep it under one of them.")
    return {Status(status): words for status, words in made.items()}


def _cost(made: dict[str, Any], at: At) -> CampaignCost:
    model, value = made.get("model"), made.get("value")
    if model is None and made:
        raise at.refusal("needs model.", "It is one of cpc, cpm, cpa, share, none.")
    if model in (None, "none"):
        if value is not None:
            raise (at / "value").refusal("model none has no value.", "Leave it out, or name another model.")
        return CampaignCost(currency=made.get("currency"))
    if value is None:
        raise at.refusal("needs value.")
    return _priced(model, value, made.get("currency"), at / "value")


def _priced(model: Any, value: Payout, currency: str | None, at: At) -> CampaignCost:
    if (model == "share") != (value.share is not None):
        example = 'a share such as "70%"' if model == "share" else 'money such as "0.012"'
        raise at.refusal(f"model {model} expects {example}.")
    return CampaignCost(model, value.micros, value.share, currency)


def _cap(made: dict[str, Any], at: At) -> Cap:
    if "conversions" not in made and "clicks" not in made:
        raise at.refusal("needs conversions or clicks.")
    return Cap(**made)


def _weigh(options: Sequence[Any], at: At) -> None:
    if options and not sum(option.weight for option in options):
        raise at.refusal("all weights are 0, so nothing could be chosen.", "Give one of them a weight.")


def _path(made: dict[str, Any], at: At) -> Path:
    if not made["offers"]:
        raise (at / "offers").refusal("a path needs at least one offer.")
    _weigh(made["offers"], at / "offers")
    _weigh(made.get("landings", ()), at / "landings")
    if made.get("default") and made.get("when"):
        raise (at / "when").refusal("a default path has no conditions.", "It is taken when no other path is open.")
    return Path(**made)


def _campaign(made: dict[str, Any], at: At) -> dict[str, Any]:
    paths = made.pop("path")
    if not paths:
        raise (at / "path").refusal("a campaign needs at least one path.")
    _weigh(paths, at / "path")
    return {**made, "paths": paths}


def _weighted(kind: str) -> Form:
    def make(made: dict[str, Any], _at: At) -> Weighted:
        return Weighted(made.pop(kind), **made)

    return list_of(table({kind: reference(kind), "weight": NUMBER}, make, required=(kind,)))


def _built(kind: Callable[..., Any]) -> Callable[[dict[str, Any], At], Any]:
    return lambda made, _at: kind(**made)


_SECRET = Form(TEXT.read, known_secret(TEXT.make))
_HEADERS = mapping_of(
    Form(values.HEADER.read, known_secret(values.HEADER.make)), name=values.SENT_HEADER_NAME, is_cased=False
)
_BY_FIELD = mapping_of(TEXT, FIELDS)
_STATUS_WORDS = mapping_of(list_of(WORD), tuple(status.value for status in Status))

RELAY = table(
    {
        "method": one_of("GET", "POST", "PUT"),
        "url": optional(values.URL, ""),
        "headers": _HEADERS,
        "body": Form(LINES.read, values.make_template),
        "statuses": list_of(values.STATUS),
        "events": list_of(TEXT),
        "share": values.SHARE,
        "minimum": values.MONEY,
        "delay": values.DURATION,
        "sample": values.SHARE,
        "cap": NUMBER,
        "success": _TEXT_OR_NONE,
        "on_payout_change": BOOL,
        "on_ambiguous": one_of("retry", "hold"),
        "allow": list_of(values.RANGE),
        "paused": BOOL,
    },
    _relay,
)
DESTINATION = Table(RELAY.read, table(RELAY.fields, _relay, required=("url",)).make, RELAY.fields)

PATH = table(
    {
        "name": TEXT,
        "weight": NUMBER,
        "priority": NUMBER,
        "default": BOOL,
        "when": WHEN,
        "match": one_of("all", "any"),
        "landings": _weighted("landing"),
        "offers": _weighted("offer"),
    },
    _path,
    required=("offers",),
)

OWNER = table(
    {
        "base_currency": values.CURRENCY,
        "timezone": values.ZONE,
        "domain": optional(values.DOMAIN),
        "fallback_url": optional(values.FIXED_URL),
        "currencies": list_of(values.CODE),
        "trusted_proxies": list_of(values.RANGE),
        "client_ip_header": optional(values.HEADER_NAME),
    },
)

SOURCE = table(
    {
        "name": TEXT,
        "template": optional(reference("source template"), ""),
        "external_id": _TEXT_OR_NONE,
        "cost": _TEXT_OR_NONE,
        "cost_currency": optional(values.CURRENCY),
        "number_style": optional(one_of("1,234.50", "1.234,50")),
        "subs": mapping_of(table({"name": TEXT, "token": TEXT}, _built(Sub)), SUBS),
        "relay": RELAY,
    },
)

NETWORK = table(
    {
        "name": TEXT,
        "template": optional(reference("network template"), ""),
        "token": _SECRET,
        "ips": list_of(values.RANGE),
        "hmac": table(
            {"header": values.HEADER_NAME, "secret": _SECRET, "over": one_of("body", "query")},
            _built(Signature),
            required=("header", "secret"),
        ),
        "currency": optional(values.CURRENCY),
        "time_zone": values.ZONE,
        "number_style": optional(one_of("1,234.50", "1.234,50")),
        "default_status": values.STATUS,
        "payout_from": one_of("postback", "offer"),
        "last_word_wins": BOOL,
        "each_postback_counts": BOOL,
        "txn_prefix": _TEXT_OR_NONE,
        "strict": BOOL,
        "pixel": BOOL,
        "macros": _BY_FIELD,
        "params": _BY_FIELD,
        "status_words": Form(_STATUS_WORDS.read, lambda value, at: _status_words(_STATUS_WORDS.make(value, at), at)),
    },
)

OFFER = table(
    {
        "name": TEXT,
        "network": reference("network"),
        "url": values.URL,
        "payout": values.PAYOUT,
        "currency": optional(values.CURRENCY),
        "events": mapping_of(values.PAYOUT, is_cased=False),
        "window_days": NUMBER,
        "cap": table(
            {"conversions": NUMBER, "clicks": NUMBER, "alternative": reference("offer")},
            _cap,
            required=("alternative",),
        ),
    },
    required=("network", "url"),
)

LANDING = table({"name": TEXT, "url": values.URL}, required=("url",))

CAMPAIGN = table(
    {
        "name": TEXT,
        "source": reference("source"),
        "cost": table(
            {
                "model": one_of("cpc", "cpm", "cpa", "share", "none"),
                "value": values.PAYOUT,
                "currency": optional(values.CURRENCY),
            },
            _cost,
        ),
        "paused": BOOL,
        "sticky": BOOL,
        "otherwise": optional(values.URL),
        "bots": optional(values.URL),
        "domain": optional(values.DOMAIN),
        "destinations": list_of(DESTINATION),
        "path": list_of(PATH),
    },
    _campaign,
    required=("source", "path"),
)

SCHEMA: Mapping[str, Table] = {
    "owner": OWNER,
    "source": SOURCE,
    "network": NETWORK,
    "offer": OFFER,
    "landing": LANDING,
    "campaign": CAMPAIGN,
}
