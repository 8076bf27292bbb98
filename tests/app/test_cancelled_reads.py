"""Long searches and sorts are ended by a person, by a newer one and by a closed page, and keep nobody waiting."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from sqlalchemy import text

from app.jobs import SEARCHES_AT_ONCE
from app.pages.clicks.page import ClicksPage
from server.api.sorting import Sorting
from tests.app.clicks import add_clicks, click_head, head, shown, texts

ENDLESS = text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT 1 - x FROM n) SELECT count(*) FROM n")


@pytest.fixture
def busy(set_up_desk):
    """Whatever a list reads waits: as many readers as there may be read without end."""

    def endless(cancel):
        with set_up_desk.data.read(cancel) as connection:
            connection.execute(ENDLESS)

    def fill():
        return [set_up_desk.jobs.search(set_up_desk.jobs, endless) for _ in range(SEARCHES_AT_ONCE)]

    return fill


def test_escape_ends_a_long_search_and_leaves_the_list_as_it_was(set_up_desk, busy, qtbot):
    add_clicks(set_up_desk.data, 5)
    page = shown(ClicksPage(set_up_desk), qtbot, 5)
    others = busy()
    qtbot.keyClicks(page.filters.text, "e3")
    qtbot.waitUntil(page._busy.isVisible)
    assert page._busy.words.text() == "Searching…"
    qtbot.keyClick(page.filters.text, Qt.Key.Key_Escape)
    qtbot.waitUntil(page._stopped.isVisible)
    assert page._busy.isHidden()
    assert page.model.rowCount() == 5
    assert page.model.filters.text is None
    for job in others:
        job.cancel()
    page.model.look()
    page.refresh()
    qtbot.waitUntil(lambda: texts(page, "external_id") == ["e3"])
    assert page._stopped.isHidden()


def test_the_cancel_button_ends_a_sort_and_the_arrow_goes_back(set_up_desk, busy, qtbot):
    add_clicks(set_up_desk.data, 5)
    page = shown(ClicksPage(set_up_desk), qtbot, 5)
    others = busy()
    click_head(page, qtbot, "external_id")
    qtbot.waitUntil(page._busy.isVisible)
    assert (head(page, "external_id"), page._busy.words.text()) == ("External id ▲", "Sorting…")
    qtbot.mouseClick(page._busy.button, Qt.MouseButton.LeftButton)
    assert (head(page, "external_id"), head(page, "time")) == ("External id", "Time ▼")
    assert texts(page, "external_id")[0] == "e4"
    for job in others:
        job.cancel()


def test_a_remembered_sort_that_takes_too_long_gives_way_to_the_newest(set_up_desk, busy, qtbot):
    add_clicks(set_up_desk.data, 5)
    page = shown(ClicksPage(set_up_desk), qtbot, 5)
    page.model.sort(Sorting("external_id"))
    page.save_layout()
    others = busy()
    again = ClicksPage(set_up_desk)
    qtbot.addWidget(again)
    again.model.stop()
    for job in others:
        job.cancel()
    qtbot.waitUntil(lambda: texts(again, "external_id") == ["e4", "e3", "e2", "e1", "e0"])


def test_what_is_replaced_or_closed_is_cancelled(set_up_desk, busy, qtbot):
    add_clicks(set_up_desk.data, 5)
    page = ClicksPage(set_up_desk)
    qtbot.waitUntil(lambda: page.model.rowCount() == 5)
    others = busy()
    asked = []
    for name in ("sub1", "cost", "ip"):
        page.model.sort(Sorting(name))
        asked.append(page.model._under_way["reading"])
    assert [job.is_cancelled for job in asked] == [True, True, False]
    page.deleteLater()
    qtbot.waitUntil(lambda: asked[2].is_cancelled)
    for job in others:
        job.cancel()


def test_endless_searches_keep_no_other_job_waiting_and_end_with_the_app(set_up_desk, busy, qtbot):
    busy()
    done = []
    set_up_desk.jobs.run(set_up_desk.jobs, lambda: 42, done.append)
    qtbot.waitUntil(lambda: done == [42])
    set_up_desk.jobs.close()  # waits for all of them
