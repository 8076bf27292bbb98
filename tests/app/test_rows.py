"""The shared table: hostile rows are text, nothing stalls, the list pages, grows, and copies as it is shown."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from sqlalchemy import update

from app.pages.clicks.page import ClicksPage
from app.widgets.plain import LONGEST_CELL, cut, plain_tip
from app.widgets.reading import MOST_AT_ONCE, PAGE
from server.storage.tables import ClickRow
from tests.app.clicks import Stalls, add_clicks, column_of, shown, texts

HOSTILE = [
    "<img src='file:///etc/passwd'><img src=x>",
    "<b>bold</b><h1>large</h1>",
    "x" * 5_000_000,
    "abc\u202egnp.exe\u202c\u200f",
    "🎉 emoji 👩‍👩‍👧 日本語",
    "one\ttwo\nthree\r\nfour\x00",
    "&lt;i&gt;",
]


@pytest.fixture
def hostile(set_up_desk):
    for number, text in enumerate(HOSTILE):
        add_clicks(
            set_up_desk.data, 1, start=number, sub1=text, sub2=text, user_agent=text, referrer=text, destination=text
        )
    return set_up_desk


def test_hostile_rows_are_one_line_of_plain_text_and_stall_nothing(hostile, qtbot):
    page = ClicksPage(hostile)
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    stalls = Stalls()
    qtbot.waitUntil(lambda: page.model.rowCount() == len(HOSTILE))
    page.view.viewport().repaint()
    page.view.selectAll()
    QApplication.processEvents()
    stalls.tick()
    sys.stdout.write(f"\nlongest hold of the GUI thread with 5 MB cells: {stalls}\n")
    assert stalls.worked < 0.1
    found = texts(page, "sub1")[::-1]
    assert found[0] == HOSTILE[0]
    assert found[2] == "x" * LONGEST_CELL + "…"
    assert "\u202e" not in found[3]
    assert found[4].startswith("🎉 emoji")
    assert not {"\t", "\n", "\r", "\x00"} & set(found[5])
    assert all(len(text) <= LONGEST_CELL + 1 for text in found)


def test_a_tip_is_never_read_as_rich_text(hostile, qtbot):
    page = shown(ClicksPage(hostile), qtbot, len(HOSTILE))
    tips = [
        page.model.index(row, column_of(page, "sub1")).data(Qt.ItemDataRole.ToolTipRole) for row in range(len(HOSTILE))
    ]
    assert all("<img" not in tip and "<b>" not in tip and len(tip) < 6 * LONGEST_CELL + 100 for tip in tips)
    assert plain_tip("<b>") == "<p style='white-space: pre-wrap'>&lt;b&gt;</p>"


@pytest.mark.parametrize("text", HOSTILE)
def test_cut_gives_one_printable_line(text):
    assert cut(text).isprintable()
    assert len(cut(text)) <= LONGEST_CELL + 1


def test_five_thousand_rows_are_read_as_they_are_scrolled_to(set_up_desk, qtbot):
    add_clicks(set_up_desk.data, 5000)
    page = shown(ClicksPage(set_up_desk), qtbot, PAGE)
    bar = page.view.verticalScrollBar()

    def at_the_end():
        bar.setValue(bar.maximum())
        return page.model.rowCount() == 5000

    stalls = Stalls()
    qtbot.waitUntil(at_the_end, timeout=10000)
    sys.stdout.write(f"\nlongest hold of the GUI thread while scrolling: {stalls}\n")
    assert stalls.worked < 0.1
    assert texts(page, "external_id") == [f"e{number}" for number in range(4999, -1, -1)]


def test_live_rows_come_on_top(desk, engine, qtbot):
    page = shown(ClicksPage(desk), qtbot, 3)
    desk.pulse.start()
    qtbot.waitUntil(lambda: desk.pulse._marks is not None)
    page.view.selectRow(0)
    chosen = page.view.selected()
    engine.click("ext=fresh")
    qtbot.waitUntil(lambda: page.model.rowCount() == 4, timeout=5000)
    assert texts(page, "external_id")[0] == "fresh"
    assert page.view.selected() == chosen
    assert page.view.verticalScrollBar().value() == 0


def test_who_has_scrolled_down_stays_where_he_is(set_up_desk, qtbot):
    add_clicks(set_up_desk.data, 150)
    page = shown(ClicksPage(set_up_desk), qtbot, 150)
    bar = page.view.verticalScrollBar()
    bar.setValue(1800)
    page.view.selectRow(62)
    before = page.model.row(page.view.rowAt(0))["id"], page.view.selected(), bar.value() % 30
    add_clicks(set_up_desk.data, 7, start=1000)
    page.model.look()
    qtbot.waitUntil(lambda: page.model.rowCount() == 157)
    assert (page.model.row(page.view.rowAt(0))["id"], page.view.selected(), bar.value() % 30) == before


def test_a_flood_does_not_throw_him_to_the_top_and_is_there_when_he_returns(set_up_desk, qtbot):
    add_clicks(set_up_desk.data, 150)
    page = shown(ClicksPage(set_up_desk), qtbot, 150)
    bar = page.view.verticalScrollBar()
    bar.setValue(2000)
    first = page.model.row(page.view.rowAt(0))["id"]
    add_clicks(set_up_desk.data, MOST_AT_ONCE + 200, start=1000)
    with qtbot.waitSignal(page.model.filled):
        page.model.look()
    assert page.model.row(page.view.rowAt(0))["id"] == first
    bar.setValue(0)
    qtbot.waitUntil(lambda: texts(page, "external_id")[0] == f"e{1000 + MOST_AT_ONCE + 199}")
    assert page.model.rowCount() == PAGE


def test_a_row_that_was_written_late_is_taken_in_at_its_place(set_up_desk, qtbot):
    data = set_up_desk.data
    add_clicks(data, 1, start=0)
    add_clicks(data, 1, start=5000)
    page = shown(ClicksPage(set_up_desk), qtbot, 2)
    add_clicks(data, 1, start=2500)
    page.model.look()
    qtbot.waitUntil(lambda: page.model.rowCount() == 3)
    assert texts(page, "external_id") == ["e5000", "e2500", "e0"]


def test_what_changed_is_painted_anew_in_place_and_what_no_longer_fits_leaves(set_up_desk, qtbot):
    data = set_up_desk.data
    keys = add_clicks(data, 60, sub1="old")
    page = shown(ClicksPage(set_up_desk), qtbot, 60)
    page.view.selectRow(3)
    resets = []
    page.model.modelReset.connect(lambda: resets.append(1))
    change = update(ClickRow).where(ClickRow.id.in_(keys[55:58])).values(sub1="new")
    data.database.write(lambda connection: connection.execute(change))
    page.model.look()
    qtbot.waitUntil(lambda: texts(page, "sub1").count("new") == 3)
    assert [row["sub1"] for row in page.view.selected()] == ["new"]
    assert resets == []
    page.filters.text.setText("old")
    qtbot.waitUntil(lambda: page.model.rowCount() == 57)
    change = update(ClickRow).where(ClickRow.id == keys[59]).values(sub1="gone")
    data.database.write(lambda connection: connection.execute(change))
    page.model.look()
    qtbot.waitUntil(lambda: page.model.rowCount() == 56)


def test_news_that_come_while_a_page_is_read_are_not_lost(set_up_desk, qtbot):
    add_clicks(set_up_desk.data, 10)
    page = shown(ClicksPage(set_up_desk), qtbot, 10)
    page.model.look()
    add_clicks(set_up_desk.data, 1, start=100)
    page.model.look()
    qtbot.waitUntil(lambda: page.model.rowCount() == 11)


def test_cells_are_copied_as_lines_with_tabs(hostile, qtbot):
    page = shown(ClicksPage(hostile), qtbot, len(HOSTILE))
    page.view.selectAll()
    page.view.setFocus()
    qtbot.waitUntil(page.view.hasFocus)
    qtbot.keyClick(page.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert len(lines) == len(HOSTILE)
    assert {len(line.split("\t")) for line in lines} == {len(page.view.columns_shown())}
