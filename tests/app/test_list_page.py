"""A page that is a list: filters combine, the CSV is whole and safe, and a row opens its evidence."""

from __future__ import annotations

import csv

import pytest
from PySide6.QtCore import QPoint, Qt

from app.pages.clicks.page import ClicksPage
from app.pages.conversions.page import ConversionsPage
from app.widgets.csv_file import safe_cell
from app.widgets.reading import PAGE
from tests.app.clicks import add_clicks, column_of, shown, texts


def test_filters_combine_and_can_be_cleared(desk, engine, qtbot):
    page = shown(ClicksPage(desk), qtbot, 3)
    qtbot.keyClicks(page.filters.text, "zone1")
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    page.filters.boxes["campaign"].setCurrentIndex(1)
    page.filters.span.setCurrentIndex(1)
    qtbot.waitUntil(lambda: page.model.filters.campaign == "summer" and page.model.filters.since is not None)
    qtbot.waitUntil(lambda: texts(page, "sub1") == ["zone1"])
    page.filters.text.setText("nothing like it")
    qtbot.waitUntil(lambda: page._stack.currentWidget() is page._nothing)
    page.clear_filters()
    qtbot.waitUntil(lambda: page.model.rowCount() == 3)


def test_a_filter_that_is_asked_for_before_its_answers_are_read_is_kept(desk, qtbot):
    page = ClicksPage(desk)
    page.narrow_to({"campaign": "summer", "source": "nobody"})
    box = page.filters.boxes["campaign"]
    assert (box.currentData(), page.model.filters.campaign) == ("summer", "summer")
    shown(page, qtbot, 0)
    qtbot.waitUntil(page._problem.isVisible)
    assert "There is no source nobody." in page._problem.text()
    page.filters.fill()
    page.narrow_to({"campaign": "summer"})
    qtbot.waitUntil(lambda: page.model.rowCount() == 3)
    assert [box.itemText(place) for place in range(box.count())] == ["All campaigns", "summer"]
    assert box.currentData() == "summer"


def test_a_click_id_finds_what_belongs_to_it(desk, engine, qtbot):
    click = ClicksPage(desk)
    shown(click, qtbot, 3)
    click_id = click.model.row(2)["id"]
    page = shown(ConversionsPage(desk), qtbot, 1)
    page.narrow_to({"click": click_id.upper()})
    qtbot.waitUntil(lambda: page.model.filters.click == click_id.upper() and page.model.rowCount() == 1)
    page.narrow_to({"click": click.model.row(0)["id"]})
    qtbot.waitUntil(lambda: page.model.rowCount() == 0)


def test_the_csv_holds_all_that_matches_and_no_spreadsheet_runs_it(set_up_desk, qtbot, tmp_path):
    data = set_up_desk.data
    add_clicks(data, 450, sub1="plain", cost=1_250_000, cost_currency="USD")
    add_clicks(data, 1, start=900, sub1='=HYPERLINK("http://x")', sub2=" @SUM(A1)", sub3="-5")
    page = shown(ClicksPage(set_up_desk), qtbot, PAGE)
    page.view.setColumnHidden(column_of(page, "sub3"), False)
    said = []
    set_up_desk.say = said.append
    page.save_csv(tmp_path / "list.csv")
    qtbot.waitUntil(lambda: any("451" in words for words in said))
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 451
    assert (rows[0]["Sub 1"], rows[0]["Sub 2"], rows[0]["Sub 3"]) == ('\'=HYPERLINK("http://x")', "' @SUM(A1)", "-5")
    assert rows[1]["Cost"] == "1.25"
    assert rows[1]["Time"].startswith("20")


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n@x", "  =1", "＝1"]
)
def test_a_formula_is_made_text(cell):
    assert safe_cell(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-12.50", "plain", "1,234.50", "", "a=b", "–"])
def test_what_is_no_formula_stays(cell):
    assert safe_cell(cell) == cell


def test_a_csv_that_cannot_be_written_is_a_line_on_the_page(set_up_desk, qtbot, tmp_path):
    add_clicks(set_up_desk.data, 2)
    page = shown(ClicksPage(set_up_desk), qtbot, 2)
    page.save_csv(tmp_path / "nowhere" / "list.csv")
    qtbot.waitUntil(page._problem.isVisible)
    assert "cannot be written" in page._problem.text()


def test_enter_and_double_click_open_the_evidence(desk, engine, qtbot):
    asked = []
    desk.show_evidence = asked.append
    page = shown(ClicksPage(desk), qtbot, 3)
    page.view.setFocus()
    page.view.selectRow(1)
    qtbot.keyClick(page.view, Qt.Key.Key_Return)
    spot = page.view.visualRect(page.model.index(2, 0)).center()
    qtbot.mouseClick(page.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(spot))
    qtbot.mouseDClick(page.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(spot))
    assert asked == [page.model.row(1)["id"], page.model.row(2)["id"]]
