"""A real Chromium, a site of the owner's on another origin, and a Tallyback between them and the offers."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from server.api import lists
from server.api.data import Data, open_data
from server.api.listings import Filters
from tests.loop import Loop, running

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SETUP = """
base_currency = "USD"

[[source]]
key = "prop"
external_id = "${SUBID}"

[[network]]
key = "maxi"
token = "a-secret-token-41"
currency = "USD"
pixel = true

[[network]]
key = "other"
token = "a-secret-token-42"
currency = "USD"

[[offer]]
key = "keto"
network = "maxi"
url = "SITE/offer/keto?sub1={click_id}&s1={sub1}"
payout = "32.00"

[[offer]]
key = "slim"
network = "other"
url = "SITE/offer/slim?sub1={click_id}"
payout = "7.00"

[[landing]]
key = "quiz"
url = "SITE/quiz"

[[campaign]]
key = "summer"
source = "prop"
[[campaign.path]]
offers = [{ offer = "keto", weight = 100 }, { offer = "slim", weight = 0 }]

[[campaign]]
key = "quiz"
source = "prop"
[[campaign.path]]
landings = [{ landing = "quiz" }]
offers = [{ offer = "keto", weight = 100 }, { offer = "slim", weight = 0 }]
"""


class Site(ThreadingHTTPServer):
    """The owner's pages and the networks' offers, under addresses of their own; notes what was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pages)
        self.pages: dict[str, str] = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Pages(BaseHTTPRequestHandler):
    server: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        page = self.server.pages.get(self.path.partition("?")[0], f"<title>{self.path}</title><p>an offer")
        body = f"<!doctype html><link rel=icon href=data:,>{page}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@dataclass
class World:
    loop: Loop
    data: Data
    site: Site
    said: list[str] = field(default_factory=list)  # what the browser complained of

    @property
    def script(self) -> str:
        return f'<script async src="{self.loop.url}/t.js" data-campaign="summer"></script>'

    def page(self, path: str, body: str = "") -> str:
        """A page with our script; its address."""
        self.site.pages[path] = self.script + body
        return self.site.url + path

    def clicks(self, **filters: Any) -> list[dict[str, Any]]:
        return list(lists.clicks(self.data, Filters(**filters)))

    def conversions(self, click: str) -> list[dict[str, Any]]:
        return list(lists.conversions(self.data, Filters(click=click)))

    def postbacks(self, click: str) -> list[dict[str, Any]]:
        return list(lists.postbacks(self.data, Filters(click=click)))

    def steps(self, click: str) -> list[str]:
        """Where the click went, oldest first."""
        with self.data.database.read() as connection:
            key = self.data.ground().click_key(click)
            query = "SELECT destination FROM step WHERE click_id = ? ORDER BY id"
            return [row[0] for row in connection.exec_driver_sql(query, (key,))]


def arrived(tab: Any, title: str) -> None:
    """A click does not wait for the page to which it leads."""
    tab.wait_for_function("title => document.readyState == 'complete' && document.title == title", arg=title)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with Site() as site:
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield site
        site.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def tracker(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("browser")
    with running(folder, SETUP.replace("SITE", site.url)) as loop, open_data(str(loop.folder)) as data:
        yield World(loop, data, site)


@pytest.fixture
def world(tracker: World) -> World:
    tracker.said.clear()
    tracker.site.asked.clear()
    return tracker


@pytest.fixture(scope="module")  # its loop runs as long as it does, and other tests of this process have their own
def player() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here: install the package chromium to run the tests of the browser")
    playwright = pytest.importorskip("playwright.sync_api", reason="there is no playwright for this system")
    with playwright.sync_playwright() as player:
        yield player


@pytest.fixture(scope="module")
def browser(player: Any) -> Iterator[Any]:
    browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def tab(browser: Any, world: World) -> Iterator[Any]:
    """A fresh visitor; whatever the browser complains of is noted."""
    context = browser.new_context()
    yield _listened_to(context.new_page(), world)
    context.close()


@pytest.fixture
def closed_tab(player: Any, world: World, tmp_path: Path) -> Iterator[Any]:
    """A visitor who blocks cookies, and with them all storage."""
    preferences = tmp_path / "visitor" / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(json.dumps({"profile": {"default_content_setting_values": {"cookies": 2}}}))
    context = player.chromium.launch_persistent_context(
        tmp_path / "visitor", executable_path=CHROMIUM, args=["--no-sandbox"]
    )
    yield _listened_to(context.new_page(), world)
    context.close()


def _listened_to(tab: Any, world: World) -> Any:
    tab.set_default_timeout(10_000)
    tab.on("pageerror", lambda error: world.said.append(str(error)))
    tab.on("console", lambda said: world.said.append(said.text) if said.type in ("error", "warning") else None)
    return tab
