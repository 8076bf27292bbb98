"""What only the owner knows is masked on screen until somebody asks for it, and kept as it is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from app.theme import Theme
from app.widgets.copy_field import CopyField
from app.widgets.forms.pairs_field import PairsField
from app.widgets.forms.template_field import TemplateField
from app.widgets.forms.unsaid import unsaid
from server.domain.masking import is_secret_header

SPEC = {"headers": {"Authorization": "Bearer s3cr3t", "Accept": "text/plain"}}


@pytest.fixture
def headers(qtbot: QtBot, theme: Theme) -> PairsField:
    field = PairsField(theme, "Headers", ("headers",), ("Header", "Value"), is_secret=is_secret_header)
    qtbot.addWidget(field)
    field.load(SPEC, {})
    field.show()
    return field


def painted(field: PairsField, row: int, column: int) -> str:
    option = QStyleOptionViewItem()
    index = field.grid.model().index(row, column)
    field.grid.itemDelegate().initStyleOption(option, index)
    return option.text


def test_a_secret_header_is_painted_as_dots_until_it_is_asked_for(qtbot: QtBot, headers: PairsField) -> None:
    assert painted(headers, 0, 0) == "Authorization"
    assert painted(headers, 0, 1) == "•" * 12
    assert painted(headers, 1, 1) == "text/plain"
    qtbot.mouseClick(headers.reveal, Qt.MouseButton.LeftButton)
    assert painted(headers, 0, 1) == "Bearer s3cr3t"
    headers.load(SPEC, {})
    assert painted(headers, 0, 1) == "•" * 12
    assert headers.written() == SPEC["headers"]


def test_a_secret_is_typed_behind_dots(qtbot: QtBot, headers: PairsField) -> None:
    grid = headers.grid
    at = grid.visualItemRect(grid.item(0, 1)).center()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    editor = grid.viewport().childAt(at)
    assert isinstance(editor, QLineEdit)
    assert editor.echoMode() is QLineEdit.EchoMode.Password
    qtbot.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(editor, "Bearer fresh")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: headers.written() == {"Authorization": "Bearer fresh", "Accept": "text/plain"})


def test_the_eye_is_there_only_where_there_is_a_secret(headers: PairsField) -> None:
    assert headers.reveal.isVisible()
    headers.load({"headers": {"Accept": "text/plain"}}, {})
    assert not headers.reveal.isVisible()
    headers.grid.item(1, 0).setText("X-Api-Key")
    assert headers.reveal.isVisible()


def test_a_secret_of_the_template_is_not_told(headers: PairsField) -> None:
    headers.load({}, SPEC)
    assert headers._below.text() == (
        "The template adds Authorization: ***, Accept: text/plain. An empty value takes one away."
    )
    headers.load(SPEC, {})
    assert headers._below.text() == ""


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        (
            "https://x.example/?access_token=abc&id={external_id}",
            "https://x.example/?access_token=***&id={external_id}",
        ),
        ("https://x.example/?key={sub1}&a=b", "https://x.example/?key={sub1}&a=b"),
        ("api_key=abc&click={click_id}&secret=x#end", "api_key=***&click={click_id}&secret=***#end"),
        ('{"data": {"token": "abc", "p": {payout}}}', '{"data": {"token": "***", "p": {payout}}}'),
        ('"appSecret" : "a=b"', '"appSecret" : "***"'),
        ("https://x.example/?token=", "https://x.example/?token="),
        ("", ""),
    ],
)
def test_a_template_is_shown_without_its_secrets(template: str, shown: str) -> None:
    assert unsaid(template) == shown


def test_a_secret_in_a_url_lies_behind_a_bar_until_it_is_asked_for(qtbot: QtBot, theme: Theme) -> None:
    field = TemplateField(theme, "URL", ("url",))
    qtbot.addWidget(field)
    field.load({"url": "https://x.example/?token=abc"}, {})
    field.show()

    def bars() -> list[tuple[int, int]]:
        formats = field.edit.document().firstBlock().layout().formats()
        return [(one.start, one.length) for one in formats if one.format.foreground() == one.format.background()]

    assert bars() == [(25, 3)]
    qtbot.mouseClick(field.reveal, Qt.MouseButton.LeftButton)
    assert bars() == []
    field.load({"url": "https://x.example/"}, {})
    assert not field.reveal.isVisible()
    assert field.written() == "https://x.example/"


def test_an_address_with_a_token_is_copied_whole_and_shown_without_it(qtbot: QtBot, theme: Theme) -> None:
    field = CopyField(theme, "https://t.example/p/maxi?token=abc&click_id={sub1}", has_secret=True)
    qtbot.addWidget(field)
    field.show()
    assert field._shown.text() == "https://t.example/p/maxi?token=***&click_id={sub1}"
    field._shown.selectAll()
    assert not field._shown.hasSelectedText(), "a mask is not copied by hand"
    qtbot.mouseClick(field._copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "https://t.example/p/maxi?token=abc&click_id={sub1}"
    qtbot.mouseClick(field._eye, Qt.MouseButton.LeftButton)
    assert field._shown.text() == field.text()
    field._shown.selectAll()
    assert field._shown.selectedText() == field.text()


def test_parts_of_an_address_field_are_never_windows_of_their_own(qtbot: QtBot, theme: Theme) -> None:
    before = set(QGuiApplication.topLevelWindows())
    field = CopyField(theme, "https://t.example/?token=abc", has_qr=True, has_secret=True)
    qtbot.addWidget(field)
    assert set(QGuiApplication.topLevelWindows()) == before
