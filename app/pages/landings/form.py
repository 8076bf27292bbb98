"""The form of a landing page, with the link that leads on from it."""

from __future__ import annotations

import re

from app.widgets.copy_field import CopyField
from app.widgets.empty import plain_label
from app.widgets.forms.form import Form
from app.widgets.forms.macros import example
from app.widgets.forms.preview import Preview
from app.widgets.forms.template_field import TemplateField
from app.widgets.labelled import Labelled
from server.api.editing import Checked
from server.domain.template import pieces

_CARRIER = re.compile(r"[?&]([^=&?{}]+)=\{click_id\}")


class LandingForm(Form):
    def build(self) -> None:
        section = self.section(self.tr("Landing page"))
        self.add(section, self.key_field, self.name_field)
        self.url = TemplateField(
            self.desk.theme,
            self.tr("URL"),
            ("url",),
            self.tr("Give the page the click id in a parameter, so that its link can hand it on: ?c={click_id}"),
        )
        self.add(section, self.url)
        self.warning = plain_label(
            self.tr("▲ Without {click_id} in the URL the page cannot say whose visit it is, and no sale is led back.")
        )
        self.warning.setObjectName("bad")
        self.warning.setWordWrap(True)
        section.addWidget(self.warning)
        self.preview = Preview(self.desk.theme, self.tr("With example values"))
        section.addWidget(self.preview)
        onward = self.section(
            self.tr("The way on to the offer"),
            self.tr("Let the page's button lead here; the path of the campaign says to which offer it goes."),
        )
        self.link = CopyField(self.desk.theme, name=self.tr("Link"))
        self.snippet = CopyField(self.desk.theme, name=self.tr("Snippet"))
        several = self.tr("&offer=2 behind it leads to the second offer of the path, &offer=3 to the third.")
        onward.addWidget(Labelled(self.tr("Where the page itself fills in the click id"), self.link, several))
        plain = self.tr("For a page of plain HTML: paste it where the button belongs")
        onward.addWidget(Labelled(plain, self.snippet))
        direct = self.tr("Where ads lead straight to the page, it needs the script tag: look under Campaigns.")
        onward.addWidget(self.note(direct))

    def show_live(self) -> None:
        url = self.url.edit.text()
        self.warning.setVisible(bool(url) and "{click_id" not in url)
        self.preview.setVisible(bool(url))
        self.preview.show_pieces(pieces(url, "url", example))

    def show_checked(self, checked: Checked) -> None:
        url = next((link.url for link in checked.links), "")
        self.link.set_text(url)
        self.snippet.set_text("")
        if not url:
            return
        carrier = _CARRIER.search(self.url.edit.text())
        name = carrier[1] if carrier else "c"
        self.snippet.set_text(
            f'<a id="on" href="#">Continue</a><script>document.getElementById("on").href='
            f'"{url.removesuffix("{click_id}")}"+encodeURIComponent('
            f'new URLSearchParams(location.search).get("{name}")||"")</script>'
        )
