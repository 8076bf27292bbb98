"""Correct the cost, as a person does: say the bill, look what it would do, apply it, undo it, see it in the lists."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QDateTime, Qt
from PySide6.QtWidgets import QLabel

from app.dialogs.cost import CostDialog
from app.pages.campaigns.page import CampaignsPage
from app.pages.clicks.page import ClicksPage
from app.widgets.evidence_cards import Cards
from server.api import costs, lists
from server.api.evidence import evidence
from tests.app.clicks import shown, texts


@pytest.fixture
def dialog(desk, qtbot):
    """Three clicks of 0.012 USD, with zones 0 to 2, a moment ago."""
    dialog = CostDialog(desk, desk.setup.campaigns["summer"])
    qtbot.addWidget(dialog)
    dialog.show()
    choose(dialog.form.preset, 0)
    return dialog


def choose(box, place):
    box.setCurrentIndex(place)
    box.activated.emit(place)


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def previewed(dialog, qtbot, total):
    """Clicks count once they are two seconds old."""
    dialog.form.total.clear()
    qtbot.keyClicks(dialog.form.total, total)

    def is_whole():
        if not dialog._typing.isActive() and dialog.figures["clicks"].text() != "3":
            dialog._look_ahead()
        return dialog.figures["clicks"].text() == "3" and dialog.apply_button.isEnabled()

    qtbot.waitUntil(is_whole, timeout=10_000)
    return [figure.text() for figure in dialog.figures.values()]


def rows(dialog):
    return [label.text() for label in dialog.rows.findChildren(QLabel)]


def test_it_shows_what_a_bill_would_do_before_it_does_it(dialog, qtbot, desk):
    assert not dialog.apply_button.isEnabled()
    assert previewed(dialog, qtbot, "4") == ["3", "0.036 USD", "4.00 USD", "1.333333 USD"]
    assert "only the clicks until now would bear it" in dialog.message.text()
    assert costs.listed(desk.data, "summer") == []
    assert rows(dialog) == ["None yet: the clicks cost what they cost by themselves."]


def test_it_is_applied_seen_in_list_and_evidence_and_undone(dialog, qtbot, desk):
    previewed(dialog, qtbot, "4")
    qtbot.keyClicks(dialog.form.note, "invoice 7")
    press(qtbot, dialog.apply_button)
    qtbot.waitUntil(lambda: dialog.message.text() == "✓ 3 clicks now cost 4.00 USD.")
    qtbot.waitUntil(lambda: "4.00 USD for 3 clicks" in rows(dialog))
    assert [text for text in rows(dialog) if text.endswith(" · before 0.036 USD · invoice 7")]
    assert dialog.form.total.text() == ""
    assert not dialog.apply_button.isEnabled()
    page = shown(ClicksPage(desk), qtbot, 3)
    assert texts(page, "cost") == ["✎ 1.3333 USD"] * 3
    assert texts(page, "own_cost") == ["0.0120 USD"] * 3
    assert page.model.index(2, 5).data(Qt.ItemDataRole.ToolTipRole) is not None
    click = lists.page(desk.data, lists.CLICKS, lists.Filters(limit=1))[0]["id"]
    facts = dict(Cards(desk.zone, "").of_chain(evidence(desk.data, click))[0].facts)
    assert facts["Cost"] == "1.333333 USD by correction 1, by itself 0.012 USD"
    press(qtbot, dialog.rows.buttons[1])
    qtbot.waitUntil(lambda: dialog.message.text() == "✓ Undone: 3 clicks cost what they did.")
    qtbot.waitUntil(lambda: "undone" in rows(dialog))
    page.model.look()
    qtbot.waitUntil(lambda: texts(page, "cost") == ["0.0120 USD"] * 3)


def test_the_pulse_hears_of_a_correction(dialog, qtbot, desk):
    previewed(dialog, qtbot, "4")
    moved = []
    desk.pulse.changed.connect(moved.append)
    desk.pulse.look()
    qtbot.waitUntil(lambda: bool(moved))
    press(qtbot, dialog.apply_button)
    qtbot.waitUntil(lambda: bool(dialog.rows.buttons))

    def is_heard():
        desk.pulse.look()
        return {"cost"} in moved

    qtbot.waitUntil(is_heard)


def test_a_bill_for_one_zone_in_another_currency(dialog, qtbot, desk):
    previewed(dialog, qtbot, "4")
    dialog.form.sub.setCurrentIndex(1)
    assert dialog.form.sub.currentText() == "sub1 · zone"
    assert dialog.form.bill() is None
    qtbot.keyClicks(dialog.form.value, "zone1")
    dialog.form.currency.setEditText("eur")
    qtbot.waitUntil(lambda: dialog.figures["clicks"].text() == "1")
    assert dialog.figures["after"].text() == "4.00 EUR"
    assert dialog.message.text() == "▲ There is no rate from EUR to USD: reports count it as without rate."
    press(qtbot, dialog.apply_button)
    qtbot.waitUntil(lambda: bool(dialog.rows.buttons))
    [made] = costs.listed(desk.data, "summer")
    assert (made["where"], made["currency"], made["total"]) == ({"sub1": "zone1"}, "EUR", "4.00")


@pytest.mark.parametrize("total", ["a lot", "4 EUR", "-4", "1,234"])
def test_what_is_no_amount_is_refused_beside_it(dialog, qtbot, total):
    qtbot.keyClicks(dialog.form.total, total)
    qtbot.waitUntil(lambda: not dialog._typing.isActive())
    assert "Write an amount such as 120.50" in dialog.form.fields["total"].problem
    assert not dialog.apply_button.isEnabled()


def test_a_period_is_of_the_owners_days_and_has_to_be_one(dialog, desk):
    form = dialog.form
    form.total.setText("4")
    choose(form.preset, 1)
    yesterday = form.bill()
    choose(form.preset, 0)
    today = form.bill()
    assert today.since == yesterday.until
    assert today.since <= desk.data.clock() < today.until
    form.since.setDateTime(QDateTime.fromString("2026-07-01T12:30:00Z", Qt.DateFormat.ISODate))
    form.until.setDateTime(QDateTime.fromString("2026-07-01T12:31:00Z", Qt.DateFormat.ISODate))
    assert form.preset.currentText() == "Own period"
    assert (form.bill().since, form.bill().until - form.bill().since) == (1_782_901_800_000, 60_000)  # 10:30 in UTC
    form.until.setDateTime(form.since.dateTime())
    assert form.bill() is None
    assert form.fields["until"].problem == "▲ It ends before it begins."
    form.since.setDateTime(QDateTime.fromString("2199-07-01T00:00:00Z", Qt.DateFormat.ISODate))
    assert form.bill() is None
    assert form.fields["since"].problem == "▲ It has not begun yet."


def test_a_period_without_clicks_says_where_there_are_some(dialog, qtbot):
    choose(dialog.form.preset, 1)
    qtbot.keyClicks(dialog.form.total, "4")
    qtbot.waitUntil(lambda: "has no click from" in dialog.message.text())
    assert not dialog.apply_button.isEnabled()
    assert {figure.text() for figure in dialog.figures.values()} == {"–"}


def test_the_editor_of_campaigns_leads_to_it(desk, qtbot):
    page = CampaignsPage(desk)
    qtbot.addWidget(page)
    page.resize(1072, 740)
    page.show()
    qtbot.waitUntil(lambda: page._key == "summer")
    said = []
    desk.say = said.append
    press(qtbot, page.form.correct_button)
    assert page.findChild(CostDialog).windowTitle() == "Correct the cost: summer"
    words = [action.text() for action in page.things.list.actions()]
    assert "Correct the cost" in words
    page.new()
    press(qtbot, page.form.correct_button)
    assert said == ["Save the campaign first: it has no clicks yet."]
