"""`t.js` on a page of another origin, in a real Chromium: it registers, fills, survives, and never stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import SETUP, World, arrived
from tests.loop import Loop, running

LINKS = """
<a id=straight data-tallyback href="/offer/keto?sub1={click_id}">straight</a>
<a id=second data-tallyback=2 href="/offer/slim?sub1={click_id}">second</a>
<a id=other href="/offer/keto?sub1={click_id}">not marked</a>
"""
CLICK = "new Promise(done => tallyback.ready(done))"


@pytest.fixture
def other(tmp_path: Path, world: World) -> Iterator[Loop]:
    """A tracker of its own, which a test can stop."""
    with running(tmp_path, SETUP.replace("SITE", world.site.url)) as loop:
        yield loop


def click_of(tab: Any) -> Any:
    """The click id that the page was given."""
    tab.wait_for_function("!!(window.tallyback && tallyback.ready)")
    return tab.evaluate(CLICK)


def test_a_page_of_another_origin_registers_its_visitor(world: World, tab: Any) -> None:
    world.site.pages["/ad"] = f'<a href="{world.page("/direct", LINKS)}?ext=e7&sub1=z1&gclid=g&mail=a@b">go</a>'
    tab.goto(f"{world.site.url.replace('127.0.0.1', 'localhost')}/ad")
    tab.click("a")
    click = click_of(tab)
    (seen,) = world.clicks(click=click)
    assert (seen["external_id"], seen["sub1"], seen["platform_ids"]) == ("e7", "z1", {"gclid": "g"})
    assert (seen["campaign"], seen["path"], seen["reason"]) == ("summer", 1, "only_path")
    assert (seen["landing"], seen["offer"]) == (None, None)
    assert seen["destination"] == f"{world.site.url}/direct"
    assert seen["referrer"].startswith("http://localhost:")
    assert tab.get_attribute("#straight", "href") == f"/offer/keto?sub1={click}"
    assert "{click_id}" in tab.get_attribute("#other", "href")
    assert tab.context.cookies() == []
    assert world.said == []


def test_with_cookies_and_storage_blocked_it_holds_for_the_life_of_the_page(world: World, closed_tab: Any) -> None:
    closed_tab.goto(world.page("/direct", LINKS) + "?ext=closed")
    assert closed_tab.evaluate("() => { try { return sessionStorage.length } catch (e) { return e.name } }") == (
        "SecurityError"
    )
    click = click_of(closed_tab)
    closed_tab.evaluate("history.pushState(null, '', '/elsewhere')")
    assert click_of(closed_tab) == click
    closed_tab.click("#straight")
    arrived(closed_tab, f"/offer/keto?sub1={click}")
    assert world.said == []


def test_who_goes_straight_to_an_offer_is_noted_as_a_step_to_it(world: World, tab: Any) -> None:
    tab.goto(world.page("/direct", LINKS) + "?ext=step")
    click = click_of(tab)
    tab.click("#second")
    arrived(tab, f"/offer/slim?sub1={click}")
    tab.go_back()
    assert click_of(tab) == click
    tab.click("#straight", modifiers=["Control"])
    world.loop.until(lambda: len(world.steps(click)) == 2)
    assert world.steps(click) == [f"{world.site.url}/offer/{one}?sub1={click}" for one in ("slim", "keto")]
    came = world.loop.get(f"/p/other?token=a-secret-token-42&click_id={click}&txn_id=s1")
    assert came.text.startswith("OK accepted")
    assert world.said == []


def test_a_sale_finds_the_offers_of_a_page_though_no_step_was_noted(world: World, tab: Any) -> None:
    tab.goto(world.page("/direct") + "?ext=quiet")
    came = world.loop.get(f"/p/maxi?token=a-secret-token-41&click_id={click_of(tab)}&txn_id=q1")
    assert came.text.startswith("OK accepted")


def test_a_page_to_which_a_click_led_uses_its_id(world: World, tab: Any) -> None:
    world.page("/quiz", LINKS)
    tab.goto(f"{world.loop.url}/c/quiz?ext=led")
    click = click_of(tab)
    assert tab.url == f"{world.site.url}/quiz?click={click}"
    assert [one["id"] for one in world.clicks(click=click)] == [click]
    assert [one["landing"] for one in world.clicks(limit=1)] == ["quiz"]
    assert tab.get_attribute("#straight", "href").endswith(click)


def test_links_that_come_later_are_filled_when_they_are_used(world: World, tab: Any) -> None:
    tab.goto(world.page("/direct") + "?ext=later")
    click = click_of(tab)
    tab.evaluate("document.body.innerHTML = `<a data-tallyback href='/offer/keto?s={click_id}'><b>late</b></a>`")
    tab.click("b")
    arrived(tab, f"/offer/keto?s={click}")


def test_a_page_that_changes_its_address_registers_no_second_visit(world: World, tab: Any) -> None:
    tab.goto(world.page("/direct") + "?ext=app")
    click, before = click_of(tab), len(world.clicks())
    tab.evaluate("for (const path of ['/one', '/two?ext=other', '/three']) history.pushState({}, '', path)")
    tab.go_back()
    assert click_of(tab) == click
    world.page("/two")
    tab.reload()
    assert click_of(tab) == click
    assert len(world.clicks()) == before


def test_who_comes_back_is_the_same_visit_though_the_page_is_loaded_anew(world: World, tab: Any) -> None:
    """Playwright lets the browser keep no page; test_life.py does."""
    tab.goto(world.page("/direct") + "?ext=back")
    click, before = click_of(tab), len(world.clicks())
    tab.goto(f"{world.site.url.replace('127.0.0.1', 'localhost')}/offer")
    tab.go_back()
    assert click_of(tab) == click
    tab.goto(f"{world.site.url}/direct?ext=another")
    assert click_of(tab) != click
    tab.go_back()
    assert click_of(tab) == click
    assert len(world.clicks()) == before + 1


def test_a_further_page_of_the_site_goes_on_with_the_visit(world: World, tab: Any) -> None:
    tab.goto(world.page("/direct", '<a href="/more">more</a>') + "?ext=more")
    world.page("/more")
    click = click_of(tab)
    tab.click("a")
    tab.wait_for_url("**/more")
    assert click_of(tab) == click


def test_a_page_that_is_loaded_ahead_waits_for_its_visitor(world: World, tab: Any) -> None:
    """As the browser tells it: the state, and the event when the page is shown."""
    tab.add_init_script(
        "let ahead = true; Object.defineProperty(Document.prototype, 'prerendering', { get: () => ahead });"
        "window.show = () => { ahead = false; document.dispatchEvent(new Event('prerenderingchange')); };"
    )
    before = len(world.clicks())
    tab.goto(world.page("/direct") + "?ext=ahead")
    tab.wait_for_function("!!(window.tallyback && tallyback.ready)")
    tab.wait_for_load_state("networkidle")
    assert tab.evaluate("tallyback.click") is None
    assert len(world.clicks()) == before
    tab.evaluate("show()")
    assert click_of(tab)
    assert len(world.clicks()) == before + 1


# -- fails open ------------------------------------------------------------------------------------------------------


def test_links_work_when_the_tracker_stops(world: World, other: Loop, tab: Any) -> None:
    world.site.pages["/stops"] = f'<script async src="{other.url}/t.js" data-campaign="summer"></script>{LINKS}'
    tab.goto(world.site.url + "/stops")
    click = click_of(tab)
    other.stop()
    tab.click("#straight")
    arrived(tab, f"/offer/keto?sub1={click}")
    tab.go_back()
    assert click_of(tab) == click
    tab.goto(world.site.url + "/stops?again")
    tab.click("#straight")
    arrived(tab, "/offer/keto?sub1={click_id}")


def test_links_work_and_callbacks_are_called_while_the_tracker_says_nothing(world: World, tab: Any) -> None:
    tab.route("**/t/summer?*", lambda _route: None)
    tab.goto(world.page("/direct", LINKS) + "?ext=silent")
    assert click_of(tab) is None
    tab.click("#straight")
    arrived(tab, "/offer/keto?sub1={click_id}")
    tab.unroute_all(behavior="ignoreErrors")


def test_a_page_that_was_put_aside_without_an_answer_asks_again(world: World, tab: Any) -> None:
    tab.route("**/t/summer?*", lambda route: route.abort())
    tab.goto(world.page("/direct", LINKS) + "?ext=aside")
    assert click_of(tab) is None
    tab.unroute_all()
    tab.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    tab.wait_for_function("!!tallyback.click")
    assert tab.get_attribute("#straight", "href").endswith(tab.evaluate("tallyback.click"))


def test_a_campaign_that_is_none_leaves_the_page_as_it_is(world: World, tab: Any) -> None:
    world.site.pages["/none"] = world.script.replace("summer", "nowhere") + LINKS
    tab.goto(world.site.url + "/none")
    assert click_of(tab) is None
    assert "{click_id}" in tab.get_attribute("#straight", "href")


BROKEN = {
    "frozen": "[Object, Array, Function, String, Promise, Element].forEach(one => Object.freeze(one.prototype))",
    "no storage": "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('no') } })",
    "no fetch": "delete window.fetch",
    "no performance": "Object.defineProperty(window, 'performance', { value: undefined })",
}


@pytest.mark.parametrize("name", BROKEN)
def test_on_a_broken_page_it_does_its_work(world: World, tab: Any, name: str) -> None:
    tab.add_init_script(BROKEN[name])
    tab.goto(world.page("/direct", LINKS) + "?ext=broken")
    click = click_of(tab)
    tab.click("#straight")
    arrived(tab, f"/offer/keto?sub1={click}")
    world.loop.until(lambda: world.steps(click))
    assert world.said == []


@pytest.mark.parametrize(
    "broken",
    [
        "window.XMLHttpRequest = null",
        "window.XMLHttpRequest = function () { throw new Error('no') }",
        "window.encodeURIComponent = null",
        "JSON.parse = () => { throw 1 }",
        "Document.prototype.querySelectorAll = null",
        "window.addEventListener = null",
    ],
)
def test_where_it_cannot_work_the_page_does_not_notice(world: World, tab: Any, broken: str) -> None:
    tab.add_init_script(broken)
    with tab.expect_response("**/t.js"):
        tab.goto(world.page("/direct", LINKS) + "?ext=nothing")
    tab.click("#other")
    tab.wait_for_url(lambda url: url.endswith("/offer/keto?sub1={click_id}"))
    assert world.said == []


@pytest.mark.parametrize("theirs", ["{ a: 1 }", "7", "() => 1"])
def test_a_variable_of_the_page_stays_its_own_and_links_are_filled(world: World, tab: Any, theirs: str) -> None:
    body = f"<script>window.tallyback = {theirs}; mine = window.tallyback</script>{LINKS}"
    world.site.pages["/own"] = body + world.script
    tab.goto(world.site.url + "/own?ext=own")
    tab.wait_for_function("!document.getElementById('straight').href.includes('click_id')")
    assert tab.evaluate("tallyback === mine")
    assert world.said == []


def test_an_element_of_its_name_and_a_second_script_do_no_harm(world: World, tab: Any) -> None:
    before = len(world.clicks())
    tab.goto(world.page("/direct", f"<p id=tallyback></p>{world.script}{LINKS}") + "?ext=twice")
    tab.wait_for_function("typeof tallyback.ready == 'function'")
    click = click_of(tab)
    tab.wait_for_load_state("networkidle")
    assert click
    assert len(world.clicks()) == before + 1


def test_callbacks_of_before_are_called_and_the_fault_of_one_is_not_that_of_the_next(world: World, tab: Any) -> None:
    body = """<script>heard = []; window.tallyback = window.tallyback || [];
      tallyback.push(() => { throw new Error('theirs') }); tallyback.push(click => heard.push(click))</script>"""
    world.site.pages["/early"] = body + world.script
    tab.goto(world.site.url + "/early?ext=early")
    tab.wait_for_function("heard.length == 1")
    assert tab.evaluate("heard[0]") == click_of(tab)
    assert world.said == ["theirs"]
