"""Lists sorted by a click on a head: whole, in place and remembered; and nothing holds the GUI thread."""

from __future__ import annotations

import csv
import sys
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from sqlalchemy import delete, event, text, update

from app.pages.clicks.page import ClicksPage
from app.pages.conversions.page import ConversionsPage
from app.pages.postbacks.page import PostbacksPage
from app.pages.relays.page import RelaysPage
from app.widgets.reading import PAGE
from server.api.sorting import Sorting
from server.domain.click_id import first_key
from server.storage.tables import ClickRow
from tests.app.clicks import LONG_AGO, Stalls, add_clicks, click_head, head, is_idle, shown, texts

MANY = text(
    "INSERT INTO click (id, campaign_id, source_id, reason, external_id, sub1, cost) "
    "WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x < 199999) "
    "SELECT :base + x, (SELECT id FROM campaign), (SELECT id FROM source), 'only_path', "
    "'e' || x, 'zone' || (x * 7919 % 100003), CASE WHEN x % 3 THEN x * 31 % 50000 END FROM n"
)


@pytest.fixture
def many(set_up_desk):
    set_up_desk.data.database.write(lambda connection: connection.execute(MANY, {"base": first_key(LONG_AGO)}))
    return set_up_desk


def test_a_head_sorts_the_whole_list_turns_it_and_gives_it_back(set_up_desk, qtbot):
    add_clicks(set_up_desk.data, 450)
    page = shown(ClicksPage(set_up_desk), qtbot, PAGE)
    assert head(page, "time") == "Time ▼"
    names = sorted(f"e{number}" for number in range(450))
    click_head(page, qtbot, "external_id")
    qtbot.waitUntil(lambda: texts(page, "external_id") == names[:PAGE])
    assert (head(page, "external_id"), head(page, "time")) == ("External id ▲", "Time")
    bar = page.view.verticalScrollBar()

    def at_the_end():
        bar.setValue(bar.maximum())
        return page.model.rowCount() == 450

    qtbot.waitUntil(at_the_end)
    assert texts(page, "external_id") == names
    click_head(page, qtbot, "external_id")
    qtbot.waitUntil(lambda: texts(page, "external_id") == names[: -PAGE - 1 : -1])
    assert head(page, "external_id") == "External id ▼"
    assert bar.value() == 0
    click_head(page, qtbot, "external_id")
    qtbot.waitUntil(lambda: texts(page, "external_id")[:2] == ["e449", "e448"])
    assert (page.model.sorting, head(page, "external_id")) == (None, "External id")


def test_the_head_of_time_goes_between_newest_and_oldest(set_up_desk, qtbot):
    add_clicks(set_up_desk.data, 3)
    page = shown(ClicksPage(set_up_desk), qtbot, 3)
    for name, expected in (
        ("time", ["e0", "e1", "e2"]),
        ("time", ["e2", "e1", "e0"]),
        ("external_id", ["e0", "e1", "e2"]),
        ("time", ["e2", "e1", "e0"]),
    ):
        click_head(page, qtbot, name)
        qtbot.waitUntil(lambda expected=expected: texts(page, "external_id") == expected)
    assert page.model.sorting is None


def test_what_cannot_be_sorted_does_not_look_as_if_it_could(desk, qtbot):
    page = shown(PostbacksPage(desk), qtbot, 3)
    header = page.view.horizontalHeader()
    click_head(page, qtbot, "request")
    assert page.model.sorting is None
    assert not header.sectionsClickable()
    assert header.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor
    click_head(page, qtbot, "outcome")
    assert header.sectionsClickable()
    assert header.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
    qtbot.waitUntil(lambda: texts(page, "outcome") == ["accepted", "no click id", "unauthorised"])


@pytest.mark.parametrize("make", [ClicksPage, ConversionsPage, PostbacksPage, RelaysPage])
def test_every_list_can_be_sorted_by_all_but_what_is_put_together(desk, qtbot, make):
    page = make(desk)
    qtbot.addWidget(page)
    fixed = [column.name for n, column in enumerate(page.model.columns) if not page.model.can_sort(n)]
    assert fixed in ([], ["request"])
    for section in range(len(page.model.columns)):
        qtbot.waitUntil(lambda: is_idle(page))
        page.view.horizontalHeader().sort_by(section)
    qtbot.waitUntil(lambda: is_idle(page))
    assert page.model.rowCount() > 0
    assert page._problem.isHidden()


