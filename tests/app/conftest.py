"""What the desktop's tests stand on: a real data folder, a real engine, and the desk that pages get."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported: without a screen it aborts

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.desk import Desk
from app.garbage import GarbageCollection
from app.jobs import Jobs
from app.pulse import Pulse
from app.server_process import ServerProcess
from app.theme import Mode, Theme
from server.api import setup
from server.api.data import Data, open_data
from server.engine import Engine
from server.setup.document import read_document

SETUP = """
base_currency = "USD"
timezone = "Europe/Berlin"

[[source]]
key = "prop"
template = "propellerads"
[source.relay]
url = "http://127.0.0.1:9/conv?visitor_id={external_id}&payout={payout}"
allow = ["127.0.0.0/8"]

[[network]]
key = "maxi"
template = "everflow"
token = "a-secret"

[[offer]]
key = "keto-us"
network = "maxi"
url = "https://go.example.net/?a=1&sub1={click_id}&sub2={source}"
payout = "32.00"
currency = "USD"

[[campaign]]
key = "summer"
source = "prop"
cost = { model = "cpc", value = "0.012", currency = "USD" }
[[campaign.path]]
offers = [{ offer = "keto-us" }]
"""


@dataclass
class Served:
    """A real engine on the data, in this process, and what a stranger can do to it."""

    url: str

    def click(self, query: str = "ext=e1&sub1=z9", campaign: str = "summer") -> str:
        """A visit; the click id that the offer's URL carries."""
        location = _location(f"{self.url}/c/{campaign}?{query}")
        return location.split("sub1=")[1].split("&")[0]

    def postback(self, query: str, network: str = "maxi") -> str:
        """A network's request, with the token put in; the line that it is answered."""
        try:
            with urllib.request.urlopen(f"{self.url}/p/{network}?token=a-secret&{query}", timeout=10) as came:
                return came.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.read().decode()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _location(url: str) -> str:
    try:
        urllib.request.build_opener(_Stay).open(url, timeout=10)
    except urllib.error.HTTPError as redirect:
        with redirect:
            return redirect.headers["Location"]
    raise AssertionError("the click was not sent on")


@contextmanager
def serving(data: Data) -> Iterator[Served]:
    engine = Engine(data.folder, url=data.url, host="127.0.0.1", port=0)
    thread = threading.Thread(target=engine.run, daemon=True)
    thread.start()
    assert engine.is_announced.wait(10)
    try:
        yield Served(engine.url)
    finally:
        engine.stop()
        thread.join(10)


@pytest.fixture(scope="session", autouse=True)
def _settings_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> None:
    QCoreApplication.setOrganizationName("TallybackTests")
    QCoreApplication.setApplicationName("TallybackTests")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path_factory.mktemp("settings")))


@pytest.fixture(autouse=True)
def _forgotten_settings(_settings_elsewhere: None) -> None:
    QSettings().clear()


@pytest.fixture(scope="session", autouse=True)
def _garbage_collection(qapp: QApplication) -> None:
    """As in the application, so that no job's thread takes a widget apart."""
    GarbageCollection(qapp)


@pytest.fixture(autouse=True)
def _no_keys_held(qapp: QApplication) -> Iterator[None]:
    """A key pressed with Shift or Ctrl leaves them held in Qt's eyes, and the next test would select otherwise."""
    yield
    QTest.keyClick(QWidget(), Qt.Key.Key_F35)


@pytest.fixture(autouse=True)
def _no_widgets_left(qapp: QApplication) -> Iterator[None]:
    """What a test closed is gone before the next: each change of the look would paint it again."""
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    made = Theme(qapp)
    made.set_mode(Mode.LIGHT)
    return made


@pytest.fixture
def empty_data(tmp_path: Path) -> Iterator[Data]:
    with open_data(str(tmp_path / "data")) as data:
        yield data


@pytest.fixture
def data(empty_data: Data) -> Data:
    """With a source, a network, an offer and a campaign."""
    setup.apply(empty_data, read_document(SETUP, "setup.toml"), "test")
    return empty_data


@pytest.fixture
def engine(data: Data) -> Iterator[Served]:
    with serving(data) as served:
        yield served


@contextmanager
def desk_over(data: Data, theme: Theme) -> Iterator[Desk]:
    jobs = Jobs()
    pulse = Pulse(data, jobs)
    desk = Desk(
        data=data,
        jobs=jobs,
        theme=theme,
        pulse=pulse,
        server=ServerProcess(data),
        show_evidence=lambda _click_id: None,
        go_to=lambda _name, _words: None,
        say=lambda _words: None,
    )
    try:
        yield desk
    finally:
        pulse.stop()
        jobs.close()


@pytest.fixture
def empty_desk(qapp: QApplication, empty_data: Data, theme: Theme) -> Iterator[Desk]:
    with desk_over(empty_data, theme) as desk:
        yield desk


@pytest.fixture
def set_up_desk(qapp: QApplication, data: Data, theme: Theme) -> Iterator[Desk]:
    """A campaign, and nothing that came in yet."""
    with desk_over(data, theme) as desk:
        yield desk


@pytest.fixture
def desk(set_up_desk: Desk, engine: Served) -> Desk:
    """A campaign with three clicks, a sale, a postback that says nothing, and one that nobody may send."""
    clicks = [engine.click(f"ext=e{number}&sub1=zone{number}") for number in range(3)]
    assert engine.postback(f"click_id={clicks[0]}&payout=12.50&txn_id=T1").startswith("OK accepted")
    assert engine.postback("payout=1").startswith("STORED no_click_id")
    assert engine.postback("click_id=x", network="stranger") == "STORED unauthorised"
    return set_up_desk


@pytest.fixture
def went(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    """Where the desk was asked to go."""
    places: list[tuple[str, dict[str, Any]]] = []
    desk.go_to = lambda name, words: places.append((name, words))
    return places
