"""The whole business as a stranger sees it: set up from a file, clicks, postbacks, books and relays, by address and command."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ad_network import AdNetwork, setup_with
from tests.loop import Loop, running

TOKEN = "token=a-secret"


@pytest.fixture
def ad_network() -> Iterator[AdNetwork]:
    with AdNetwork() as network:
        yield network


@pytest.fixture
def loop(tmp_path: Path, ad_network: AdNetwork) -> Iterator[Loop]:
    with running(tmp_path, setup_with(ad_network.url)) as loop:
        yield loop


def test_a_paid_click_becomes_income_and_the_source_hears_of_it(loop: Loop, ad_network: AdNetwork) -> None:
    visit = loop.get("/c/summer?ext=src-77&sub1=zone9&cost=0.02")
    assert visit.status == 302
    assert visit.location.startswith("https://go.example.net/?a=1&sub1=")
    click_id = visit.location.split("sub1=")[1]
    came = loop.get(f"/p/maxi?{TOKEN}&click_id={click_id.upper()}&payout=12,50&txn_id=T-1")
    assert (came.status, came.text) == (200, "OK accepted 1")
    loop.until(lambda: ad_network.told)
    assert ad_network.told[0].path == "/conv?visitor=src-77&payout=12.50&status=approved"
    [click] = loop.rows("clicks")
    assert (click["id"], click["external_id"], click["sub1"], click["cost"]) == (click_id, "src-77", "zone9", "0.02")
    [conversion] = loop.rows("conversions")
    assert (conversion["click"], conversion["payout"], conversion["net"]) == (click_id, "12.50", "12.50")
    assert (conversion["status"], conversion["counted"], conversion["txn_id"]) == ("approved", True, "T-1")
    relay = loop.until(lambda: next((r for r in loop.rows("relays") if r["state"] == "delivered"), None))
    assert relay["history"][0]["status"] == 200
    [row] = loop.rows("report", "--by", "campaign")
    assert (row["clicks"], row["conversions"], row["revenue"], row["cost"]) == (1, 1, "12.50", "0.02")


def test_the_books_follow_a_sale_through_its_refund(loop: Loop) -> None:
    click_id = loop.click()
    for query, line in (
        ("status=pending&txn_id=Z", "OK accepted 1"),
        ("status=approved&txn_id=Z&payout=40", "OK updated 1"),
        ("status=approved&txn_id=Z&payout=40.00", "OK duplicate 1"),
        ("status=pending&txn_id=Z", "OK stale 1"),
        ("status=refund&txn_id=Z&payout=15", "OK updated 1"),
        ("txn_id=Y&payout=7", "OK accepted 2"),
    ):
        assert loop.get(f"/p/maxi?{TOKEN}&click_id={click_id}&{query}").text == line
    upsell, sale = loop.rows("conversions")
    assert (sale["status"], sale["original_status"], sale["payout"], sale["net"]) == (
        "refunded",
        "pending",
        "40.00",
        "25.00",
    )
    assert (upsell["txn_id"], upsell["net"]) == ("Y", "7.00")
    [row] = loop.rows("report", "--by", "network")
    assert (row["revenue"], row["approved"], row["reversed"]) == ("32.00", 1, 1)


def test_every_refused_postback_is_kept_with_its_reason_and_its_remedy(loop: Loop) -> None:
    click_id = loop.click()
    for query in (
        "click_id={sub1}",
        f"click_id={click_id[:20]}",
        "payout=5",
        f"click_id={click_id}&status=kwalifikowany",
    ):
        assert loop.get(f"/p/maxi?{TOKEN}&{query}").status == 200
    assert loop.get(f"/p/maxi?token=wrong&click_id={click_id}").status == 403
    assert loop.get(f"/p/maxy?click_id={click_id}").status == 403
    receipts = loop.rows("postbacks")
    assert [receipt["outcome"] for receipt in receipts] == [
        "unauthorised",
        "unauthorised",
        "unknown_status",
        "no_click_id",
        "click_id_damaged",
        "macro_not_replaced",
    ]
    assert all(receipt["reason"] and receipt["remedy"] for receipt in receipts)
    assert click_id in receipts[4]["reason"]  # the damaged one suggests the click that it could have been
    assert "a-secret" not in "".join(str(receipt) for receipt in receipts)
    assert loop.rows("conversions") == []


def test_a_mended_mapping_makes_good_for_the_past_and_only_once(loop: Loop, ad_network: AdNetwork) -> None:
    click_id = loop.click()
    loop.get(f"/p/maxi?{TOKEN}&click_id={click_id}&payout=9&status=kwalifikowany&txn_id=K")
    loop.apply('[[network]]\nkey = "maxi"\ncurrency = "USD"\n[network.status_words]\napproved = ["kwalifikowany"]\n')
    preview = loop.run("replay", "postbacks", "--outcome", "unknown_status", "--dry-run").stdout
    assert "postback 1: unknown_status -> accepted, 1 relay owed" in preview
    assert loop.rows("conversions") == []
    loop.run("replay", "postbacks", "--outcome", "unknown_status")
    [conversion] = loop.rows("conversions")
    assert (conversion["net"], conversion["status"]) == ("9.00", "approved")
    loop.until(lambda: ad_network.told)
    again = loop.run("replay", "postbacks", "--network", "maxi").stdout
    assert "0 changed" in again
    assert len(loop.rows("relays")) == 1
    loop.run("replay", "postbacks", "--outcome", "unknown_status", expect=1)
    chain = loop.rows("evidence", click_id)[0]
    assert chain["postbacks"][0]["judged_before"][0]["outcome"] == "unknown_status"


def test_apply_of_export_changes_nothing_and_a_changed_file_shows_exactly_the_change(
    loop: Loop, tmp_path: Path
) -> None:
    for secrets in ([], ["--secrets"]):
        exported = loop.run("export", *secrets).stdout
        assert ("a-secret" in exported) is bool(secrets)
        assert loop.apply(exported).stdout == "Nothing changes: the setup is as the file says.\n"
    changed = exported.replace('payout = "32.00"', 'payout = "35.5"')
    file = tmp_path / "changed.toml"
    file.write_text(changed)
    shown = loop.run("apply", str(file), "--dry-run").stdout
    assert shown.splitlines() == ["~ offer keto", "    payout: 32.00 -> 35.50", "1 would change; nothing was changed."]
    assert loop.rows("report", "--by", "campaign") == []
    click_id = loop.click()
    loop.apply(changed)

    def new_payout() -> bool:
        loop.get(f"/p/maxi?{TOKEN}&click_id={click_id}&txn_id=A{len(loop.rows('conversions'))}")
        return bool(loop.rows("conversions")[0]["payout"] == "35.50")

    loop.until(new_payout)


def test_a_bad_file_is_refused_with_its_line_and_nothing_is_applied(loop: Loop, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(
        '[[landing]]\nkey = "lp"\nurl = "https://lp.example.com"\n\n[[offer]]\nkey = "x"\nnetwrk = "maxi"\n'
    )
    refused = loop.run("apply", str(file), expect=2)
    assert f"{file}:7" in refused.stderr
    assert "network" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert "lp.example.com" not in loop.run("export").stdout


def test_a_test_goes_round_the_whole_loop_and_books_nothing(loop: Loop, ad_network: AdNetwork) -> None:
    hops = loop.rows("test", "summer")
    assert [(hop["name"], hop["is_good"]) for hop in hops] == [("click", True), ("postback", True), ("relay", True)]
    assert ad_network.told == []
    [conversion] = loop.rows("conversions")
    assert (conversion["counted"], conversion["test"]) == (False, True)
    assert loop.rows("report", "--by", "campaign") == []


def test_a_broken_loop_says_which_hop_and_what_to_mend(tmp_path: Path, ad_network: AdNetwork) -> None:
    setup = setup_with(ad_network.url).replace("?a=1&sub1={click_id}", "?a=1")
    with running(tmp_path, setup) as loop:
        failed = loop.run("test", "summer", expect=1)
        assert "The offer's URL does not carry the click id." in failed.stdout
        assert "Put {click_id} into the URL of the offer" in failed.stdout


def test_a_landing_page_leads_on_to_the_offer_by_go(tmp_path: Path, ad_network: AdNetwork) -> None:
    setup = setup_with(ad_network.url).replace(
        "[[campaign.path]]", '[[campaign.path]]\nlandings = [{ landing = "quiz", weight = 100 }]'
    )
    landing = '[[landing]]\nkey = "quiz"\nurl = "https://lp.example.com/q?c={click_id}"\n'
    with running(tmp_path, setup + landing) as loop:
        visit = loop.get("/c/summer?ext=e")
        click_id = visit.location.removeprefix("https://lp.example.com/q?c=")
        early = loop.get(f"/p/maxi?{TOKEN}&click_id={click_id}&payout=1")
        assert early.text == "STORED wrong_network"
        step = loop.get(f"/go?click={click_id}")
        assert step.location == f"https://go.example.net/?a=1&sub1={click_id}"
        assert loop.get(f"/p/maxi?{TOKEN}&click_id={click_id}&payout=1").text == "OK accepted 1"
        [click] = loop.rows("clicks")
        assert (click["landing"], click["offer"]) == ("quiz", "keto")
        assert loop.get("/go?click=nonsense").status == 404


def test_explain_says_what_a_url_would_do_and_records_nothing(loop: Loop) -> None:
    click_id = loop.click()
    [said] = loop.rows(
        "explain", f"https://trk.example.com/p/maxi?{TOKEN}&click_id={click_id}&payout=1,234&event={{goal}}"
    )
    assert said["result"]["outcome"] == "accepted"
    assert said["result"]["payout"] == "32.00"
    assert said["result"]["warnings"] == ["macro_not_replaced", "bad_value"] or set(said["result"]["warnings"]) == {
        "macro_not_replaced",
        "bad_value",
    }
    assert "a-secret" not in str(said)
    [visit] = loop.rows("explain", "/c/summer?ext=${SUBID}&cost=0,5&foo=1")
    assert visit["result"]["cost"] == "0.50"
    assert {p["name"]: p["reading"] for p in visit["parameters"]}["ext"].startswith("a macro")
    assert loop.rows("postbacks") == []
    assert len(loop.rows("clicks")) == 1


def test_lists_narrow_by_every_filter_and_a_report_comes_as_csv(loop: Loop) -> None:
    first, second = loop.click("/c/summer?ext=1"), loop.click("/c/summer?ext=2&sub1==SUM(1)")
    loop.get(f"/p/maxi?{TOKEN}&click_id={first}&payout=1&txn_id=1")
    loop.get(f"/p/maxi?{TOKEN}&click_id={second}&payout=2&txn_id=2&status=pending")
    everything = ["--campaign", "summer", "--network", "maxi", "--source", "prop", "--since", "1h", "--limit", "5"]
    assert len(loop.rows("clicks", *everything)) == 2
    assert [row["id"] for row in loop.rows("clicks", "--click", first)] == [first]
    assert [row["click"] for row in loop.rows("conversions", *everything, "--status", "pending")] == [second]
    assert len(loop.rows("postbacks", *everything, "--outcome", "accepted")) == 2
    assert [row["state"] for row in loop.rows("relays", *everything, "--status", "pending")] == ["skipped"]
    assert loop.rows("clicks", "--until", "2020-01-01") == []
    table = csv.DictReader(io.StringIO(loop.run("report", "--by", "sub1", "--csv").stdout))
    assert "'=SUM(1)" in [row["sub1"] for row in table]


def test_sigterm_ends_the_server_cleanly_and_the_next_one_goes_on(loop: Loop) -> None:
    click_id = loop.click()
    assert loop.stop() == 0
    loop.start()
    assert loop.get(f"/p/maxi?{TOKEN}&click_id={click_id}&payout=3").text == "OK accepted 1"
    assert loop.get("/healthz").status == 200


def test_a_forged_postback_is_replayed_only_by_name(loop: Loop) -> None:
    click_id = loop.click()
    assert loop.get(f"/p/maxi?token=guessed&click_id={click_id}&payout=500&txn_id=F").status == 403
    assert loop.run("replay", "postbacks", "--network", "maxi", expect=1).stdout == "0 replayed, 0 changed.\n"
    assert loop.rows("conversions") == []
    loop.run("replay", "postbacks", "--outcome", "unauthorised")
    assert [conversion["net"] for conversion in loop.rows("conversions")] == ["500.00"]


def test_a_time_beyond_all_clicks_is_no_fault(loop: Loop) -> None:
    click_id = loop.click()
    assert [row["id"] for row in loop.rows("clicks", "--until", "2099-12-31")] == [click_id]
    assert loop.rows("clicks", "--since", "2099-01-01") == []
