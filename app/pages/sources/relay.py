"""The relay of a source: the request that tells it about a conversion, and the words of its template to fill in."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from app.pages.sources.fill_in import FillIn
from app.widgets.forms.form import Form
from app.widgets.forms.relay_fields import RelayFields


class RelaySection(RelayFields):
    """Adds its fields to the source's form."""

    def __init__(self, form: Form) -> None:
        super().__init__(form.desk.theme, ("relay",))
        self.fill_in = FillIn(self._put_in)
        section = form.section(
            _tr("Relay"), _tr("The request that tells the source about a conversion; without URL nothing is told.")
        )
        form.add(section, self.url)
        section.addWidget(self.fill_in)
        for row in self.request:
            form.add(section, *row)
        section.addWidget(self.preview)
        for title, rows in ((_tr("What is told"), self.told), (_tr("How it answers"), self.answered)):
            section = form.section(title)
            for row in rows:
                form.add(section, *row)

    def show_live(self, fill_in: Mapping[str, str]) -> None:
        url, body = self.url.effective, self.body.effective
        self.fill_in.show_words({word: words for word, words in fill_in.items() if word in url or word in body})
        self.show_preview()

    def _put_in(self, word: str, in_url: str, in_body: str) -> None:
        """What was the template's becomes the owner's own with the word filled in."""
        for field, value in ((self.url, in_url), (self.body, in_body)):
            if word in field.effective:
                field.edit.set_text(field.effective.replace(word, value))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Relay", text)
