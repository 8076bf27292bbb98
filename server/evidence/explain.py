"""A dry run of one request: read, judged, and put into words; nothing is written."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from server.domain import said
from server.domain.judging import judge
from server.domain.money import format_money
from server.domain.outcome import OUTCOMES, Outcome, reason_of, remedy_of
from server.domain.reading import Parameter, first_said, read_request
from server.domain.said import Said
from server.domain.things import FIELDS, TOKEN, Campaign, Network
from server.evidence.simulating import Visitor, try_out
from server.pipeline import attribution
from server.pipeline.click import PLATFORM_IDS
from server.pipeline.gathering import gather
from server.pipeline.ground import Ground
from server.pipeline.receipt import Receipt, refusal_of

_CLICK_PARAMETERS = {
    "ext": "the source's own id of the click, handed back to it in the relay",
    "cost": "the price of this click",
    **{f"sub{number}": f"sub id {number}" for number in range(1, 21)},
    **dict.fromkeys(PLATFORM_IDS, "the platform's click id, kept"),
}


def explain_click(campaign: Campaign, query: bytes, visitor: Visitor, ground: Ground) -> dict[str, Any]:
    reading = read_request(query, b"", "", frozenset(_CLICK_PARAMETERS))
    simulated, sent = try_out(campaign, first_said(reading), visitor, ground)
    return {
        "summary": f"A click of campaign {campaign.key}.",
        "parameters": [
            {"name": p.name, "value": p.value, "reading": _of_click(p, sent.click)} for p in reading.parameters
        ],
        "result": {
            "reason": sent.click["reason"],
            "example_destination": sent.location,
            "cost": format_money(sent.click["cost"]) if sent.click["cost"] is not None else None,
            "currency": sent.click["cost_currency"],
        },
        "sentences": [],
        "simulated": simulated,
    }


def explain_postback(
    connection: Connection, receipt: Receipt, network: Network | None, ground: Ground
) -> dict[str, Any]:
    refusal = refusal_of(receipt, network)
    if network is None:
        return _told(Outcome.UNAUTHORISED, {"detail": refusal or ""}, [], receipt, None, None)
    heard = attribution.understand(receipt, network, ground)
    if refusal:
        return _told(Outcome.UNAUTHORISED, {"detail": refusal}, [], receipt, network, heard)
    facts = gather(connection, heard, network, 0, receipt.arrived_at, ground)
    judgement = judge(heard, network, facts)
    remarks = [f"{remark.warning}: {remark.reason} {remark.remedy}" for remark in judgement.remarks]
    told = _told(judgement.outcome, judgement.details, remarks, receipt, network, heard)
    if judgement.change:
        after = judgement.change.after
        told["result"] |= {
            "status": after.status.value,
            "payout": format_money(after.payout) if after.payout is not None else None,
            "net": format_money(after.net),
            "currency": after.currency,
            "conversion": judgement.change.known.id if judgement.change.known else "new",
        }
    told["result"]["warnings"] = list(dict.fromkeys(remark.warning.value for remark in judgement.remarks))
    return told


def _told(
    outcome: Outcome,
    details: Any,
    remarks: list[str],
    receipt: Receipt,
    network: Network | None,
    heard: Said | None,
) -> dict[str, Any]:
    names = said.names_of(network) if network else frozenset()
    parameters = read_request(receipt.query, receipt.body, receipt.content_type, names).parameters
    status = OUTCOMES[outcome].strict_status if outcome is Outcome.UNAUTHORISED or (network and network.strict) else 200
    return {
        "summary": f"A postback of network {network.key}." if network else f"A postback to /p/{receipt.address}.",
        "parameters": [
            {
                "name": parameter.name,
                "value": "***" if parameter.name == TOKEN else parameter.value,
                "reading": _of_postback(parameter, network, heard),
            }
            for parameter in parameters
        ],
        "result": {"outcome": outcome.value, "answer": status},
        "sentences": [reason_of(outcome, details), remedy_of(outcome, details), *remarks],
    }


def _of_click(parameter: Parameter, decided: Any) -> str:
    if parameter.name not in _CLICK_PARAMETERS:
        return "not ours, not kept"
    if parameter.is_macro:
        return "a macro that the source did not replace: counts as absent"
    if parameter.is_nothing:
        return "nothing"
    if parameter.name == "cost" and decided["cost"] is None:
        return "no amount that can be read one way only"
    return _CLICK_PARAMETERS[parameter.name]


def _of_postback(parameter: Parameter, network: Network | None, heard: Said | None) -> str:
    if parameter.name == TOKEN:
        return "the token"
    if parameter.is_macro:
        return "a macro that the network did not replace: counts as absent"
    if heard and heard.click.key is not None and parameter.name == heard.click.parameter:
        return "our click id, and it proves itself"
    fields = [name for name in FIELDS if network and parameter.name in network.names[name]]
    if parameter.is_nothing:
        return f"nothing for {fields[0]}" if fields else "nothing"
    return f"read as {' or '.join(fields)}" if fields else "kept with the receipt, not read"
