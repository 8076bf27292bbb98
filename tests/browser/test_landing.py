"""From a landing page on, in a real Chromium: the click id travels in the address, and plain links lead to the offers."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import World, arrived


def landed(world: World, tab: Any) -> str:
    """On the landing page, whose template says nothing of a click id; the id."""
    links = f"""<p id=links></p><script>
        const click = new URLSearchParams(location.search).get('click');
        for (const number of ['', 2]) document.write(
            `<a id=to${{number}} href="{world.loop.url}/go?click=${{click}}&offer=${{number}}">an offer</a>`)
        </script>"""
    world.site.pages["/quiz"] = links
    tab.goto(f"{world.loop.url}/c/quiz?ext=landed&sub1=z")
    return tab.evaluate("click")


def test_links_of_a_landing_page_lead_to_both_offers_and_each_step_is_kept(world: World, tab: Any) -> None:
    click = landed(world, tab)
    tab.click("#to")
    arrived(tab, f"/offer/keto?sub1={click}&s1=z")
    tab.go_back()
    tab.click("#to2")
    arrived(tab, f"/offer/slim?sub1={click}")
    assert [url.partition("/offer/")[2][:4] for url in world.steps(click)] == ["keto", "slim"]
    came = world.loop.get(f"/p/other?token=a-secret-token-42&click_id={click}&txn_id=l1")
    assert came.text.startswith("OK accepted")
    assert world.said == []


def test_they_do_with_cookies_blocked(world: World, closed_tab: Any) -> None:
    click = landed(world, closed_tab)
    closed_tab.click("#to2")
    arrived(closed_tab, f"/offer/slim?sub1={click}")
    assert closed_tab.context.cookies() == []


def test_a_marked_link_to_go_gets_the_click_id(world: World, tab: Any) -> None:
    link = f"<a data-tallyback href='{world.loop.url}/go?offer=2'>an offer</a>"
    tab.goto(world.page("/direct", link) + "?ext=marked")
    click = tab.evaluate("new Promise(done => (window.tallyback = window.tallyback || []).push(done))")
    tab.click("a")
    arrived(tab, f"/offer/slim?sub1={click}")
    assert len(world.steps(click)) == 1
    assert world.said == []


def test_a_link_that_lost_its_click_id_still_leads_to_an_offer_of_the_campaign_that_it_names(
    world: World, tab: Any
) -> None:
    world.site.pages["/lost"] = f"<a href='{world.loop.url}/go?click=lost&campaign=summer'>an offer</a>"
    tab.goto(world.site.url + "/lost")
    tab.click("a")
    (seen,) = world.clicks(limit=1)
    arrived(tab, f"/offer/keto?sub1={seen['id']}&s1=")
    assert len(world.steps(seen["id"])) == 1
