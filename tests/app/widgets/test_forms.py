"""Fields hand back what they were given, mark what is wrong, and help with macros."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.theme import Theme
from app.widgets.forms.catalog_field import CatalogField
from app.widgets.forms.choice_fields import ChecksField, ChoiceField, SwitchField
from app.widgets.forms.field import LEFT_OUT, Field, put, value_at
from app.widgets.forms.macros import EXAMPLES, matching, meaning
from app.widgets.forms.pairs_field import PairsField
from app.widgets.forms.preview import Preview
from app.widgets.forms.secret_field import SecretField
from app.widgets.forms.table_fields import GridColumn, GridField
from app.widgets.forms.template_edit import TemplateEdit
from app.widgets.forms.template_field import TemplateField
from app.widgets.forms.text_fields import ListField, NumberField, TextField
from server.api.setup import catalog
from server.domain.template import MACROS, pieces


def stored(field: Field, spec: dict) -> dict:
    field.store(spec)
    return spec


# -- specs -----------------------------------------------------------------------------------------------------------


def test_a_value_is_put_where_it_belongs_and_empty_tables_go() -> None:
    spec: dict = {"relay": {"url": "x"}}
    put(spec, ("relay", "delay"), "5s")
    put(spec, ("cap", "clicks"), 3)
    assert spec == {"relay": {"url": "x", "delay": "5s"}, "cap": {"clicks": 3}}
    put(spec, ("cap", "clicks"), LEFT_OUT)
    put(spec, ("hmac", "header"), LEFT_OUT)
    assert spec == {"relay": {"url": "x", "delay": "5s"}}
    assert value_at(spec, ("relay", "cap")) is LEFT_OUT


# -- every field hands back what nobody touched ----------------------------------------------------------------------


@pytest.mark.parametrize("value", [LEFT_OUT, "", "x", " padded ", "-"])
def test_untouched_text_comes_back_as_it_was(qtbot: QtBot, value: object) -> None:
    for template in ({}, {"name": "given"}):
        field = TextField("Name", ("name",))
        qtbot.addWidget(field)
        spec = {} if value is LEFT_OUT else {"name": value}
        field.load(spec, template)
        assert stored(field, dict(spec)) == spec


@pytest.mark.parametrize("value", [LEFT_OUT, [], ["a"], ["with, comma", "b"]])
def test_an_untouched_list_comes_back_as_it_was(qtbot: QtBot, value: object) -> None:
    field = ListField("Events", ("relay", "events"))
    qtbot.addWidget(field)
    spec = {} if value is LEFT_OUT else {"relay": {"events": value}}
    field.load(spec, {})
    assert stored(field, {**spec}) == spec


def test_untouched_tables_come_back_as_they_were(qtbot: QtBot, theme: Theme) -> None:
    columns = (GridColumn("Name", ("subs",), ("name",)), GridColumn("Macro", ("subs",), ("token",)))
    grid = GridField("Subs", [("sub1", "sub1"), ("sub2", "sub2")], columns, 1)
    pairs = PairsField(theme, "Events", ("events",), ("Event", "Payout"))
    for field in (grid, pairs):
        qtbot.addWidget(field)
    spec = {"subs": {"sub2": {"name": "", "token": "{z}"}}, "events": {"deposit": "5.00"}}
    for field in (grid, pairs):
        field.load(spec, {"subs": {"sub1": {"name": "zone", "token": "{zone}"}}})
        assert stored(field, dict(spec)) == spec


# -- what is written -------------------------------------------------------------------------------------------------


def test_empty_leaves_it_to_the_template_and_a_dash_takes_it_away(qtbot: QtBot) -> None:
    field = TextField("External id", ("external_id",))
    qtbot.addWidget(field)
    field.load({"external_id": "{own}"}, {"external_id": "${SUBID}"})
    assert field.line.placeholderText().startswith("${SUBID}")
    field.line.setText("-")
    assert stored(field, {"external_id": "{own}"}) == {"external_id": ""}
    field.line.clear()
    assert stored(field, {"external_id": "{own}"}) == {}
    field.load({"external_id": ""}, {"external_id": "${SUBID}"})
    assert field.line.text() == "-"


def test_a_dash_is_a_dash_where_there_is_nothing_to_take_away(qtbot: QtBot) -> None:
    field = TextField("Prefix", ("txn_prefix",))
    qtbot.addWidget(field)
    field.load({}, {})
    qtbot.keyClicks(field.line, "-")
    assert stored(field, {}) == {"txn_prefix": "-"}


def test_numbers_are_numbers_and_what_is_none_is_left_to_the_rules(qtbot: QtBot) -> None:
    field = NumberField("Days", ("window_days",))
    qtbot.addWidget(field)
    field.load({}, {})
    qtbot.keyClicks(field.line, "30")
    assert stored(field, {}) == {"window_days": 30}
    qtbot.keyClicks(field.line, " days")
    assert stored(field, {}) == {"window_days": "30 days"}


def test_a_choice_shows_what_applies_by_itself(qtbot: QtBot) -> None:
    field = ChoiceField("Pays", ("payout_from",), (("postback", "Postback"), ("offer", "Offer")), default="postback")
    qtbot.addWidget(field)
    field.load({}, {})
    assert field.box.currentText() == "Postback"
    field.box.setCurrentIndex(field.box.findText("Offer"))
    assert stored(field, {}) == {"payout_from": "offer"}
    field.load({"payout_from": "postback"}, {"payout_from": "offer"})
    assert field.box.currentText() == "Postback"
    field.box.setCurrentIndex(0)
    assert field.box.currentText().startswith("Offer")
    assert stored(field, {"payout_from": "postback"}) == {}


def test_a_choice_keeps_an_answer_that_is_no_longer_offered(qtbot: QtBot) -> None:
    field = ChoiceField("Network", ("network",), (("maxi", "Maxi"),))
    qtbot.addWidget(field)
    field.load({"network": "gone"}, {})
    field.set_answers((("maxi", "Maxi"), ("other", "Other")))
    assert field.box.currentText() == "gone"
    assert not field.is_touched


def test_switches_and_checks_say_only_what_differs(qtbot: QtBot) -> None:
    switch = SwitchField("Strict", ("strict",))
    checks = ChecksField("Statuses", ("statuses",), [(one, one) for one in ("approved", "rejected")], ("approved",))
    for field in (switch, checks):
        qtbot.addWidget(field)
        field.load({}, {})
    switch.check.click()
    checks.checks["rejected"].click()
    assert stored(switch, {}) == {"strict": True}
    assert stored(checks, {}) == {"statuses": ["approved", "rejected"]}
    switch.check.click()
    assert stored(switch, {}) == {}


def test_an_untouched_field_follows_another_template(qtbot: QtBot) -> None:
    switch = SwitchField("Last word", ("last_word_wins",))
    qtbot.addWidget(switch)
    switch.load({}, {})
    switch.inherit({"last_word_wins": True})
    assert switch.check.isChecked()
    assert stored(switch, {}) == {}


def test_pairs_grow_as_they_are_written(qtbot: QtBot, theme: Theme) -> None:
    field = PairsField(theme, "Events", ("events",), ("Event", "Payout"))
    qtbot.addWidget(field)
    field.load({}, {})
    field.grid.item(0, 0).setText("deposit")
    field.grid.item(0, 1).setText("50")
    assert field.grid.rowCount() == 2
    assert stored(field, {}) == {"events": {"deposit": "50"}}


def test_a_grid_takes_away_what_the_template_gives(qtbot: QtBot) -> None:
    columns = (GridColumn("Macro", ("macros",)), GridColumn("Parameter", ("params",)))
    field = GridField("Fields", [("click_id", "click id"), ("payout", "payout")], columns, 2)
    qtbot.addWidget(field)
    field.load({}, {"macros": {"payout": "{payout}"}})
    field.grid.item(1, 0).setText("-")
    field.grid.item(0, 1).setText("s2")
    assert stored(field, {}) == {"macros": {"payout": ""}, "params": {"click_id": "s2"}}


def test_a_token_is_masked_shown_copied_renewed_and_opened(qtbot: QtBot, theme: Theme) -> None:
    field = SecretField(theme, "Token", ("token",), lambda: "fresh")
    qtbot.addWidget(field)
    field.load({"token": "a-secret"}, {})
    assert field.line.echoMode() is field.line.EchoMode.Password
    field.show_button.click()
    assert field.line.echoMode() is field.line.EchoMode.Normal
    copy, renew = (button for button, icon in field._buttons if icon in ("copy", "refresh-cw"))
    copy.click()
    assert QApplication.clipboard().text() == "a-secret"
    renew.click()
    assert stored(field, {"token": "a-secret"}) == {"token": "fresh"}
    field.open.click()
    assert stored(field, {"token": "a-secret"}) == {"token": ""}


def test_a_template_of_the_catalog_is_found_by_a_part_of_its_name(qtbot: QtBot) -> None:
    field = CatalogField(catalog().networks)
    qtbot.addWidget(field)
    field.load({}, {})
    field.chooser.setEditText("everflow")
    assert stored(field, {}) == {"template": "everflow"}
    assert field.chosen is not None
    assert "25 failures" in field._notes.text()


# -- problems --------------------------------------------------------------------------------------------------------


def test_a_problem_stands_beside_its_field_as_plain_text(qtbot: QtBot, theme: Theme) -> None:
    field = TemplateField(theme, "URL", ("url",), "A hint")
    qtbot.addWidget(field)
    field.show_problem("<b>bad</b>")
    assert field.problem == "▲ <b>bad</b>"
    assert field._below.textFormat() is Qt.TextFormat.PlainText
    assert field.edit.property("problem") is True
    field.show_problem("")
    assert field._below.text() == "A hint"


# -- macros ----------------------------------------------------------------------------------------------------------


def test_every_macro_has_a_meaning_and_an_example() -> None:
    assert all(meaning(name) for name in MACROS)
    assert [name for name in MACROS if name not in EXAMPLES and not name.startswith(("sub", "custom"))] == []


def test_macros_that_begin_so_come_first() -> None:
    assert matching("tim") == ["time", "time_ms", "time_iso", "click_time", "click_time_ms"]
    assert matching("nothing-like-it") == []


def test_a_macro_is_completed_while_it_is_typed(qtbot: QtBot, theme: Theme) -> None:
    edit = TemplateEdit(theme)
    qtbot.addWidget(edit)
    edit.show()
    edit.setFocus()
    qtbot.keyClicks(edit, "https://x.example/?c={cli")
    assert edit.macros.isVisible()
    assert edit.macros.list.item(0).text().startswith("{click_id}   our id of the click")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert edit.text() == "https://x.example/?c={click_id}"
    assert not edit.macros.isVisible()


def test_the_list_is_steered_with_the_arrows_and_closed_with_escape(qtbot: QtBot, theme: Theme) -> None:
    edit = TemplateEdit(theme)
    qtbot.addWidget(edit)
    edit.show()
    edit.setFocus()
    qtbot.keyClicks(edit, "{tim")
    qtbot.keyClick(edit, Qt.Key.Key_Down)
    qtbot.keyClick(edit, Qt.Key.Key_Tab)
    assert edit.text() == "{time_ms}"
    qtbot.keyClicks(edit, "{s")
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert not edit.macros.isVisible()
    assert edit.text() == "{time_ms}{s"


def test_one_line_stays_one_line(qtbot: QtBot, theme: Theme) -> None:
    edit = TemplateEdit(theme)
    qtbot.addWidget(edit)
    qtbot.keyClicks(edit, "a")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    QApplication.clipboard().setText(" b\nc ")
    edit.paste()
    assert edit.text() == "abc"


def test_known_and_unknown_macros_are_coloured_apart(qtbot: QtBot, theme: Theme) -> None:
    edit = TemplateEdit(theme)
    qtbot.addWidget(edit)
    edit.set_text("{click_id}{nobody}")
    found = edit.document().firstBlock().layout().formats()
    assert [(one.start, one.length, one.format.foreground().color().name()) for one in found] == [
        (0, 10, theme.colours.accent),
        (10, 8, theme.colours.bad),
    ]


def test_a_long_url_wraps_and_the_field_grows(qtbot: QtBot, theme: Theme) -> None:
    edit = TemplateEdit(theme)
    qtbot.addWidget(edit)
    edit.resize(300, 30)
    edit.show()
    before = edit.height()
    edit.set_text("https://x.example/?" + "a" * 300)
    qtbot.waitUntil(lambda: edit.height() > 2 * before)


def test_a_preview_shows_what_a_macro_becomes(qtbot: QtBot, theme: Theme) -> None:
    preview = Preview(theme, "Preview")
    qtbot.addWidget(preview)
    preview.show_pieces(pieces("https://x.example/?s={status}&<b>", "url", lambda name, _currency: f"{name} & more"))
    assert preview.text.toPlainText() == "https://x.example/?s=status%20%26%20more&<b>"
