"""The fields of a relay: the request that tells about a conversion, when it is sent, and what it looks like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QCoreApplication

from app.theme import Theme
from app.widgets.forms.choice_fields import ChecksField, ChoiceField, SwitchField
from app.widgets.forms.field import Field, Trail
from app.widgets.forms.macros import example
from app.widgets.forms.pairs_field import PairsField
from app.widgets.forms.preview import Piece, Preview
from app.widgets.forms.template_field import TemplateField
from app.widgets.forms.text_fields import ListField, NumberField, TextField
from app.widgets.forms.unsaid import unsaid
from app.widgets.tones import spoken
from server.domain.masking import MASK, is_secret_header
from server.domain.status import Status
from server.domain.template import pieces

Rows = Sequence[Sequence[Field]]  # those of a row stand side by side


class RelayFields:
    """Of a source, or of a further destination of a campaign; `table` is where the relay stands in the spec."""

    def __init__(self, theme: Theme, table: Trail) -> None:
        self._table = table
        self.url = TemplateField(theme, _tr("URL"), (*table, "url"), _tr("Type { for the macros."))
        self.method = ChoiceField(
            _tr("Method"), (*table, "method"), [(word, word) for word in ("GET", "POST", "PUT")], default="GET"
        )
        self.headers = PairsField(
            theme,
            _tr("Headers"),
            (*table, "headers"),
            (_tr("Header"), _tr("Value")),
            is_secret=is_secret_header,
        )
        self.body = TemplateField(
            theme, _tr("Body"), (*table, "body"), _tr("A form or JSON; for POST and PUT."), has_lines=True
        )
        self.preview = Preview(theme, _tr("The request, with example values"))
        self.request: Rows = ((self.method,), (self.headers,), (self.body,))
        self.told = self._told()
        self.answered = self._answered()

    def fields(self) -> Iterator[Field]:
        yield self.url
        for rows in (self.request, self.told, self.answered):
            for row in rows:
                yield from row

    def show_preview(self) -> None:
        self.preview.setVisible(bool(self.url.effective))
        self.preview.show_pieces(self._rendered())

    def _told(self) -> Rows:
        table = self._table
        statuses = [(status.value, spoken(status.value)) for status in Status]
        return (
            (ChecksField(_tr("Statuses"), (*table, "statuses"), statuses, ("approved",)),),
            (ListField(_tr("Events"), (*table, "events"), _tr("registration, deposit"), default=_tr("all")),),
            (
                TextField(_tr("Share of the payout"), (*table, "share"), _tr("What is told of it."), default="100%"),
                TextField(_tr("Minimum payout"), (*table, "minimum"), _tr("Below it nothing is told."), default="0"),
                TextField(_tr("Delay"), (*table, "delay"), _tr("30s, 5m, 2h, 1d"), default="0s"),
            ),
            (
                TextField(_tr("Sample"), (*table, "sample"), _tr("Of all conversions, so many."), default="100%"),
                NumberField(_tr("Cap a day"), (*table, "cap"), default=_tr("none")),
            ),
            (SwitchField(_tr("Tell it again when only the payout changes."), (*table, "on_payout_change")),),
            (SwitchField(_tr("Paused: relays are held until you resume."), (*table, "paused")),),
        )

    def _answered(self) -> Rows:
        table = self._table
        doubtful = (("retry", _tr("send it again")), ("hold", _tr("hold it for a person")))
        return (
            (
                TextField(
                    _tr("Success text"),
                    (*table, "success"),
                    _tr("What the answer must hold to count, for those who say “error” in a 200."),
                    default=_tr("none: any 2xx counts"),
                ),
                ChoiceField(
                    _tr("No answer after sending"),
                    (*table, "on_ambiguous"),
                    doubtful,
                    _tr("It may have arrived: again may tell it twice."),
                    default="retry",
                ),
            ),
            (
                ListField(
                    _tr("Private addresses allowed"),
                    (*table, "allow"),
                    _tr("Only for a server of yours: 10.0.0.0/8. Others are refused."),
                    default=_tr("none"),
                ),
            ),
        )

    def _rendered(self) -> Iterator[Piece]:
        body = self.body.effective
        yield f"{self._method()} ", False
        yield from pieces(unsaid(self.url.effective), "url", example)
        headers = dict(self.headers.inherited) if isinstance(self.headers.inherited, dict) else {}
        headers |= dict(self.headers.shown())
        for name, value in headers.items():
            if value:
                yield f"\n{name}: ", False
                yield from [(MASK, False)] if is_secret_header(name) else pieces(value, "header", example)
        if body:
            kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
            is_json = "json" in kind.lower() or body.lstrip()[:1] in ("{", "[")
            yield "\n\n", False
            yield from pieces(unsaid(body), "json" if is_json else "form", example)

    def _method(self) -> str:
        return self.method.box.currentText().split(" ")[0]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Relay", text)
