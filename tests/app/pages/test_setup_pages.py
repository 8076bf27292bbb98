"""The editors of the set-up, driven as a person would, over a real data folder."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QMessageBox
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.pages.campaigns.page import CampaignsPage
from app.pages.landings.page import LandingsPage
from app.pages.networks.page import NetworksPage
from app.pages.offers.page import OffersPage
from app.pages.sources.page import SourcesPage
from app.widgets.forms.editor_page import EditorPage
from server.api import archiving, editing, setup
from server.api.data import Data
from server.setup.document import read_document

PAGES = {
    "campaign": CampaignsPage,
    "source": SourcesPage,
    "network": NetworksPage,
    "offer": OffersPage,
    "landing": LandingsPage,
}
EVERYTHING = """
domain = "https://trk.example.com"
[[source]]
key = "own"
name = "Own <b>blog</b>"
template = "propellerads"
external_id = ""
cost = "{c}"
cost_currency = "EUR"
[source.subs]
sub1 = { name = "area", token = "" }
sub20 = { name = "last", token = "{l}" }
[source.relay]
method = "POST"
url = "https://ads.example/conv?id={external_id}"
body = '{"p": {payout}}'
statuses = []
events = ["a, b", "c"]
share = "70%"
minimum = "1.00"
delay = "5m"
sample = "50%"
cap = 7
success = "ok"
on_payout_change = true
on_ambiguous = "hold"
allow = ["10.0.0.0/8"]
paused = true
[source.relay.headers]
Authorization = "Bearer x"
[[network]]
key = "whole"
name = "Whole"
template = "everflow"
token = ""
ips = ["203.0.113.7"]
hmac = { header = "X-Sig", secret = "s", over = "query" }
currency = ""
time_zone = "Europe/Berlin"
number_style = "1.234,50"
default_status = "pending"
payout_from = "offer"
last_word_wins = true
each_postback_counts = true
txn_prefix = "-"
strict = true
[network.macros]
payout = ""
custom5 = "{x}"
[network.params]
click_id = "s2"
[network.status_words]
approved = ["1", "yes, sure"]
rejected = []
[[offer]]
key = "whole"
name = "Whole"
network = "whole"
url = "https://go.example.net/?sub1={click_id|none}"
payout = "30%"
currency = "EUR"
window_days = 0
cap = { conversions = 5, clicks = 9, alternative = "keto-us" }
[offer.events]
deposit = "50.00"
[[landing]]
key = "whole"
name = "Whole"
url = "https://lp.example.com/?c={click_id}"
[[campaign]]
key = "whole"
name = "Whole"
source = "own"
cost = { model = "share", value = "70%", currency = "EUR" }
paused = true
domain = "https://other.example.com"
[[campaign.destinations]]
url = "https://partner.example/?{click_id}"
[[campaign.path]]
weight = 0
when = { referrer = ["a, b"], hour = ["8"] }
landings = [{ landing = "whole" }]
offers = [{ offer = "whole", weight = 3 }, { offer = "keto-us" }]
[[campaign.path]]
offers = [{ offer = "keto-us", weight = 100 }]
"""


@pytest.fixture
def opened(qtbot: QtBot, set_up_desk: Desk) -> Any:
    """A page of the set-up with its first thing open."""

    def open_page(kind: str, key: str = "") -> EditorPage:
        page = PAGES[kind](set_up_desk)
        qtbot.addWidget(page)
        page.resize(1100, 760)
        page.show()
        qtbot.waitUntil(lambda: bool(page.things.keys()))
        if key:
            page.narrow_to({"key": key})
            qtbot.waitUntil(lambda: page.form.key == key)
        return page

    return open_page


def choose(page: EditorPage, words: str) -> None:
    """Answers the question that stands open."""
    (box,) = page.findChildren(QMessageBox)
    next(button for button in box.buttons() if button.text().replace("&", "").startswith(words)).click()


def wait_saved(qtbot: QtBot, page: EditorPage) -> None:
    qtbot.waitUntil(lambda: not page.is_dirty)


def write(page: EditorPage, trail: tuple[str, ...], text: str) -> None:
    field = next(field for field in page.form.fields if field.trail == trail)
    field.line.setText(text)  # type: ignore[attr-defined]


def problem(page: EditorPage, *trail: str) -> str:
    return next(field.problem for field in page.form.fields if field.trail == trail)


# -- nothing is lost -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PAGES)
def test_every_word_of_the_setup_file_survives_a_save(kind: str, qtbot: QtBot, data: Data, opened: Any) -> None:
    setup.apply(data, read_document(EVERYTHING, "everything.toml"), "test")
    key = "own" if kind == "source" else "whole"
    before = editing.read(data, kind, key)
    page = opened(kind, key)
    assert page.form.spec() == before
    assert not page.is_dirty
    page.form.name_field.line.setText("Another name")
    page.save()
    wait_saved(qtbot, page)
    assert editing.read(data, kind, key) == {**before, "name": "Another name"}


# -- offers ----------------------------------------------------------------------------------------------------------


def test_an_offer_is_made_from_nothing(qtbot: QtBot, data: Data, opened: Any) -> None:
    page = opened("offer")
    page.new()
    qtbot.waitUntil(lambda: page.form.key == "")
    qtbot.keyClicks(page.form.key_field.line, "diet")
    page.form.network.box.setCurrentIndex(page.form.network.box.findText("maxi"))
    qtbot.keyClicks(page.form.url.edit, "https://go.example.net/?a=7")
    assert page.form.warning.isVisible()
    qtbot.mouseClick(page.form.put_in, Qt.MouseButton.LeftButton)
    assert page.form.url.edit.text() == "https://go.example.net/?a=7&sub1={click_id}"
    assert not page.form.warning.isVisible()
    write(page, ("payout",), "12,50")
    qtbot.keyClick(page, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    wait_saved(qtbot, page)
    assert editing.read(data, "offer", "diet") == {
        "network": "maxi",
        "url": "https://go.example.net/?a=7&sub1={click_id}",
        "payout": "12.50",
    }
    qtbot.waitUntil(lambda: page.things.current_key == "diet")
    assert page.form.key_field.line.isReadOnly()


def test_problems_appear_beside_the_field_while_one_types(qtbot: QtBot, opened: Any) -> None:
    page = opened("offer", "keto-us")
    page.form.url.edit.setFocus()
    page.form.url.edit.set_text("https://go.example.net/?a={nobody}")
    write(page, ("payout",), "a lot")
    qtbot.waitUntil(lambda: "no amount of money" in problem(page, "payout"))
    assert problem(page, "url") == "▲ Unknown macro {nobody}."
    assert problem(page, "currency") == ""
    page.form.url.edit.set_text("https://go.example.net/?a={click_id}")
    qtbot.waitUntil(lambda: problem(page, "url") == "")


def test_a_new_thing_is_not_red_before_somebody_tries_to_save_it(qtbot: QtBot, data: Data, opened: Any) -> None:
    page = opened("offer")
    page.new()
    page.form.name_field.line.setText("Diet")
    with qtbot.waitSignal(page._typing.timeout):
        pass
    page.save()
    qtbot.waitUntil(lambda: problem(page, "key") == "▲ Needs a key, such as summer or keto-us.")
    assert "diet" not in data.setup().offers


def test_unsaved_changes_are_asked_about_before_another_thing_opens(qtbot: QtBot, data: Data, opened: Any) -> None:
    spec = editing.read(data, "offer", "keto-us")
    editing.save(data, "offer", "other", spec, None)
    page = opened("offer", "keto-us")
    page.form.name_field.line.setText("Changed")
    page.things.list.setCurrentRow(page.things.keys().index("other"))
    choose(page, "Cancel")
    assert (page.form.key, page.things.current_key) == ("keto-us", "keto-us")
    qtbot.waitUntil(lambda: not page.findChildren(QMessageBox))
    page.things.list.setCurrentRow(page.things.keys().index("other"))
    choose(page, "Save")
    qtbot.waitUntil(lambda: page.form.key == "other")
    assert editing.read(data, "offer", "keto-us")["name"] == "Changed"


def test_discarded_changes_are_gone(qtbot: QtBot, data: Data, opened: Any) -> None:
    editing.save(data, "offer", "other", editing.read(data, "offer", "keto-us"), None)
    page = opened("offer", "keto-us")
    page.form.name_field.line.setText("Changed")
    page.things.list.setCurrentRow(page.things.keys().index("other"))
    choose(page, "Discard")
    qtbot.waitUntil(lambda: page.form.key == "other")
    assert "name" not in editing.read(data, "offer", "keto-us")


def test_a_window_with_unsaved_changes_stays_open_until_it_is_answered(qtbot: QtBot, opened: Any) -> None:
    page = opened("offer", "keto-us")
    assert page.may_close()
    page.form.name_field.line.setText("Changed")
    assert not page.may_close()
    choose(page, "Discard")
    qtbot.waitUntil(lambda: not page.isVisible())
    assert page.may_close()


def test_revert_brings_back_what_is_stored(qtbot: QtBot, opened: Any) -> None:
    page = opened("offer", "keto-us")
    write(page, ("payout",), "99")
    assert page.panel.save.isEnabled()
    qtbot.mouseClick(page.panel.revert, Qt.MouseButton.LeftButton)
    assert not page.is_dirty
    assert not page.panel.save.isEnabled()


def test_a_saved_change_is_undone_and_done_again(qtbot: QtBot, data: Data, opened: Any) -> None:
    page = opened("offer", "keto-us")
    write(page, ("payout",), "99")
    page.save()
    wait_saved(qtbot, page)
    qtbot.waitUntil(page.undo_button.isEnabled)
    page.things.list.setFocus()
    qtbot.keyClick(page.things.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: editing.read(data, "offer", "keto-us")["payout"] == "32.00")
    qtbot.waitUntil(page.redo_button.isEnabled)
    qtbot.mouseClick(page.redo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: editing.read(data, "offer", "keto-us")["payout"] == "99.00")


def test_a_copy_is_a_new_thing_until_it_is_saved(qtbot: QtBot, data: Data, opened: Any) -> None:
    page = opened("offer", "keto-us")
    qtbot.mouseClick(page.duplicate_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.form.key == "keto-us-2")
    assert "keto-us-2" not in data.setup().offers
    page.save()
    qtbot.waitUntil(lambda: "keto-us-2" in data.setup().offers)


def test_archiving_names_what_goes_with_it_and_can_be_taken_back(qtbot: QtBot, data: Data, opened: Any) -> None:
    page = opened("offer", "keto-us")
    page.things.list.setFocus()
    qtbot.keyClick(page.things.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: bool(page.findChildren(QMessageBox)))
    (box,) = page.findChildren(QMessageBox)
    assert "campaign summer" in box.informativeText()
    assert box.textFormat() is Qt.TextFormat.PlainText
    choose(page, "Archive all 2")
    qtbot.waitUntil(lambda: page.things.keys() == [])
    assert "summer" not in data.setup().campaigns
    assert page.things.with_archived.isVisible()
    qtbot.waitUntil(lambda: page.archive_button.text().strip() == "Take back")
    qtbot.mouseClick(page.archive_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.things.keys() == ["keto-us"])


def test_what_a_file_changes_meanwhile_is_shown_or_said(qtbot: QtBot, data: Data, opened: Any) -> None:
    page = opened("offer", "keto-us")
    spec = editing.read(data, "offer", "keto-us")
    spec = editing.save(data, "offer", "keto-us", {**spec, "name": "From a file"}, spec, "apply")
    page.desk.pulse.changed.emit({"setup"})
    qtbot.waitUntil(lambda: page.form.name_field.line.text() == "From a file")
    page.form.name_field.line.setText("Mine")
    editing.save(data, "offer", "keto-us", {**spec, "name": "Again"}, spec, "apply")
    page.desk.pulse.changed.emit({"setup"})
    qtbot.waitUntil(lambda: "changed elsewhere" in page.panel.message.text())
    assert page.form.name_field.line.text() == "Mine"


def test_the_list_is_searched_by_name_and_key(qtbot: QtBot, data: Data, opened: Any) -> None:
    spec = editing.read(data, "offer", "keto-us")
    editing.save(data, "offer", "diet", {**spec, "name": "Slim <i>fast</i>"}, None)
    page = opened("offer")
    page.find_text()
    qtbot.keyClicks(page.things.search, "slim")
    assert page.things.keys() == ["diet"]
    assert page.things.list.item(0).text() == "Slim <i>fast</i>"
    page.things.search.setText("us keto")
    assert page.things.keys() == ["keto-us"]


# -- landing pages ---------------------------------------------------------------------------------------------------


def test_an_empty_page_says_what_belongs_there_and_begins_it(qtbot: QtBot, data: Data, set_up_desk: Desk) -> None:
    page = LandingsPage(set_up_desk)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page._stack.currentWidget() is page._empty)
    page.new()
    qtbot.keyClicks(page.form.key_field.line, "quiz")
    qtbot.keyClicks(page.form.url.edit, "https://lp.example.com/?who={click_id}")
    qtbot.waitUntil(lambda: page.form.link.text().endswith("/go?click={click_id}"))
    assert 'get("who")' in page.form.snippet.text()
    page.save()
    qtbot.waitUntil(lambda: "quiz" in data.setup().landings)


# -- networks --------------------------------------------------------------------------------------------------------


def test_the_postback_url_follows_the_token_and_the_template(qtbot: QtBot, opened: Any) -> None:
    page = opened("network", "maxi")
    qtbot.waitUntil(lambda: "token=a-secret&click_id={sub1}" in page.form.url.text())
    page.form.token.line.setText("renewed")
    qtbot.waitUntil(lambda: "token=renewed" in page.form.url.text())
    page.form.token.open.click()
    qtbot.waitUntil(lambda: "Open" in page.form.url_note.text())
    page.form.catalog.chooser.setEditText("CAKE")
    qtbot.waitUntil(lambda: "{sub1}" not in page.form.url.text())


def test_a_new_network_begins_with_a_token(qtbot: QtBot, data: Data, opened: Any) -> None:
    page = opened("network", "maxi")
    page.new()
    token = page.form.token.line.text()
    assert len(token) > 16
    qtbot.keyClicks(page.form.key_field.line, "cash")
    page.save()
    qtbot.waitUntil(lambda: "cash" in data.setup().networks)
    assert data.setup().networks["cash"].token == token


# -- sources ---------------------------------------------------------------------------------------------------------


def test_the_words_of_a_relay_are_filled_in_and_shown_as_it_will_be_sent(qtbot: QtBot, data: Data, opened: Any) -> None:
    page = opened("source", "prop")
    page.new()
    qtbot.keyClicks(page.form.key_field.line, "second")
    page.form.catalog.chooser.setEditText("PropellerAds")
    assert set(page.form.relay.fill_in.lines) == {"YOUR_AID", "YOUR_TID"}
    qtbot.keyClicks(page.form.relay.fill_in.lines["YOUR_AID"], "42")
    qtbot.keyClick(page.form.relay.fill_in.lines["YOUR_AID"], Qt.Key.Key_Return)
    assert set(page.form.relay.fill_in.lines) == {"YOUR_TID"}
    shown = page.form.relay.preview.text.toPlainText()
    assert shown.startswith(
        "GET https://ad.propellerads.com/conversion.php?aid=42&pid=&tid=YOUR_TID&visitor_id=e1f7a9c2"
    )
    page.save()
    qtbot.waitUntil(lambda: "second" in data.setup().sources)
    assert editing.read(data, "source", "second")["relay"]["url"].startswith("https://ad.propellerads.com/")
    qtbot.waitUntil(lambda: page.things.thing("second") is not None)
    assert page.things.thing("second").states == ("fill_in",)


# -- campaigns -------------------------------------------------------------------------------------------------------


def test_a_path_is_added_weighed_and_saved(qtbot: QtBot, data: Data, opened: Any) -> None:
    page = opened("campaign", "summer")
    qtbot.mouseClick(page.form.paths.add_button, Qt.MouseButton.LeftButton)
    first, second = page.form.paths.cards
    second.body.conditions.add_button.click()
    second.body.conditions.rows[0].values.setText("US, CA")
    first.body.offers.rows[0].weight.setValue(70)
    first.body.offers.add_button.click()
    assert [row.share.text() for row in first.body.offers.rows] == ["41 %", "59 %"]
    page.save()
    wait_saved(qtbot, page)
    assert editing.read(data, "campaign", "summer")["path"] == [
        {"offers": [{"offer": "keto-us", "weight": 70}, {"offer": "keto-us"}]},
        {"when": {"country": ["US", "CA"]}, "offers": [{"offer": "keto-us"}]},
    ]


def test_paths_are_moved_and_removed(qtbot: QtBot, data: Data, opened: Any) -> None:
    setup.apply(data, read_document(EVERYTHING, "everything.toml"), "test")
    page = opened("campaign", "whole")
    before = editing.read(data, "campaign", "whole")["path"]
    grip = page.form.paths.cards[1].head.grip
    qtbot.waitUntil(grip.isVisible)  # Qt shows what is new in its next turn
    grip.setFocus()
    qtbot.waitUntil(grip.hasFocus)
    qtbot.keyClick(grip, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert page.form.spec()["path"] == before[::-1]
    page.form.paths.cards[1].head.away.click()
    assert page.form.spec()["path"] == before[1:]


def test_a_problem_of_a_path_stands_in_its_card(qtbot: QtBot, opened: Any) -> None:
    page = opened("campaign", "summer")
    card = page.form.paths.cards[0]
    card.body.offers.rows[0].weight.setValue(0)
    qtbot.waitUntil(lambda: card.body.offers.problem.startswith("▲ All weights are 0"))
    assert problem(page, "path") == ""


def test_the_tracking_url_is_copied(qtbot: QtBot, opened: Any) -> None:
    page = opened("campaign", "summer")
    qtbot.waitUntil(lambda: bool(page.form.tracking_url))
    qtbot.mouseClick(page.copy_button, Qt.MouseButton.LeftButton)
    assert "/c/summer?ext=${SUBID}&cost={cost}" in QApplication.clipboard().text()


def test_an_empty_campaigns_page_leads_to_the_first_steps(qtbot: QtBot, empty_desk: Desk) -> None:
    asked: list[bool] = []
    empty_desk.begin = lambda: asked.append(True)
    page = CampaignsPage(empty_desk)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page._stack.currentWidget() is page._empty)
    from PySide6.QtWidgets import QPushButton

    (step,) = page._empty.findChildren(QPushButton)
    step.click()
    assert asked == [True]


def test_today_s_figures_stand_in_the_list(qtbot: QtBot, desk: Desk) -> None:
    page = CampaignsPage(desk)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: bool(page.things.keys()))
    thing = page.things.thing("summer")
    assert thing is not None
    assert (thing.clicks, thing.conversions) == (3, 1)


# -- what is archived ------------------------------------------------------------------------------------------------

FURTHER = """
[[source]]
key = "second"
name = "Second <b>source</b>"
[[network]]
key = "old"
name = "Old network"
[[offer]]
key = "old-offer"
network = "old"
url = "https://old.example/?s={click_id}"
[[landing]]
key = "old-page"
url = "https://lp.example/?c={click_id}"
[[campaign]]
key = "past"
source = "second"
[[campaign.path]]
landings = [{ landing = "old-page" }]
offers = [{ offer = "old-offer" }]
"""


@pytest.fixture
def with_archived(data: Data) -> None:
    setup.apply(data, read_document(FURTHER, "further.toml"), "test")
    for kind, key in (("source", "second"), ("network", "old"), ("landing", "old-page")):
        archiving.archive(data, kind, key, with_dependents=True)


def answers(box: QComboBox) -> list[str]:
    return [box.itemText(row) for row in range(box.count())]


def test_what_is_archived_is_offered_nowhere(qtbot: QtBot, opened: Any, with_archived: None) -> None:
    campaigns = opened("campaign", "summer")
    (card,) = campaigns.form.paths.cards
    assert answers(campaigns.form.source.box) == ["Choose…", "prop"]
    assert answers(card.body.offers.rows[0].key) == ["keto-us"]
    assert not card.body.landings.add_button.isEnabled()
    offers = opened("offer", "keto-us")
    assert answers(offers.form.network.box) == ["Choose…", "maxi"]
    assert answers(offers.form.alternative.box) == ["Choose…"]
    campaigns.new()
    qtbot.waitUntil(lambda: campaigns.form.key == "")
    assert campaigns.form.source.box.currentText() == "prop"


def test_what_already_names_an_archived_thing_shows_it_marked(qtbot: QtBot, opened: Any, with_archived: None) -> None:
    page = opened("campaign", "past")
    (card,) = page.form.paths.cards
    assert page.form.source.box.currentText() == "Second <b>source</b>   (archived)"
    assert card.body.offers.rows[0].key.currentText() == "old-offer   (archived)"
    assert card.body.landings.rows[0].key.currentText() == "old-page   (archived)"
    assert not page.is_dirty
    page.narrow_to({"key": "summer"})
    qtbot.waitUntil(lambda: page.form.key == "summer")
    assert answers(page.form.source.box) == ["Choose…", "prop"], "what another thing names is not offered to this one"


def test_what_is_taken_back_is_offered_at_once(qtbot: QtBot, data: Data, opened: Any, with_archived: None) -> None:
    page = opened("campaign", "summer")
    archiving.unarchive(data, "landing", "old-page")
    page.desk.pulse.changed.emit({"setup"})
    (card,) = page.form.paths.cards
    qtbot.waitUntil(card.body.landings.add_button.isEnabled)
    card.body.landings.add_button.click()
    assert answers(card.body.landings.rows[0].key) == ["old-page"]
