"""A page's whole life in a Chromium that nobody steers: loaded ahead, shown, put aside and taken out again."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import CHROMIUM, World

ADVERT = """<script type=speculationrules>
{"prerender": [{"source": "list", "urls": ["/ahead?ext=life"], "eagerness": "immediate"}]}</script>
<script>setInterval(async () => { if ((await (await fetch('/go-on')).text()).includes('yes')) location = '/ahead?ext=life' }, 50)
</script>"""
PAGE = """<script>
const ahead = document.prerendering;
const tell = what => fetch(`/told?${what}`);
const has = setInterval(() => { if (window.tallyback) { clearInterval(has); tell(`script-${ahead}`); ask() } }, 20);
const ask = () => tallyback.ready(click => tell(`click-${click}`));
addEventListener('pageshow', event => { if (event.persisted) tell(`again-${tallyback.click}`) });
const leave = setInterval(async () => { if ((await (await fetch('/leave')).text()).includes('yes')) {
    clearInterval(leave); location = 'AWAY' } }, 50);
</script>"""


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """A Chromium with a folder of its own, which is shown one address."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here: install the package chromium to run the tests of the browser")
    started: list[subprocess.Popen[bytes]] = []

    def visit(url: str) -> None:
        words = [CHROMIUM or "", "--headless=new", "--no-sandbox", "--remote-debugging-port=0", "--disable-gpu"]
        folder = f"--user-data-dir={tmp_path / 'visitor'}"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started.append(subprocess.Popen([*words, folder, url], **quiet))

    yield visit
    for one in started:
        one.terminate()
        one.wait(15)


def test_a_page_is_one_visit_from_its_first_showing_on(world: World, visitor: Callable[[str], None]) -> None:
    site = world.site
    site.pages |= {
        "/ad": ADVERT,
        "/go-on": "no",
        "/leave": "no",
        "/away": "<script>onpageshow = () => history.back()</script>",
    }
    world.page("/ahead", PAGE.replace("AWAY", site.url.replace("127.0.0.1", "localhost") + "/away"))
    before = len(world.clicks())
    visitor(f"{site.url}/ad")
    world.loop.until(lambda: "/told?script-true" in site.asked)
    assert len(world.clicks()) == before
    site.pages["/go-on"] = "yes"
    world.loop.until(lambda: [path for path in site.asked if path.startswith("/told?click-")])
    site.pages["/leave"] = "yes"
    world.loop.until(lambda: [path for path in site.asked if path.startswith("/told?again-")])
    told = [path.partition("-")[2] for path in site.asked if path.startswith(("/told?click-", "/told?again-"))]
    (seen,) = world.clicks(limit=1)
    assert told == [seen["id"], seen["id"]]
    assert (len(world.clicks()), seen["external_id"]) == (before + 1, "life")
