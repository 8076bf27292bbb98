"""The whole way of a new owner: the wizard by keys and mouse, a real server process, a click, a postback, the lists."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported: without a screen it aborts

import http.client
import signal
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from PySide6.QtCore import QCoreApplication, QSettings, Qt

from app.jobs import Jobs
from app.server_process import ServerProcess, ServerState
from app.theme import Mode, Theme
from app.window import Window
from server.api.data import open_data


@pytest.fixture
def desktop(qapp, qtbot, tmp_path):
    """The parts that app.application puts together, on a fresh folder, with a server process of their own."""
    QCoreApplication.setOrganizationName("TallybackTests")
    QCoreApplication.setApplicationName("TallybackTests")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    QSettings().clear()
    with ExitStack() as stack:
        data = stack.enter_context(open_data(str(tmp_path / "data")))
        theme = Theme(qapp)
        theme.set_mode(Mode.LIGHT)
        jobs = Jobs()
        stack.callback(jobs.close)
        server = ServerProcess(data)
        server.port = 0
        stack.callback(server.end)
        window = Window(data, theme, jobs, server)
        stack.callback(window.close_silently)
        server.start()
        window.show()
        window.begin_if_new()
        qtbot.waitUntil(lambda: server.state is ServerState.RUNNING, timeout=20000)
        yield window


def get(url):
    """What a visitor's browser or a network's server does; nothing is followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        came = connection.getresponse()
        return came.status, came.getheader("Location", ""), came.read().decode()
    finally:
        connection.close()


def walk_through(qtbot, wizard):
    def go_on():
        qtbot.mouseClick(wizard.next, Qt.MouseButton.LeftButton)

    qtbot.keyClick(wizard.money.currency, Qt.Key.Key_Return)
    qtbot.keyClicks(wizard.source.partners.search, "propeller")
    for labelled, words in zip(wizard.source._words["propellerads"].values(), ("7", "8"), strict=True):
        qtbot.keyClicks(labelled.editor, words)
    go_on()
    qtbot.keyClicks(wizard.network.partners.search, "everflow")
    qtbot.keyClick(wizard.network.partners.search, Qt.Key.Key_Return)
    qtbot.keyClicks(wizard.offer.url, "https://go.example.net/?o=1&sub1=")
    qtbot.keyClicks(wizard.offer.payout, "32")
    go_on()
    go_on()
    qtbot.waitUntil(lambda: wizard.is_done)
    return [field.text() for field in wizard.done_step.fields]


def test_from_the_first_question_to_a_sale_in_the_lists_without_a_refresh(desktop, qtbot):
    tracking, postback = walk_through(qtbot, desktop._first_run)
    qtbot.keyClick(desktop._first_run.next, Qt.Key.Key_Space)
    assert not desktop._first_run.isVisible()
    assert tracking.startswith(f"{desktop._server.url}/c/propellerads-everflow?")
    desktop.go_to("clicks")
    clicks = desktop.page("clicks").model
    qtbot.waitUntil(lambda: not clicks._under_way)
    assert clicks.rowCount() == 0
    status, location, _ = get(tracking.replace("${SUBID}", "visitor-1").replace("{cost}", "0.01"))
    assert status == 302
    qtbot.waitUntil(lambda: clicks.rowCount() == 1, timeout=8000)
    click_id = clicks.row(0)["id"]
    assert location == f"https://go.example.net/?o=1&sub1={click_id}"

    desktop.go_to("conversions")
    conversions = desktop.page("conversions").model
    sent = postback.replace("{sub1}", click_id).replace("{payout_amount}", "12.50").replace("{transaction_id}", "T1")
    assert get(sent)[2].startswith("OK accepted")
    qtbot.waitUntil(lambda: conversions.rowCount() == 1, timeout=8000)
    assert conversions.row(0)["click"] == click_id

    desktop.go_to("today")
    cards = {card.figure.metric: card for card in desktop.page("today").cards}
    qtbot.waitUntil(lambda: cards["conversions"].value == "1", timeout=8000)
    assert (cards["clicks"].value, cards["revenue"].value) == ("1", "12.50")


def test_a_killed_server_is_told_and_runs_again_within_three_seconds(desktop, qtbot):
    server = desktop._server
    killed = desktop.desk.data.server().pid
    said = []
    desktop.statusBar().messageChanged.connect(said.append)
    os.kill(killed, signal.SIGKILL)
    at = time.monotonic()
    qtbot.waitUntil(lambda: server.state is not ServerState.RUNNING, timeout=3000)
    qtbot.waitUntil(lambda: server.state is ServerState.RUNNING, timeout=10000)
    took = time.monotonic() - at
    assert any("The server ended" in words for words in said)
    assert desktop.desk.data.server().pid != killed
    assert took < 3.0, f"{took:.1f} s"
    assert get(f"{server.url}/healthz")[0] == 200


def test_a_second_desktop_on_the_same_data_joins_the_server(desktop, qtbot):
    with open_data(str(desktop.desk.data.folder.path)) as data:
        second = ServerProcess(data)
        second.start()
        assert second.state is ServerState.RUNNING
        assert second.url == desktop._server.url
        assert second._process is None
        second.leave()
        assert desktop._server.state is ServerState.RUNNING


def test_the_server_goes_on_without_the_desktop_where_that_was_chosen(desktop):
    pid = desktop.desk.data.server().pid
    desktop.close_silently()
    desktop._server.leave()
    assert get(f"{desktop._server.url}/healthz")[0] == 200
    assert desktop.desk.data.server().pid == pid


def test_the_server_ends_with_the_desktop_where_that_was_chosen(desktop):
    desktop.close_silently()
    desktop._server.end()
    assert desktop.desk.data.server() is None
    with pytest.raises(OSError):
        get(f"{desktop._server.url}/healthz")
