"""The tray icon: the day's figures, its menu, and that nothing is missed where there is no tray."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from app.jobs import Jobs
from app.server_process import ServerProcess
from app.theme import Mode, Theme
from app.tray import Tray, tray_for
from app.window import Window
from server.api.data import Data
from tests.app.conftest import Served


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


def action(tray: Tray, words: str) -> QAction:
    return next(one for one in tray.menu.actions() if one.text() == words)


def test_the_days_figures_stand_in_the_menu_and_the_tip(engine: Served, window: Window, qtbot: QtBot) -> None:
    click = engine.click("ext=e1&cost=0.5")
    engine.postback(f"click_id={click}&payout=12.50&txn_id=T1")
    tray = Tray(window)
    qtbot.waitUntil(lambda: tray.figures.text().startswith("Today: clicks 1, conversions 1, profit 12."))
    assert not tray.figures.isEnabled(), "it is read, not pressed"
    assert tray.icon.toolTip() == f"Tallyback: {tray.figures.text()}"
    engine.click()
    tray.read()
    qtbot.waitUntil(lambda: tray.figures.text().startswith("Today: clicks 2,"))


def test_its_menu_and_a_press_bring_the_window_forward(window: Window, qtbot: QtBot) -> None:
    tray = Tray(window)
    window.hide()
    action(tray, "Open Tallyback").trigger()
    assert window.isVisible()
    window.hide()
    tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert window.isVisible()
    window.hide()
    tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Context)
    assert not window.isVisible(), "this one only opens the menu"


def test_its_menu_closes_the_window(window: Window) -> None:
    tray = Tray(window)
    action(tray, "Quit").trigger()
    assert not window.isVisible()


def test_its_icon_follows_the_look(window: Window, theme: Theme) -> None:
    tray = Tray(window)
    before = tray.icon.icon().pixmap(16, 16).toImage()
    theme.set_mode(Mode.DARK)
    try:
        assert tray.icon.icon().pixmap(16, 16).toImage() != before
    finally:
        theme.set_mode(Mode.LIGHT)


def test_where_there_is_no_tray_none_is_made_and_one_that_was_does_no_harm(window: Window, qtbot: QtBot) -> None:
    assert not QSystemTrayIcon.isSystemTrayAvailable()
    assert tray_for(window) is None
    tray = Tray(window)
    qtbot.waitUntil(lambda: bool(tray.figures.text()))
    tray.deleteLater()
    qtbot.waitUntil(lambda: not window.findChildren(Tray))
    assert window.isVisible()
