"""Turns the evidence of a click into cards: what happened, in order, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from app.curl import curl_of_postback, curl_of_sent
from app.figures import exact, moment_of, money
from app.theme import Tone
from app.widgets.evidence_facts import cost_of_conversion, facts_of
from app.widgets.evidence_parts import Card, Line, Part, Raw
from app.widgets.reasons import reason_in_full
from app.widgets.tones import spoken, tone_of_outcome, tone_of_state, tone_of_status
from server.api.lists import Shown
from server.api.reasons import reason_of

_NOTHING_TO_DO = "Nothing to do."
_MOST = 25  # of each kind: a click that was reported a thousand times is read in the list


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
            words = _tr("The network has not reported this click. That is so for most clicks.")
            yield Card("no postback", "inbox", _tr("No postback yet"), Line(""), lines=(Line(words, Tone.MUTED),))
        yield from self._some("conversions", chain["conversions"], self._conversion)
        yield from self._some("relays", chain["relays"], self._relay)

    def _some(self, kind: str, rows: Sequence[Shown], card: Callable[[Shown], Card]) -> Iterator[Card]:
        """The newest, after a line that tells how many came before."""
        if len(rows) > _MOST:
            title, words = (text.format(len(rows), len(rows) - _MOST) for text in _older(kind))
            yield Card(f"older {kind}", "ellipsis", title, Line(""), lines=(Line(words, Tone.MUTED),))
        yield from map(card, rows[-_MOST:])

    def _click(self, click: Shown) -> Card:
        where = click["offer"] or click["landing"]
        why = reason_in_full(click["reason"])
        path = _tr("Path {0}. {1}").format(click["path"], why) if click["path"] else why
        went = _tr("went to {0}").format(where) if where else _tr("went nowhere")
        state = Line(went, Tone.GOOD if click["destination"] else Tone.BAD)
        lines = [Line(path)]
        if click["landing"] and click["offer"]:
            lines.append(Line(_tr("Landing page {0}, then offer {1}.").format(click["landing"], click["offer"])))
        if click["test"]:
            lines.append(Line(_tr("Made by a test: nothing is booked for it."), Tone.MUTED))
        raws = (Raw(_tr("Redirected to"), click["destination"]),) if click["destination"] else ()
        told = exact(click["time"], self._zone)
        return Card(
            "click", "mouse-pointer-click", _tr("Click"), state, told, told, tuple(lines), facts_of(click), raws=raws
        )

    def _step(self, step: Shown) -> Card:
        return Card(
            f"step {step['time']}",
            "arrow-right",
            _tr("Step"),
            Line(_tr("left the landing page for {0}").format(step["offer"]), Tone.GOOD),
            *self._when(step["time"]),
            raws=(Raw(_tr("Redirected to"), step["destination"]),),
        )

    def _postback(self, row: Shown) -> Card:
        tone = tone_of_outcome(row["outcome"])
        lines = [Line(row["reason"])]
        if row["remedy"] and row["remedy"] != _NOTHING_TO_DO:
            lines.append(Line(row["remedy"], Tone.MUTED))
        lines += [Line(reason, Tone.WAITING) for reason in row["warning_reasons"]]
        before = tuple(
            Line(
                _tr("Until {0} it was {1}: {2}").format(
                    exact(one["until"], self._zone), spoken(one["outcome"]), one["reason"]
                ),
                Tone.MUTED,
            )
            for one in row.get("judged_before", ())
        )
        return Card(
            f"postback {row['id']}",
            "inbox",
            _tr("Postback {0}").format(row["id"]),
            Line(spoken(row["outcome"]), tone),
            *self._when(row["time"]),
            lines=tuple(lines),
            history=before,
            raws=(Raw(_tr("Request from {0}").format(row["ip"]), _request(row), curl_of_postback(row, self._base)),),
        )

    def _conversion(self, row: Shown) -> Card:
        if row["kept"]:
            state = Line(spoken(row["kept"]), Tone.BAD if row["kept"] == "conflict" else Tone.WAITING)
        else:
            state = Line(spoken(row["status"]), tone_of_status(row["status"]))
        names = ((_tr("Network"), row["network"]), (_tr("Offer"), row["offer"]), (_tr("Event"), row["event"]))
        facts = [
            (_tr("Payout"), money(row["payout"], row["currency"])),
            (_tr("Net"), money(row["net"], row["currency"])),
            (_tr("Cost"), cost_of_conversion(row)),
            *names,
            (_tr("Transaction"), row["txn_id"]),
            (_tr("Sale"), money(row["sale_amount"], row["currency"]) if row["sale_amount"] is not None else None),
            (_tr("Counted"), _tr("yes") if row["counted"] else _tr("no, a test") if row["test"] else _tr("no")),
            *((_tr("Custom {0}").format(number), row[f"custom{number}"]) for number in range(1, 6)),
        ]
        return Card(
            f"conversion {row['id']}",
            "badge-dollar-sign",
            _tr("Conversion {0}").format(row["id"]),
            state,
            *self._when(row["time"]),
            facts=tuple((name, str(value)) for name, value in facts if value is not None),
            history=tuple(map(self._entry, row.get("history", ()))),
        )

    def _entry(self, entry: Shown) -> Line:
        who = _tr("by hand") if entry["by_hand"] else _tr("postback {0}").format(entry["postback"])
        amount = f" {money(entry['amount'], entry['currency'])}" if entry["amount"] else ""
        at = exact(entry["network_time"], self._zone)
        said = f", {_tr('{0} by its clock').format(at)}" if entry["network_time"] else ""
        after = self._when(entry["time"])[0]
        words = f"{spoken(entry['status'])}{amount} · {spoken(entry['effect'])} · {who}{said} · {after}"
        return Line(words, Tone.ACCENT if entry["by_hand"] else tone_of_outcome(entry["effect"]))

    def _relay(self, row: Shown) -> Card:
        reason = reason_of(row["reason"])
        lines = [Line(reason.why)] if reason.why else []
        lines += [Line(reason.remedy, Tone.MUTED)] if reason.remedy else []
        if row["next_attempt"]:
            lines.append(Line(_tr("Next attempt {0}.").format(exact(row["next_attempt"], self._zone)), Tone.MUTED))
        attempts = tuple(self._attempt(number, one) for number, one in enumerate(row["history"], start=1))
        would = (Raw(_tr("Request as it would be sent"), _sent(row), curl_of_sent(row)),) if row["url"] else ()
        return Card(
            f"relay {row['id']}",
            "send",
            _tr("Relay: {0} to {1}").format(spoken(row["status"]), row["destination"].removeprefix("source:")),
            Line(spoken(row["state"]), tone_of_state(row["state"])),
            *self._when(row["time"]),
            lines=tuple(lines),
            facts=((_tr("Payout"), money(row["payout"], row["currency"])), (_tr("Key"), row["key"])),
            raws=() if attempts else would,
            parts=attempts,
        )

    def _attempt(self, number: int, one: Shown) -> Part:
        is_good, is_open = one["result"] == "delivered", one["result"] == "sending"
        tone = Tone.GOOD if is_good else Tone.WAITING if is_open else Tone.BAD
        said = [_tr("Attempt {0}").format(number), self._when(one["time"])[0], str(one["status"] or "")]
        said += [_tr("{0} ms").format(one["milliseconds"]) if one["milliseconds"] is not None else ""]
        said += [spoken(one["result"]) if is_good or is_open else reason_of(one["result"]).why]
        raws = [Raw(_tr("Sent"), _sent(one), curl_of_sent(one))] if one["url"] else []
        if one["answer"]:
            raws.append(Raw(_tr("Answer"), one["answer"]))
        return Part(Line(" · ".join(filter(None, said)), tone), tuple(raws))

    def _when(self, iso: str) -> tuple[str, str]:
        """How long after the click, and exactly when."""
        if self._began is None:
            return exact(iso, self._zone), exact(iso, self._zone)
        seconds = (moment_of(iso) - moment_of(self._began)).total_seconds()
        return _tr("{0} after the click").format(_span(seconds)), exact(iso, self._zone)


def _span(seconds: float) -> str:
    if seconds < 1:
        return _tr("{0} ms").format(round(seconds * 1000))
    if seconds < 60:
        return _tr("{0} s").format(f"{seconds:.1f}")
    if seconds < 3600:
        return _tr("{0} min").format(round(seconds / 60))
    if seconds < 86_400:
        return _tr("{0} h").format(f"{seconds / 3600:.1f}")
    return _tr("{0} days").format(f"{seconds / 86_400:.1f}")


def _older(kind: str) -> tuple[str, str]:
    """The title and the sentence of the card that stands for those that are not shown."""
    return {
        "postbacks": (
            _tr("{0} postbacks"),
            _tr("{1} older postbacks are not shown here: look for the click id in the list of postbacks."),
        ),
        "conversions": (
            _tr("{0} conversions"),
            _tr("{1} older conversions are not shown here: look for the click id in the list of conversions."),
        ),
        "relays": (
            _tr("{0} relays"),
            _tr("{1} older relays are not shown here: look for the click id in the list of relays."),
        ),
    }[kind]


def _request(row: Shown) -> str:
    query = f"?{row['query']}" if row["query"] else ""
    head = f"{row['method']} {row['address']}{query}"
    kind = f"\nContent-Type: {row['content_type']}" if row["content_type"] else ""
    return f"{head}{kind}\n\n{row['body']}" if row["body"] else f"{head}{kind}"


def _sent(sent: Shown) -> str:
    headers = "".join(f"\n{name}: {value}" for name, value in (sent["headers"] or {}).items())
    body = f"\n\n{sent['body']}" if sent["body"] else ""
    return f"{sent['method']} {sent['url']}{headers}{body}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Evidence", text)
