"""The choice of a template of the catalog: found by typing a part of its name, with what is worth knowing about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.theme import SMALL
from app.widgets.chooser import Chooser
from app.widgets.empty import plain_label
from app.widgets.forms.field import LEFT_OUT, Field, Spec


class Template(Protocol):
    """As the catalog has it, of a source or of a network."""

    @property
    def name(self) -> str: ...
    @property
    def notes(self) -> str: ...
    @property
    def spec(self) -> Mapping[str, Any]: ...


class CatalogField(Field):
    chosen_anew = Signal(object)  # what the template says that was chosen

    def __init__(self, templates: Mapping[str, Template], hint: str = "") -> None:
        self._templates = templates
        self._keys = {template.name: key for key, template in templates.items()}
        self.chooser = Chooser([template.name for template in templates.values()])
        line = self.chooser.lineEdit()
        if line is not None:
            line.setPlaceholderText(self.tr("none: everything is written below"))
        self._notes = plain_label()
        self._notes.setWordWrap(True)
        self._notes.setObjectName("muted")
        together = QWidget()
        layout = QVBoxLayout(together)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SMALL)
        layout.addWidget(self.chooser)
        layout.addWidget(self._notes)
        super().__init__(self.tr("Template from the catalog"), together, ("template",), hint)
        self.setFocusProxy(self.chooser)
        self.chooser.editTextChanged.connect(lambda _text: self._on_edit())

    def template_of(self, spec: Spec) -> Spec:
        found = self._templates.get(str(spec.get("template", "")))
        return dict(found.spec) if found else {}

    @property
    def chosen(self) -> Template | None:
        return self._templates.get(self.shown())

    def show_value(self, value: Any) -> None:
        key = "" if value is LEFT_OUT else str(value)
        self.chooser.choose(self._templates[key].name if key in self._templates else key)
        self._show_notes()

    def shown(self) -> str:
        word = self.chooser.word()
        return self._keys.get(word, word)

    def written(self) -> Any:
        return self.shown() or LEFT_OUT

    def _on_edit(self) -> None:
        self._show_notes()
        self.chosen_anew.emit(self.template_of({"template": self.shown()}))
        self.changed.emit()

    def _show_notes(self) -> None:
        template = self.chosen
        self._notes.setText(template.notes if template else "")
        self._notes.setVisible(bool(template))
