"""Turns the evidence of a click into cards: what happened, in order, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from app.curl import curl_of_postback, curl_of_sent
from app.figures import exact, moment_of, money
from app.theme import Tone
from app.widgets.evidence_parts import Card, Line, Part, Raw
from app.widgets.tones import spoken, tone_of_outcome, tone_of_state, tone_of_status
from server.api.lists import Shown
from server.api.reasons import reason_of

_NOTHING_TO_DO = "Nothing to do."
_MOST = 25  # of each kind: a click that was reported a thousand times is read in the list
_PATHS = {
    "only_path": "the only path",
    "weight": "chosen by weight",
    "conditions": "its conditions hold",
    "no_path_open": "no path was open, so the first one",
    "paused": "the campaign was paused",
}
_FACTS = {
    "source": "Source",
    "external_id": "External id",
    "country": "Country",
    "region": "Region",
    "device": "Device",
    "os": "System",
    "browser": "Browser",
    "language": "Language",
    "ip": "Address",
    "referrer": "Referrer",
    "user_agent": "Agent",
    "bot": "Bot",
}


class Cards:
    """In the owner's zone; times are told from the click on, where there is one."""

    def __init__(self, zone: ZoneInfo, base: str) -> None:
        self._zone = zone
        self._base = base
        self._began: str | None = None

    def of_chain(self, chain: Mapping[str, Any]) -> list[Card]:
        self._began = chain["click"]["time"]
        return list(self._in_order(chain))

    def of_postback(self, row: Shown) -> list[Card]:
        """One that belongs to no click."""
        return [self._postback(row)]

    def _in_order(self, chain: Mapping[str, Any]) -> Iterator[Card]:
        yield self._click(chain["click"])
        yield from map(self._step, chain["steps"])
        yield from self._some("postbacks", chain["postbacks"], self._postback)
        if not chain["postbacks"]:
            words = "The network has not reported this click. That is so for most clicks."
            yield Card("no postback", "inbox", "No postback yet", Line(""), lines=(Line(words, Tone.MUTED),))
        yield from self._some("conversions", chain["conversions"], self._conversion)
        yield from self._some("relays", chain["relays"], self._relay)

    def _some(self, kind: str, rows: Sequence[Shown], card: Callable[[Shown], Card]) -> Iterator[Card]:
        """The newest, after a line that tells how many came before."""
        if len(rows) > _MOST:
            words = f"{len(rows) - _MOST} older {kind} are not shown here: look for the click id in the list of {kind}."
            yield Card(f"older {kind}", "ellipsis", f"{len(rows)} {kind}", Line(""), lines=(Line(words, Tone.MUTED),))
        yield from map(card, rows[-_MOST:])

    def _click(self, click: Shown) -> Card:
        facts = [("Campaign", click["campaign"] or "–")]
        facts += [(words, str(click[name])) for name, words in _FACTS.items() if click[name]]
        if click["cost"] is not None:
            facts.insert(3, ("Cost", money(click["cost"], click["currency"])))
        facts += [(name, click[name]) for name in (f"sub{number}" for number in range(1, 21)) if click[name]]
        facts += list((click["platform_ids"] or {}).items())
        where = click["offer"] or click["landing"]
        why = _PATHS.get(click["reason"], spoken(click["reason"]))
        path = f"Path {click['path']}, {why}" if click["path"] else why.capitalize()
        state = Line(f"went to {where}" if where else "went nowhere", Tone.GOOD if click["destination"] else Tone.BAD)
        lines = [Line(f"{path}.")]
        if click["landing"] and click["offer"]:
            lines.append(Line(f"Landing page {click['landing']}, then offer {click['offer']}."))
        if click["test"]:
            lines.append(Line("Made by a test: nothing is booked for it.", Tone.MUTED))
        raws = (Raw("Redirected to", click["destination"]),) if click["destination"] else ()
        told = exact(click["time"], self._zone)
        return Card("click", "mouse-pointer-click", "Click", state, told, told, tuple(lines), tuple(facts), raws=raws)

    def _step(self, step: Shown) -> Card:
        return Card(
            f"step {step['time']}",
            "arrow-right",
            "Step",
            Line(f"left the landing page for {step['offer']}", Tone.GOOD),
            *self._when(step["time"]),
            raws=(Raw("Redirected to", step["destination"]),),
        )

    def _postback(self, row: Shown) -> Card:
        tone = tone_of_outcome(row["outcome"])
        lines = [Line(row["reason"])]
        if row["remedy"] and row["remedy"] != _NOTHING_TO_DO:
            lines.append(Line(row["remedy"], Tone.MUTED))
        lines += [Line(reason, Tone.WAITING) for reason in row["warning_reasons"]]
        before = tuple(
            Line(
                f"Until {exact(one['until'], self._zone)} it was {spoken(one['outcome'])}: {one['reason']}", Tone.MUTED
            )
            for one in row.get("judged_before", ())
        )
        return Card(
            f"postback {row['id']}",
            "inbox",
            f"Postback {row['id']}",
            Line(spoken(row["outcome"]), tone),
            *self._when(row["time"]),
            lines=tuple(lines),
            history=before,
            raws=(Raw(f"Request from {row['ip']}", _request(row), curl_of_postback(row, self._base)),),
        )

    def _conversion(self, row: Shown) -> Card:
        if row["kept"]:
            state = Line(spoken(row["kept"]), Tone.BAD if row["kept"] == "conflict" else Tone.WAITING)
        else:
            state = Line(spoken(row["status"]), tone_of_status(row["status"]))
        names = (("Network", row["network"]), ("Offer", row["offer"]), ("Event", row["event"]))
        facts = [
            ("Payout", money(row["payout"], row["currency"])),
            ("Net", money(row["net"], row["currency"])),
            *names,
            ("Transaction", row["txn_id"]),
            ("Sale", money(row["sale_amount"], row["currency"]) if row["sale_amount"] is not None else None),
            ("Counted", "yes" if row["counted"] else "no, a test" if row["test"] else "no"),
            *((f"Custom {number}", row[f"custom{number}"]) for number in range(1, 6)),
        ]
        return Card(
            f"conversion {row['id']}",
            "badge-dollar-sign",
            f"Conversion {row['id']}",
            state,
            *self._when(row["time"]),
            facts=tuple((name, str(value)) for name, value in facts if value is not None),
            history=tuple(map(self._entry, row.get("history", ()))),
        )

    def _entry(self, entry: Shown) -> Line:
        who = "by hand" if entry["by_hand"] else f"postback {entry['postback']}"
        amount = f" {money(entry['amount'], entry['currency'])}" if entry["amount"] else ""
        said = f", {exact(entry['network_time'], self._zone)} by its clock" if entry["network_time"] else ""
        after = self._when(entry["time"])[0]
        words = f"{spoken(entry['status'])}{amount} · {spoken(entry['effect'])} · {who}{said} · {after}"
        return Line(words, Tone.ACCENT if entry["by_hand"] else tone_of_outcome(entry["effect"]))

    def _relay(self, row: Shown) -> Card:
        reason = reason_of(row["reason"])
        lines = [Line(reason.why)] if reason.why else []
        lines += [Line(reason.remedy, Tone.MUTED)] if reason.remedy else []
        if row["next_attempt"]:
            lines.append(Line(f"Next attempt {exact(row['next_attempt'], self._zone)}.", Tone.MUTED))
        attempts = tuple(self._attempt(number, one) for number, one in enumerate(row["history"], start=1))
        would = (Raw("Request as it would be sent", _sent(row), curl_of_sent(row)),) if row["url"] else ()
        return Card(
            f"relay {row['id']}",
            "send",
            f"Relay: {spoken(row['status'])} to {row['destination'].removeprefix('source:')}",
            Line(row["state"], tone_of_state(row["state"])),
            *self._when(row["time"]),
            lines=tuple(lines),
            facts=(("Payout", money(row["payout"], row["currency"])), ("Key", row["key"])),
            raws=() if attempts else would,
            parts=attempts,
        )

    def _attempt(self, number: int, one: Shown) -> Part:
        is_good, is_open = one["result"] == "delivered", one["result"] == "sending"
        tone = Tone.GOOD if is_good else Tone.WAITING if is_open else Tone.BAD
        said = [f"Attempt {number}", self._when(one["time"])[0], str(one["status"] or "")]
        said += [f"{one['milliseconds']} ms" if one["milliseconds"] is not None else ""]
        said += [one["result"] if is_good or is_open else reason_of(one["result"]).why]
        raws = [Raw("Sent", _sent(one), curl_of_sent(one))] if one["url"] else []
        if one["answer"]:
            raws.append(Raw("Answer", one["answer"]))
        return Part(Line(" · ".join(filter(None, said)), tone), tuple(raws))

    def _when(self, iso: str) -> tuple[str, str]:
        """How long after the click, and exactly when."""
        if self._began is None:
            return exact(iso, self._zone), exact(iso, self._zone)
        seconds = (moment_of(iso) - moment_of(self._began)).total_seconds()
        return f"{_span(seconds)} after the click", exact(iso, self._zone)


def _span(seconds: float) -> str:
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, hours, days = seconds / 60, seconds / 3600, seconds / 86_400
    return f"{minutes:.0f} min" if minutes < 60 else f"{hours:.1f} h" if hours < 24 else f"{days:.1f} days"


def _request(row: Shown) -> str:
    query = f"?{row['query']}" if row["query"] else ""
    head = f"{row['method']} {row['address']}{query}"
    kind = f"\nContent-Type: {row['content_type']}" if row["content_type"] else ""
    return f"{head}{kind}\n\n{row['body']}" if row["body"] else f"{head}{kind}"


def _sent(sent: Shown) -> str:
    headers = "".join(f"\n{name}: {value}" for name, value in (sent["headers"] or {}).items())
    body = f"\n\n{sent['body']}" if sent["body"] else ""
    return f"{sent['method']} {sent['url']}{headers}{body}"
