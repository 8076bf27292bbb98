"""Two questions that are alike: where you buy traffic, and who pays you; out of the catalog, or one of your own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.desk import Desk
from app.dialogs.first_run_step import Step, all_good
from app.theme import GAP, PAD, ROW_HEIGHT, sized
from app.widgets.empty import plain_label
from app.widgets.labelled import Labelled
from app.widgets.plain import cut
from server.api.beginning import Partner

_LIST_WIDTH = 240


class PartnerList(QWidget):
    """What is set up already, then the catalog, then one of your own; narrowed by typing."""

    chosen = Signal()

    def __init__(self, words: str, own: str, known: Mapping[str, Any], templates: Mapping[str, Any]) -> None:
        super().__init__()
        self._own = own
        self._partners = [Partner(thing.name or key, key=key) for key, thing in known.items()]
        self._partners += [
            Partner(template.name, template=key)
            for key, template in sorted(templates.items(), key=lambda item: item[1].name.lower())
            if template.kind != "generic"
        ]
        self.search = QLineEdit()
        self.search.setPlaceholderText(words)
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._narrow)
        self.search.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(words)
        self.list.currentItemChanged.connect(lambda *_: self.chosen.emit())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        self.setFixedWidth(_LIST_WIDTH)
        self._narrow("")

    def partner(self) -> Partner:
        item = self.list.currentItem()
        found: Partner = item.data(Qt.ItemDataRole.UserRole) if item else Partner("")
        return found

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The arrow keys move in the list while the words keep the focus."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step:
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
        return super().eventFilter(watched, event)

    def _narrow(self, words: str) -> None:
        before = self.partner()
        self.list.blockSignals(True)
        self.list.clear()
        for partner in self._partners:
            if all(part in partner.name.lower() for part in words.lower().split()):
                self._add(f"{cut(partner.name)}  ✓" if partner.key else cut(partner.name), partner)
        self._add(self._own, Partner(""))
        kept = [row for row in range(self.list.count()) if self._at(row) == before]
        self.list.setCurrentRow(kept[0] if kept and before.name else 0)
        self.list.blockSignals(False)
        self.chosen.emit()

    def _add(self, words: str, partner: Partner) -> None:
        item = QListWidgetItem(words)
        item.setData(Qt.ItemDataRole.UserRole, partner)
        item.setSizeHint(QSize(0, ROW_HEIGHT))
        self.list.addItem(item)

    def _at(self, row: int) -> Partner:
        found: Partner = self.list.item(row).data(Qt.ItemDataRole.UserRole)
        return found


class PartnerStep(Step):
    """A list at the left, and at the right what is known of the chosen one, and what is asked about it."""

    def __init__(self, desk: Desk, name: str, title: str, reason: str, partners: PartnerList) -> None:
        super().__init__(desk, name, title, reason)
        self.partners = partners
        self._heading = plain_label()
        self._heading.setFont(sized(self._heading.font(), 1, is_bold=True))
        self._notes = plain_label()
        self._notes.setObjectName("muted")
        self._notes.setWordWrap(True)
        self.name_field = Labelled(self.tr("Name"), QLineEdit())
        details = QFrame()
        details.setObjectName("card")
        self.details = QVBoxLayout(details)
        self.details.setContentsMargins(PAD, PAD, PAD, PAD)
        self.details.setSpacing(PAD)
        for widget in (self._heading, self._notes, self.name_field):
            self.details.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(PAD)
        row.addWidget(partners)
        row.addWidget(details, 1)
        self.body.addLayout(row, 1)
        partners.chosen.connect(self.show_partner)

    def partner(self) -> Partner:
        chosen = self.partners.partner()
        return chosen if chosen.name else Partner(self.own_name())

    def own_name(self) -> str:
        return self._name_editor.text().strip()

    def enter(self) -> None:
        self.partners.search.setFocus()

    def check(self) -> bool:
        return all_good(self.checked())

    def checked(self) -> list[tuple[Labelled, str]]:
        is_own = not self.partners.partner().name
        return [(self.name_field, self.tr("Give it a name.") if is_own and not self.own_name() else "")]

    def show_partner(self) -> None:
        partner = self.partners.partner()
        self._heading.setText(cut(partner.name) or self.tr("One of your own"))
        self._notes.setText(self.notes(partner))
        self.name_field.setVisible(not partner.name)
        self._propose_name()
        self.name_field.show_problem("")

    def _propose_name(self) -> None:
        """What was looked for and not found is likely the name; one that was typed stays."""
        looked_for = self.partners.search.text().strip()
        if self.partners.list.count() == 1 and not self._name_editor.isModified():
            self._name_editor.setText(looked_for)

    def notes(self, partner: Partner) -> str:
        raise NotImplementedError

    @property
    def _name_editor(self) -> QLineEdit:
        editor = self.name_field.editor
        assert isinstance(editor, QLineEdit)  # noqa: S101 - made above
        return editor
