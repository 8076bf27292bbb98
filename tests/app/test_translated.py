"""Every word that the app shows goes through a translation call: a walk over its source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
SHOWS = {  # calls of these show their texts
    *("setText", "setWindowTitle", "setToolTip", "setStatusTip", "setPlaceholderText", "setAccessibleName"),
    *("setInformativeText", "setTitle", "showMessage", "show_problem", "say", "tell", "refuse"),
    *("addAction", "addButton", "addItem", "addMenu", "addTab", "insertItem", "setPlainText", "set_hint"),
    *("QLabel", "plain_label", "QPushButton", "QCheckBox", "QRadioButton", "QAction", "QListWidgetItem"),
    *("QTableWidgetItem", "Labelled", "Empty", "Line", "Raw", "Part", "Command"),
}
TRANSLATES = {"tr", "_tr", "translate", "QT_TRANSLATE_NOOP", "QT_TR_NOOP"}
NAMES = {"Tallyback", "curl", "trk.example.com", "https://", "ms"}  # the same in every language
KEYS = ("Ctrl+", "Shift+", "Alt+")


def shown(call: ast.Call) -> list[tuple[int, str]]:
    """The literal words among what is shown, but for those inside a translation call."""
    left: list[ast.AST] = [*call.args, *(keyword.value for keyword in call.keywords)]
    found = []
    while left:
        node = left.pop()
        match node:
            case ast.Call(func=function) if name_of(function) in TRANSLATES:
                continue
            case ast.Call(func=ast.Attribute(value=ast.Call() as inner, attr="format"), args=args):
                left += [inner, *args]
            case ast.Call() | ast.Subscript() | ast.Compare() | ast.Lambda():
                continue  # what these come to stands elsewhere
            case ast.Constant(value=str(words)) if is_prose(words):
                found.append((node.lineno, words))
            case _:
                left += ast.iter_child_nodes(node)
    return found


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def is_prose(words: str) -> bool:
    return sum(c.isalpha() for c in words) > 1 and words.strip() not in NAMES and not words.startswith(KEYS)


def untranslated(source: str) -> list[tuple[int, str]]:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [hit for call in calls if name_of(call.func) in SHOWS for hit in shown(call)]


def icons_and_names(call_words: str) -> bool:
    """Names of icons and pages stand as arguments, too: small letters without blanks."""
    return call_words.islower() and " " not in call_words


def test_nothing_is_shown_that_cannot_be_said_in_another_language():
    hits = [
        f"{file.relative_to(APP)}:{line}: {words}"
        for file in sorted(APP.rglob("*.py"))
        for line, words in untranslated(file.read_text(encoding="utf-8"))
        if not icons_and_names(words)
    ]
    assert hits == []


@pytest.mark.parametrize(
    "source",
    [
        "label.setText('Saved now')",
        "QPushButton('Save')",
        "label.setText(f'Path {number}')",
        "label.setText('Yes please' if is_on else self.tr('No'))",
        "Line(f\"{'Open it'} {x}\")",
        "plain_label(words or 'Nothing here')",
    ],
)
def test_the_walk_finds_what_was_forgotten(source):
    assert untranslated(source)


@pytest.mark.parametrize(
    "source",
    ["label.setText(self.tr('Saved now'))", "Line(_tr('Path {0}').format(3))", "label.setText(f'{a} · {b}')"],
)
def test_the_walk_leaves_alone_what_is_translated(source):
    assert untranslated(source) == []
