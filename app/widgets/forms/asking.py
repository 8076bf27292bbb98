"""The two questions of an editor; asked without holding anything up, the answer comes as a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from app.widgets.plain import cut

_MOST_NAMED = 12


def ask_unsaved(parent: QWidget, name: str, save: Callable[[], None], discard: Callable[[], None]) -> QMessageBox:
    """Staying is the third answer, and what Esc means."""
    box = _box(parent, _tr("Save the changes to “{0}”?").format(cut(name)), _tr("They are not saved yet."))
    saving = box.addButton(_tr("Save"), QMessageBox.ButtonRole.AcceptRole)
    discarding = box.addButton(_tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
    _make_first(box, saving)
    _open(box, {saving: save, discarding: discard})
    return box


def ask_archive(parent: QWidget, name: str, used_by: Sequence[str], archive: Callable[[], None]) -> QMessageBox:
    keeps = _tr("Clicks, conversions and evidence stay; late postbacks are still attributed. It can be taken back.")
    if used_by:
        named = "\n".join(f"•  {cut(one)}" for one in used_by[:_MOST_NAMED])
        if len(used_by) > _MOST_NAMED:
            named += "\n" + _tr("… and {0} more").format(len(used_by) - _MOST_NAMED)
        keeps = _tr("This goes with it, for it depends on it:") + f"\n\n{named}\n\n{keeps}"
    box = _box(parent, _tr("Archive {0}?").format(cut(name)), keeps)
    words = _tr("Archive all {0}").format(len(used_by) + 1) if used_by else _tr("Archive")
    archiving = box.addButton(words, QMessageBox.ButtonRole.AcceptRole)
    _make_first(box, archiving)
    _open(box, {archiving: archive})
    return box


def _box(parent: QWidget, text: str, more: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setWindowTitle("Tallyback")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    box.setInformativeText(more)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


def _make_first(box: QMessageBox, button: QPushButton) -> None:
    box.setDefaultButton(button)
    button.setProperty("primary", True)


def _open(box: QMessageBox, answers: dict[QPushButton, Callable[[], None]]) -> None:
    staying = box.addButton(_tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setEscapeButton(staying)

    def answered() -> None:
        act = next((act for button, act in answers.items() if button is box.clickedButton()), None)
        if act is not None:
            act()

    box.finished.connect(lambda _result: answered())
    box.open()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Asking", text)
