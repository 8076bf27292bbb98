"""The window's manners: the first run by itself, the question on closing, and faults that are told."""

from __future__ import annotations

import logging
import sys
import threading

import pytest
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.crash import CrashReporter
from app.dialogs.closing import ON_CLOSE, ClosingDialog, OnClose
from app.jobs import Jobs
from app.pages.registry import PAGES
from app.server_process import ServerProcess, ServerState
from app.window import Window

ORDER = (
    *("today", "campaigns", "sources", "networks", "offers", "landings", "clicks", "conversions", "postbacks"),
    *("relays", "settings"),
)


def window_over(data, theme, qtbot):
    jobs = Jobs()
    window = Window(data, theme, jobs, ServerProcess(data))
    window._jobs_of_test = jobs
    qtbot.addWidget(window, before_close_func=lambda shown: shown.close_silently())
    return window


@pytest.fixture
def window(data, theme, qtbot):
    window = window_over(data, theme, qtbot)
    window.show()
    yield window
    window.pulse.stop()
    window._status_timer.stop()
    window._jobs_of_test.close()


@pytest.fixture
def empty_window(empty_data, theme, qtbot):
    window = window_over(empty_data, theme, qtbot)
    window.show()
    yield window
    window.pulse.stop()
    window._status_timer.stop()
    window._jobs_of_test.close()


def answer(qtbot, press):
    """Presses a button of the closing dialog as soon as it is there."""

    def look():
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, ClosingDialog):
            press(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)


def test_the_sidebar_is_in_the_order_of_the_design():
    names = [entry.name for entry in PAGES]
    assert names == [name for name in ORDER if name in names]
    assert {"today", "settings"} <= set(names)


def test_every_page_opens(window):
    for entry in PAGES:
        window.go_to(entry.name)
        assert window._stack.currentWidget() is window.page(entry.name)


@pytest.mark.parametrize("name", ORDER)
def test_whoever_goes_to_a_page_can_use_its_keys_at_once(window, qtbot, name):
    window.activateWindow()
    qtbot.waitActive(window)
    window.go_to(name)
    page = window.page(name)
    qtbot.waitUntil(lambda: window.focusWidget() is page or page.isAncestorOf(window.focusWidget()))


def test_a_server_that_was_ended_from_outside_is_not_said_to_have_ended_by_its_own_words(data):
    process = ServerProcess(data)
    process.log_file.write_text("Tallyback listens on http://127.0.0.1:8710\n", encoding="utf-8")
    process.state = ServerState.RUNNING
    process._is_wanted = True
    process._launch = lambda: None
    process._see_nobody()
    assert process.problem == "It was ended from outside, without a word."


def test_the_first_run_stays_away_where_something_is_set_up(window):
    window.begin_if_new()
    assert window._first_run is None


def test_the_first_run_opens_by_itself_and_keeps_what_was_typed(empty_window):
    empty_window.begin_if_new()
    assert empty_window._first_run.isVisible()
    empty_window._first_run.offer.url.setText("https://x.net/")
    empty_window._first_run.reject()
    empty_window.actions_by_name["begin"].trigger()
    assert empty_window._first_run.offer.url.text() == "https://x.net/"


def test_closing_asks_once_and_remembers(window, qtbot):
    window._server.state = ServerState.RUNNING
    answer(qtbot, lambda dialog: qtbot.mouseClick(dialog.stop, Qt.MouseButton.LeftButton))
    window.close()
    assert not window.isVisible()
    assert window.leaving is OnClose.STOP
    assert QSettings().value(ON_CLOSE) == "stop"
    window.show()
    window.close()
    assert not window.isVisible()


def test_closing_can_be_called_off_and_not_remembered(window, qtbot):
    window._server.state = ServerState.RUNNING
    answer(qtbot, lambda dialog: dialog.reject())
    window.close()
    assert window.isVisible()

    def keep(dialog):
        dialog.remember.setChecked(False)
        qtbot.keyClick(dialog, Qt.Key.Key_Return)

    answer(qtbot, keep)
    window.close()
    assert not window.isVisible()
    assert window.leaving is OnClose.KEEP
    assert QSettings().value(ON_CLOSE) is None


def test_nothing_is_asked_where_no_server_runs_or_the_system_says_go(window):
    window.close()
    assert not window.isVisible()
    window.show()
    window._server.state = ServerState.RUNNING
    window.close_silently()
    assert not window.isVisible()
    assert window.leaving is OnClose.KEEP


def test_the_menu_follows_the_look_that_settings_chose(window, theme):
    theme.set_mode(type(theme.mode)("dark"))
    try:
        assert window.actions_by_name["look dark"].isChecked()
    finally:
        theme.set_mode(type(theme.mode)("light"))


@pytest.fixture
def reporter(tmp_path, theme):
    with CrashReporter(tmp_path, theme) as reporter:
        yield reporter
        if reporter.dialog is not None:
            reporter.dialog.accept()


def test_a_fault_is_written_down_and_told_once(reporter, qtbot):
    for number in range(3):
        fault = ZeroDivisionError(f"<b>number {number}</b>")
        sys.excepthook(type(fault), fault, None)
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog.words.text() == "ZeroDivisionError: <b>number 0</b>"
    assert reporter.dialog.words.textFormat() is Qt.TextFormat.PlainText
    assert reporter.dialog.path.text() == str(reporter.log_file)
    written = reporter.log_file.read_text()
    assert written.count("not caught") == 3
    assert "number 2" in written


def test_a_fault_in_another_thread_is_told_too(reporter, qtbot):
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert "division by zero" in reporter.dialog.words.text()


def test_what_qt_says_is_in_the_log(reporter):
    from PySide6.QtCore import qWarning

    qWarning("a word of Qt")
    assert "Qt: a word of Qt" in reporter.log_file.read_text()
    assert sys.excepthook.__self__ is reporter


def test_afterwards_everything_is_as_it_was(tmp_path, theme):
    before = (sys.excepthook, threading.excepthook, list(logging.getLogger().handlers))
    with CrashReporter(tmp_path, theme):
        pass
    assert (sys.excepthook, threading.excepthook, list(logging.getLogger().handlers)) == before
