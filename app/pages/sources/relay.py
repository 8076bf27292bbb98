"""The relay of a source: the request that tells it about a conversion, when it is sent, and what it looks like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from PySide6.QtCore import QCoreApplication

from app.pages.sources.fill_in import FillIn
from app.widgets.forms.choice_fields import ChecksField, ChoiceField, SwitchField
from app.widgets.forms.form import Form
from app.widgets.forms.macros import example
from app.widgets.forms.preview import Piece, Preview
from app.widgets.forms.table_fields import PairsField
from app.widgets.forms.template_field import TemplateField
from app.widgets.forms.text_fields import ListField, NumberField, TextField
from server.domain.masking import MASK, is_secret_header
from server.domain.status import Status
from server.domain.template import pieces


class RelaySection:
    """Adds its fields to the source's form."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._build_request()
        self._build_when()
        self._build_manner()

    def show_live(self, fill_in: Mapping[str, str]) -> None:
        url, body = self.url.effective, self.body.effective
        self.fill_in.show_words({word: words for word, words in fill_in.items() if word in url or word in body})
        self.preview.setVisible(bool(url))
        self.preview.show_pieces(self._rendered(url, body))

    def _build_request(self) -> None:
        theme = self._form.desk.theme
        section = self._form.section(
            _tr("Relay"), _tr("The request that tells the source about a conversion; without URL nothing is told.")
        )
        self.method = ChoiceField(
            _tr("Method"), ("relay", "method"), [(word, word) for word in ("GET", "POST", "PUT")], default="GET"
        )
        self.url = TemplateField(theme, _tr("URL"), ("relay", "url"), _tr("Type { for the macros."))
        self.fill_in = FillIn(self._put_in)
        self.headers = PairsField(_tr("Headers"), ("relay", "headers"), (_tr("Header"), _tr("Value")))
        self.body = TemplateField(
            theme, _tr("Body"), ("relay", "body"), _tr("A form or JSON; for POST and PUT."), has_lines=True
        )
        self._form.add(section, self.url)
        section.addWidget(self.fill_in)
        self._form.add(section, self.method)
        self._form.add(section, self.headers)
        self._form.add(section, self.body)
        self.preview = Preview(theme, _tr("The request, with example values"))
        section.addWidget(self.preview)

    def _build_when(self) -> None:
        section = self._form.section(_tr("What is told"))
        statuses = [(status.value, status.value.replace("_", " ")) for status in Status]
        every = _tr("all")
        add = self._form.add
        add(section, ChecksField(_tr("Statuses"), ("relay", "statuses"), statuses, ("approved",)))
        add(section, ListField(_tr("Events"), ("relay", "events"), _tr("registration, deposit"), default=every))
        add(
            section,
            TextField(
                _tr("Share of the payout"), ("relay", "share"), _tr("What the source is told of it."), default="100%"
            ),
            TextField(_tr("Minimum payout"), ("relay", "minimum"), _tr("Below it nothing is told."), default="0"),
            TextField(_tr("Delay"), ("relay", "delay"), _tr("30s, 5m, 2h, 1d"), default="0s"),
        )
        add(
            section,
            TextField(_tr("Sample"), ("relay", "sample"), _tr("Of all conversions, so many."), default="100%"),
            NumberField(_tr("Cap a day"), ("relay", "cap"), default=_tr("none")),
        )
        add(section, SwitchField(_tr("Tell it again when only the payout changes."), ("relay", "on_payout_change")))
        add(section, SwitchField(_tr("Paused: relays are held until you resume."), ("relay", "paused")))

    def _build_manner(self) -> None:
        section = self._form.section(_tr("How it answers"))
        doubtful = (("retry", _tr("send it again")), ("hold", _tr("hold it for a person")))
        self._form.add(
            section,
            TextField(
                _tr("Success text"),
                ("relay", "success"),
                _tr("What the answer must hold to count, for a source that says “error” in a 200."),
                default=_tr("none: any 2xx counts"),
            ),
            ChoiceField(
                _tr("No answer after sending"),
                ("relay", "on_ambiguous"),
                doubtful,
                _tr("It may have arrived: again may tell it twice."),
                default="retry",
            ),
        )
        self._form.add(
            section,
            ListField(
                _tr("Private addresses allowed"),
                ("relay", "allow"),
                _tr("Only for a server of yours: 10.0.0.0/8. Others are refused."),
                default=_tr("none"),
            ),
        )

    def _rendered(self, url: str, body: str) -> Iterator[Piece]:
        method = self.method.box.currentText().split(" ")[0]
        yield f"{method} ", False
        yield from pieces(url, "url", example)
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
            yield from pieces(body, "json" if is_json else "form", example)

    def _put_in(self, word: str, in_url: str, in_body: str) -> None:
        """What was the template's becomes the owner's own with the word filled in."""
        for field, value in ((self.url, in_url), (self.body, in_body)):
            if word in field.effective:
                field.edit.set_text(field.effective.replace(word, value))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Relay", text)