def test_a_sorted_list_stays_and_says_what_came(set_up_desk, qtbot):
    keys = add_clicks(set_up_desk.data, 120, sub1="b")
    page = shown(ClicksPage(set_up_desk), qtbot, 120)
    page.model.sort(Sorting("sub1"))
    qtbot.waitUntil(lambda: is_idle(page))
    before = [page.model.row(number)["id"] for number in range(120)]
    add_clicks(set_up_desk.data, 7, start=1000, sub1="a")
    change = update(ClickRow).where(ClickRow.id == keys[-1]).values(sub1="z")
    set_up_desk.data.database.write(lambda connection: connection.execute(change))
    page.model.look()
    qtbot.waitUntil(page._news.isVisible)
    assert page._news.text() == "7 new · Read anew"
    assert [page.model.row(number)["id"] for number in range(page.model.rowCount())] == before
    assert texts(page, "sub1")[0] == "z"
    qtbot.mouseClick(page._news, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.model.rowCount() == 127)
    assert texts(page, "sub1") == ["a"] * 7 + ["b"] * 119 + ["z"]
    assert page._news.isHidden()
    add_clicks(set_up_desk.data, 1, start=2000, sub1="0")
    page.refresh()
    qtbot.waitUntil(lambda: texts(page, "sub1")[:2] == ["0", "a"])


def test_a_page_whose_rows_are_gone_does_not_end_the_list(set_up_desk, qtbot):
    keys = add_clicks(set_up_desk.data, 3 * PAGE)
    page = shown(ClicksPage(set_up_desk), qtbot, PAGE)
    page.model.sort(Sorting("id"))
    qtbot.waitUntil(lambda: is_idle(page) and texts(page, "external_id")[0] == "e0")
    gone = delete(ClickRow).where(ClickRow.id.in_(keys[PAGE : 2 * PAGE]))
    set_up_desk.data.database.write(lambda connection: connection.execute(gone))
    page.view.scrollToBottom()
    qtbot.waitUntil(lambda: page.model.rowCount() == 2 * PAGE)
    assert texts(page, "external_id")[PAGE] == f"e{2 * PAGE}"


def test_the_order_is_remembered_with_the_columns(set_up_desk, qtbot):
    add_clicks(set_up_desk.data, 3)
    page = shown(ClicksPage(set_up_desk), qtbot, 3)
    page.model.sort(Sorting("external_id", is_falling=True))
    page.save_layout()
    again = shown(ClicksPage(set_up_desk), qtbot, 3)
    assert again.model.sorting == Sorting("external_id", is_falling=True)
    assert head(again, "external_id") == "External id ▼"
    again.model.sort(None)
    again.save_layout()
    assert ClicksPage(set_up_desk).model.sorting is None


def test_the_csv_follows_the_order(set_up_desk, qtbot, tmp_path):
    add_clicks(set_up_desk.data, 620)
    page = shown(ClicksPage(set_up_desk), qtbot, PAGE)
    page.model.sort(Sorting("external_id"))
    said = []
    set_up_desk.say = said.append
    page.save_csv(tmp_path / "list.csv")
    qtbot.waitUntil(lambda: any("620" in words for words in said))
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["External id"] for row in rows] == sorted(f"e{number}" for number in range(620))


def test_with_200000_clicks_sorting_and_searching_hold_nothing(many, qtbot):
    page = shown(ClicksPage(many), qtbot, PAGE)
    bar = page.view.verticalScrollBar()
    deeds = {
        "sort by text": lambda: page.model.sort(Sorting("sub1")),
        "sort by money": lambda: page.model.sort(Sorting("cost", is_falling=True)),
        "scroll": lambda: bar.setValue(bar.maximum()),
        "search": lambda: page.filters.text.setText("zone56"),
        "newest first": lambda: page.model.sort(None),
    }
    for name, do in deeds.items():
        stalls = Stalls()
        do()
        QApplication.processEvents()
        qtbot.waitUntil(lambda: is_idle(page) and not page.filters._typing.isActive(), timeout=30_000)
        stalls.tick()
        sys.stdout.write(f"\nlongest hold of the GUI thread, {name}: {stalls}\n")
        assert stalls.worked < 0.1
    assert page.model.filters.text == "zone56"


def test_a_row_that_came_before_the_first_look_is_seen(set_up_desk, qtbot):
    page = shown(ClicksPage(set_up_desk), qtbot, 0)
    qtbot.waitUntil(lambda: is_idle(page))
    add_clicks(set_up_desk.data, 1)
    set_up_desk.pulse.start()
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)


def test_no_list_reads_the_database_on_the_gui_thread(desk, qtbot):
    readers = []
    engine = desk.data.database.reading
    note = lambda *_: readers.append(threading.get_ident())  # noqa: E731
    event.listen(engine, "before_cursor_execute", note)
    try:
        for make, count in ((ClicksPage, 3), (ConversionsPage, 1), (PostbacksPage, 3), (RelaysPage, 1)):
            page = shown(make(desk), qtbot, count)
            page.narrow_to({"campaign": "summer"})
            page.refresh()
            page.model.sort(Sorting("id"))
            qtbot.waitUntil(lambda page=page: is_idle(page) and page.filters.boxes["campaign"].count() == 2)
            assert page.model.filters.campaign == "summer"
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert readers
    assert threading.get_ident() not in readers
