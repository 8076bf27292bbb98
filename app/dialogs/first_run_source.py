"""Second question: where you buy traffic, and what its account still has to tell us."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.desk import Desk
from app.dialogs.first_run_partner import PartnerList, PartnerStep
from app.theme import PAD
from app.widgets.empty import plain_label
from app.widgets.labelled import Labelled
from server.api.beginning import Partner, words_of
from server.api.checking import problem_with
from server.api.setup import catalog


class SourceStep(PartnerStep):
    def __init__(self, desk: Desk) -> None:
        self._words: dict[str, dict[str, Labelled]] = {}  # by template, so that another choice loses nothing
        partners = PartnerList(
            self.tr("Find a source…"),
            self.tr("Another source…"),
            desk.setup.sources,
            catalog().sources,
        )
        super().__init__(
            desk,
            self.tr("Traffic"),
            self.tr("Where do you buy traffic?"),
            self.tr("The catalog knows each source's macros, and how it wants to hear of conversions."),
            partners,
        )
        self.external_id = Labelled(
            self.tr("Its macro for the click's id"),
            QLineEdit(),
            self.tr("What the source puts in place of its own click id, for example {clickid}. May stay empty."),
        )
        self.cost = Labelled(self.tr("Its macro for the cost"), QLineEdit(), self.tr("May stay empty."))
        self.relay_url = Labelled(
            self.tr("Its postback URL"),
            QLineEdit(),
            self.tr("Where it wants to hear of conversions: {external_id} and {payout} are filled in. May stay empty."),
        )
        self._own = (self.external_id, self.cost, self.relay_url)
        for labelled in self._own:
            self.details.addWidget(labelled)
        self._build_asked()
        self.details.addStretch()
        self.show_partner()

    def _build_asked(self) -> None:
        """Room for the words of the chosen template's relay."""
        self._asked = QWidget()
        self._asked_fields = QVBoxLayout(self._asked)
        self._asked_fields.setContentsMargins(0, 0, 0, 0)
        self._asked_fields.setSpacing(PAD)
        self.later = plain_label(
            self.tr("These may wait. Until they are filled in, conversions are counted but not relayed to the source.")
        )
        self.later.setObjectName("muted")
        self.later.setWordWrap(True)
        self._asked_fields.addWidget(self.later)
        self.details.addWidget(self._asked)

    def words(self) -> dict[str, str]:
        """What was said for each YOUR_… word of the chosen template."""
        fields = self._words.get(self.partners.partner().template, {})
        return {word: text_of(labelled) for word, labelled in fields.items()}

    def missing(self) -> list[str]:
        return [word for word, said in self.words().items() if not said]

    def checked(self) -> list[tuple[Labelled, str]]:
        fields = self._words.get(self.partners.partner().template, {})
        blank = self.tr("Holds a blank: copy it again, without what stands around it.")
        words = [(labelled, blank if " " in text_of(labelled) else "") for labelled in fields.values()]
        if self.partners.partner().name:
            return [*super().checked(), *words]
        url = text_of(self.relay_url)
        problem = problem_with(self.desk.data, "source", "relay.url", url) if url else ""
        return [*super().checked(), (self.relay_url, problem)]

    def show_partner(self) -> None:
        super().show_partner()
        partner = self.partners.partner()
        for labelled in self._own:
            labelled.setVisible(not partner.name)
        for template, fields in self._words.items():
            for labelled in fields.values():
                labelled.setVisible(template == partner.template)
        if partner.template and partner.template not in self._words:
            self._words[partner.template] = self._fields(partner.template)
        self._asked.setVisible(bool(self._words.get(partner.template)))

    def notes(self, partner: Partner) -> str:
        if partner.key:
            return self.tr("You have set this one up already; the new campaign uses it as it is.")
        if partner.template:
            return catalog().sources[partner.template].notes
        return self.tr("The macros stand in the source's help, often under “S2S” or “postback tracking”.")

    def _fields(self, template: str) -> dict[str, Labelled]:
        fields = {}
        for word, meaning in words_of(template).items():
            labelled = Labelled(
                word.removeprefix("YOUR_").replace("_", " "), QLineEdit(), f"{meaning[:1].upper()}{meaning[1:]}."
            )
            self._asked_fields.addWidget(labelled)
            fields[word] = labelled
        return fields


def text_of(labelled: Labelled) -> str:
    editor = labelled.editor
    return editor.text().strip() if isinstance(editor, QLineEdit) else ""
