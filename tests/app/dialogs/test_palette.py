"""Ctrl+K: what the window, the page and the selected rows can do, and every thing by its name."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.commands import Command, ways_to
from app.dialogs.palette import CommandPalette
from app.jobs import Jobs
from app.server_process import ServerProcess
from app.theme import Theme
from app.window import Window
from server.api import archiving, setup
from server.api.data import Data
from server.api.things import Name
from server.setup.document import read_document
from tests.app.conftest import Served

NAMED = """
[[landing]]
key = "quiz"
name = "A <b>quiz</b> page"
url = "https://lp.example/?c={click_id}"
"""


@pytest.fixture
def window(data: Data, theme: Theme, qtbot: QtBot) -> Iterator[Window]:
    jobs = Jobs()
    made = Window(data, theme, jobs, ServerProcess(data))
    qtbot.addWidget(made, before_close_func=lambda shown: shown.close_silently())
    made.show()
    yield made
    made.pulse.stop()
    made._status_timer.stop()
    jobs.close()


def opened(qtbot: QtBot, window: Window) -> CommandPalette:
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), CommandPalette))
    palette = QApplication.activePopupWidget()
    qtbot.waitUntil(lambda: any(one.is_thing for one in palette._commands))
    return palette


def listed(palette: CommandPalette) -> list[tuple[str, str]]:
    return [(one.words, one.beside) for one in palette.listed()]


def type_and_take(qtbot: QtBot, palette: CommandPalette, words: str) -> None:
    qtbot.keyClicks(palette._words, words)
    qtbot.keyClick(palette._words, Qt.Key.Key_Return)


def test_it_lists_what_the_window_can_do_with_the_keys_for_it(qtbot: QtBot, window: Window) -> None:
    palette = opened(qtbot, window)
    assert ("Read anew", "F5") in listed(palette)
    assert ("Today", "Ctrl+1") in listed(palette)
    assert not any(one.is_thing for one in palette.listed()), "things come with the first letter"
    type_and_take(qtbot, palette, "go rel")
    assert window._stack.currentWidget() is window.page("relays")


def test_things_of_every_kind_are_found_by_key_and_name_and_opened(qtbot: QtBot, data: Data, window: Window) -> None:
    setup.apply(data, read_document(NAMED, "named.toml"), "test")
    archiving.archive(data, "offer", "keto-us", with_dependents=True)
    palette = opened(qtbot, window)
    qtbot.keyClicks(palette._words, "e")
    assert {
        ("A <b>quiz</b> page", "landing page"),
        ("keto-us", "offer, archived"),
        ("summer", "campaign, archived"),
    } <= set(listed(palette))
    qtbot.keyClick(palette._words, Qt.Key.Key_Backspace)
    type_and_take(qtbot, palette, "quiz")
    page = window.page("landings")
    assert window._stack.currentWidget() is page
    qtbot.waitUntil(lambda: page.form.key == "quiz")


def test_what_is_called_so_comes_first() -> None:
    names = ["networks of old", "old", "older"]
    commands = [Command(name, lambda: None) for name in names]
    assert sorted(commands, key=lambda one: one.rank("old")) == [commands[1], commands[2], commands[0]]


def test_selected_rows_bring_their_actions(qtbot: QtBot, engine: Served, window: Window) -> None:
    click = engine.click()
    engine.postback(f"click_id={click}&payout=12.50&txn_id=T1&status=pending")
    engine.postback(f"click_id={click}&payout=2.50&txn_id=T2&status=pending")
    window.go_to("conversions")
    page = window.page("conversions")
    qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    palette = opened(qtbot, window)
    assert ("Set status…", "Ctrl+T") not in listed(palette)
    qtbot.keyClick(palette, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)

    page.view.selectRow(0)
    palette = opened(qtbot, window)
    assert listed(palette)[0] == ("Open the evidence", "Return")
    assert ("Set status…", "Ctrl+T") in listed(palette)
    assert all(words != "Accept late…" for words, _ in listed(palette)), "it fits none of these rows"
    type_and_take(qtbot, palette, "set stat")
    assert page.bar.isVisible()
    page.bar.hide()

    rows = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    page.view.selectionModel().select(page.model.index(1, 0), rows)
    palette = opened(qtbot, window)
    assert [(one.words, one.more) for one in palette.listed()][:1] == [("Set status…", "2 selected")]
    palette.reject()


def test_the_evidence_of_the_selected_row_is_opened(qtbot: QtBot, engine: Served, window: Window) -> None:
    click = engine.click()
    asked: list[str] = []
    window.desk.show_evidence = asked.append
    window.go_to("clicks")
    page = window.page("clicks")
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    page.view.selectRow(0)
    type_and_take(qtbot, opened(qtbot, window), "evidence")
    assert asked == [click]


def test_an_editor_brings_its_own_actions_and_the_menu_has_them_too(qtbot: QtBot, window: Window) -> None:
    window.go_to("offers")
    page = window.page("offers")
    qtbot.waitUntil(lambda: page.form.key == "keto-us")
    palette = opened(qtbot, window)
    assert ("Duplicate", "Ctrl+D") in listed(palette)
    assert ("Save", "Ctrl+S") not in listed(palette), "there is nothing to save"
    palette.reject()
    window._page_menu.aboutToShow.emit()
    assert [action.text() for action in window._page_menu.actions()] == [
        *("Save", "Revert", "Undo", "Redo", "Duplicate", "Archive")
    ]
    page.form.name_field.line.setText("Another")
    type_and_take(qtbot, opened(qtbot, window), "save")
    qtbot.waitUntil(lambda: not page.is_dirty)


def test_the_menu_says_so_where_there_is_nothing_to_edit(window: Window) -> None:
    window.go_to("today")
    window._page_menu.aboutToShow.emit()
    (only,) = window._page_menu.actions()
    assert not only.isEnabled()


def test_the_arrows_move_and_letters_that_fit_nothing_say_so(qtbot: QtBot, theme: Theme, window: Window) -> None:
    done: list[str] = []
    commands = [Command(name, lambda name=name: done.append(name)) for name in ("one", "two", "three")]
    palette = CommandPalette(commands, theme, window)
    palette.show()
    qtbot.keyClick(palette._words, Qt.Key.Key_Up)
    qtbot.keyClick(palette._words, Qt.Key.Key_Down)
    qtbot.keyClick(palette._words, Qt.Key.Key_Down)
    qtbot.keyClicks(palette._words, "zzz")
    assert palette._nothing.isVisible()
    qtbot.keyClick(palette._words, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette._words.clear()
    qtbot.keyClick(palette._words, Qt.Key.Key_Down)
    qtbot.keyClick(palette._words, Qt.Key.Key_Return)
    assert done == ["two"]


def test_two_thousand_things_do_not_hold_a_letter_up(qtbot: QtBot, theme: Theme, window: Window) -> None:
    kinds = ("campaign", "source", "network", "offer")
    names = [Name(kinds[number % 4], f"thing-{number}", f"Thing number {number}", False) for number in range(2000)]
    went: list[tuple[str, dict[str, str]]] = []
    palette = CommandPalette([], theme, window)
    palette.show()
    palette.add(list(ways_to(names, lambda page, words: went.append((page, words)))))
    slowest = 0.0
    for letter in "thing number 1999":
        start = time.perf_counter()
        qtbot.keyClicks(palette._words, letter)
        slowest = max(slowest, time.perf_counter() - start)
    assert [one.words for one in palette.listed()] == ["Thing number 1999"]
    assert slowest < 0.1, f"{slowest * 1000:.0f} ms for one letter"
    qtbot.keyClick(palette._words, Qt.Key.Key_Return)
    assert went == [("offers", {"key": "thing-1999"})]
