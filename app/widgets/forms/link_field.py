"""An address or a tag to paste elsewhere: whose it is, when to use it, the text to copy, and what to beware of."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.theme import SMALL, Theme
from app.widgets.copy_field import CopyField
from app.widgets.empty import plain_label
from app.widgets.labelled import Labelled
from server.api.setup import Link


class LinkField(QWidget):
    def __init__(self, theme: Theme, link: Link) -> None:
        super().__init__()
        words, hint = _words_of(link)
        self.text = CopyField(
            theme, link.url, name=words, has_qr=link.kind == "tracking", has_secret=link.kind == "postback"
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SMALL)
        layout.addWidget(Labelled(words, self.text, hint))
        if link.note and link.kind != "tracking":
            note = plain_label(f"▲ {link.note[:1].upper()}{link.note[1:]}.")
            note.setObjectName("waiting")
            note.setWordWrap(True)
            layout.addWidget(note)


def _words_of(link: Link) -> tuple[str, str]:
    """What it is called, and when to use it where that is not plain."""
    words = {
        "tracking": (_tr("Tracking URL for source {0}"), ""),
        "postback": (_tr("Postback URL for network {0}"), ""),
        "script": (
            _tr("Script tag for the landing pages of {0}"),
            _tr(
                "Where the source forbids redirects: ads lead straight to your page, and this in its head counts the "
                "visit. Mark the page's links with data-tallyback; {click_id} in them is filled in."
            ),
        ),
        "pixel": (
            _tr("Pixel tag for network {0}"),
            _tr("For the page after a sale, only where no postback can be sent; what both tell counts once."),
        ),
    }
    name, hint = words[link.kind]
    return name.format(link.name), hint


def _tr(text: str) -> str:
    return QCoreApplication.translate("LinkField", text)
