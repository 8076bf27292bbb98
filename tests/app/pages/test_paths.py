"""The paths of a campaign as cards: written, weighed, moved by mouse and by keys, saved, refused, taken back."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.pages.campaigns.page import CampaignsPage
from app.pages.campaigns.path_body import PathBody
from app.pages.campaigns.path_card import PathCard
from app.pages.campaigns.paths import PathsField
from app.pages.offers.page import OffersPage
from server.api import editing, setup
from server.api.data import Data
from server.cli.main import main
from server.setup.document import read_document

LEFT = Qt.MouseButton.LeftButton
SETUP = """
[[offer]]
key = "diet"
name = "Diet & <b>more</b>"
network = "maxi"
url = "https://go.example.net/?a=2&sub1={click_id}"
[[landing]]
key = "quiz"
url = "https://lp.example.com/?c={click_id}"
[[campaign]]
key = "whole"
source = "prop"
sticky = true
otherwise = "https://elsewhere.example/"
bots = "https://bots.example/?c={click_id}"
[[campaign.path]]
name = "Mornings"
match = "any"
weight = 30
when = { country = ["US", "CA"], hour = ["8-11", "22-2"], sub1 = { is_not = ["x, y", "z"], contains = ["zone"] } }
landings = [{ landing = "quiz", weight = 0 }, { landing = "quiz" }]
offers = [{ offer = "diet", weight = 1 }, { offer = "keto-us", weight = 3 }]
[[campaign.path]]
name = "Patterns"
priority = 2
when = { sub2 = { matches = ["^a{1,2}$"], matches_not = ["b,c", '"d"'] }, network = { contains_not = ["Cloud"] } }
offers = [{ offer = "keto-us", weight = 100 }]
[[campaign.path]]
default = true
offers = [{ offer = "diet" }]
"""


@pytest.fixture
def opened(qtbot: QtBot, set_up_desk: Desk, data: Data) -> Callable[[str], CampaignsPage]:
    setup.apply(data, read_document(SETUP, "paths.toml"), "test")

    def open_campaign(key: str) -> CampaignsPage:
        page = CampaignsPage(set_up_desk)
        qtbot.addWidget(page)
        page.resize(1300, 900)
        page.show()
        page.activateWindow()
        qtbot.waitExposed(page)
        page.narrow_to({"key": key})
        qtbot.waitUntil(lambda: page.form.key == key)
        qtbot.waitUntil(cards(page)[-1].isVisible)  # Qt shows what is new in its next turn
        return page

    return open_campaign


def paths_of(page: CampaignsPage) -> PathsField:
    return page.form.paths  # type: ignore[attr-defined,no-any-return]


def cards(page: CampaignsPage) -> list[PathCard]:
    return paths_of(page).cards


def pick(box: QComboBox, words: str) -> None:
    place = box.findText(words)
    assert place >= 0, f"{words} is not offered: {[box.itemText(row) for row in range(box.count())]}"
    box.setCurrentIndex(place)


def unfold(card: PathCard) -> PathBody:
    """And lets it be laid out, as it is before anybody can click into it."""
    card.open()
    QApplication.processEvents()
    assert card.body is not None
    return card.body


def ask(qtbot: QtBot, card: PathCard, fact: str, operator: str, values: str) -> None:
    assert card.body is not None
    qtbot.mouseClick(card.body.conditions.add_button, LEFT)
    row: Any = card.body.conditions.rows[-1]
    pick(row.fact, fact)
    pick(row.operator, operator)
    qtbot.keyClicks(row.values, values)


def save(qtbot: QtBot, page: CampaignsPage) -> None:
    qtbot.mouseClick(page.panel.save, LEFT)
    qtbot.waitUntil(lambda: not page.is_dirty)


def exported(data: Data, key: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["export", "--data", str(data.folder.path)]) == 0
    document = tomllib.loads(capsys.readouterr().out)
    (found,) = [one for one in document["campaign"] if one.pop("key") == key]
    return dict(found)


def drag(widget: QWidget, height: int) -> None:
    """From where it is to another height on the screen; told to the widget, for another window may lie on top."""
    start = widget.rect().center()
    end = QPoint(start.x(), widget.mapFromGlobal(QPoint(0, height)).y())
    for kind, spot, button, held in (
        (QEvent.Type.MouseButtonPress, start, LEFT, LEFT),
        (QEvent.Type.MouseMove, end, Qt.MouseButton.NoButton, LEFT),
        (QEvent.Type.MouseButtonRelease, end, LEFT, Qt.MouseButton.NoButton),
    ):
        place, no_key = QPointF(widget.mapToGlobal(spot)), Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(widget, QMouseEvent(kind, QPointF(spot), place, button, held, no_key))


def words(page: CampaignsPage) -> list[str]:
    return [card.whole.words.text().replace("\u200b", "") for card in cards(page)]


# -- nothing is lost ---------------------------------------------------------------------------------------------------


def test_what_a_setup_file_says_of_paths_survives_opening_unfolding_and_saving(
    qtbot: QtBot, data: Data, opened: Callable[[str], CampaignsPage]
) -> None:
    before = editing.read(data, "campaign", "whole")
    page = opened("whole")
    for card in cards(page):
        card.open()
    assert page.form.spec() == before
    assert not page.is_dirty
    qtbot.keyClicks(page.form.name_field.line, "Another")
    save(qtbot, page)
    assert editing.read(data, "campaign", "whole") == {**before, "name": "Another"}


def test_three_paths_with_every_operator_are_written_saved_and_exported(
    qtbot: QtBot, data: Data, opened: Callable[[str], CampaignsPage], capsys: pytest.CaptureFixture[str]
) -> None:
    page = opened("summer")
    for _ in range(2):
        qtbot.mouseClick(paths_of(page).add_button, LEFT)
    first, second, third = cards(page)
    assert first.body is not None
    assert second.body is not None
    assert third.body is not None
    qtbot.keyClicks(first.head.name, "Mobile mornings")
    first.head.weight.setValue(40)
    ask(qtbot, first, "Country", "is", "US, ca")
    ask(qtbot, first, "System", "is not", "iOS")
    ask(qtbot, first, "Sub id 1", "contains", "zone, area")
    ask(qtbot, first, "Sub id 1", "does not contain", "test")
    pick(first.body.conditions.match, "any of these holds")
    ask(qtbot, second, "Browser", "matches", "^Chrome( Mobile)?$")
    ask(qtbot, second, "Provider", "does not match", "cloud{1,2}")
    ask(qtbot, second, "Hour", "is", "8-18, 22")
    second.body.priority.setValue(5)
    qtbot.mouseClick(second.body.landings.add_button, LEFT)
    qtbot.mouseClick(second.body.offers.add_button, LEFT)
    second.body.offers.rows[1].weight.setValue(300)
    third.body.default.click()
    save(qtbot, page)
    stored = editing.read(data, "campaign", "summer")
    two = [{"offer": "keto-us"}, {"offer": "diet", "weight": 300}]
    asked = {
        "browser": {"matches": ["^Chrome( Mobile)?$"]},
        "network": {"matches_not": ["cloud{1,2}"]},
        "hour": ["8-18", "22"],
    }
    sub = {"contains": ["zone", "area"], "contains_not": ["test"]}
    when = {"country": ["US", "CA"], "os": {"is_not": ["iOS"]}, "sub1": sub}
    offers = [{"offer": "keto-us"}]
    assert stored["path"] == [
        {"name": "Mobile mornings", "weight": 40, "when": when, "match": "any", "offers": offers},
        {"priority": 5, "when": asked, "landings": [{"landing": "quiz"}], "offers": two},
        {"default": True, "offers": offers},
    ]
    assert exported(data, "summer", capsys) == stored
    again = opened("summer")
    assert again.form.spec() == stored
    assert not again.is_dirty


def test_sticky_bots_and_otherwise_are_fields(qtbot: QtBot, data: Data, opened: Callable[[str], CampaignsPage]) -> None:
    page = opened("summer")
    fields: Any = {field.trail: field for field in page.form.fields}
    assert fields[("otherwise",)].line.placeholderText() == "your fallback URL, else the first path"
    qtbot.keyClicks(fields[("otherwise",)].line, "https://a.example/")
    qtbot.keyClicks(fields[("bots",)].line, "nowhere")
    fields[("sticky",)].check.click()
    qtbot.waitUntil(lambda: fields[("bots",)].problem.startswith("▲ "))
    fields[("bots",)].line.setText("https://b.example/")
    save(qtbot, page)
    stored = editing.read(data, "campaign", "summer")
    assert (stored["otherwise"], stored["bots"]) == ("https://a.example/", "https://b.example/")
    assert stored["sticky"] is True


# -- order -------------------------------------------------------------------------------------------------------------


def test_a_path_is_dragged_saved_and_taken_back(
    qtbot: QtBot, data: Data, opened: Callable[[str], CampaignsPage], capsys: pytest.CaptureFixture[str]
) -> None:
    before = editing.read(data, "campaign", "whole")["path"]
    page = opened("whole")
    last = cards(page)[2]
    below = last.mapToGlobal(QPoint(0, last.height())).y()
    drag(cards(page)[0].head.grip, below)
    moved = [before[1], before[2], before[0]]
    assert page.form.spec()["path"] == moved
    assert [card.head.number.text() for card in cards(page)] == ["1", "2", "3"]
    assert [card.y() for card in cards(page)] == sorted(card.y() for card in cards(page)), "as they stand on screen"
    save(qtbot, page)
    assert exported(data, "whole", capsys)["path"] == moved
    first = cards(page)[0]
    drag(cards(page)[2].head.grip, first.mapToGlobal(QPoint(0, 1)).y())
    assert page.form.spec()["path"] == before
    qtbot.mouseClick(page.panel.revert, LEFT)
    qtbot.waitUntil(lambda: page.form.spec()["path"] == moved)
    qtbot.waitUntil(page.undo_button.isEnabled)
    qtbot.mouseClick(page.undo_button, LEFT)
    qtbot.waitUntil(lambda: editing.read(data, "campaign", "whole")["path"] == before)
    qtbot.waitUntil(lambda: page.form.spec()["path"] == before)


def test_a_path_is_moved_with_the_keyboard_and_keeps_the_focus(
    qtbot: QtBot, opened: Callable[[str], CampaignsPage]
) -> None:
    page = opened("whole")
    before = page.form.spec()["path"]
    name = cards(page)[1].head.name
    name.setFocus()
    qtbot.waitUntil(name.hasFocus)
    qtbot.keyClick(name, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert page.form.spec()["path"] == [before[0], before[2], before[1]]
    assert name.hasFocus()
    qtbot.keyClick(name, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert page.form.spec()["path"] == [before[0], before[2], before[1]], "it is the last"
    for _ in range(2):
        qtbot.keyClick(name, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert page.form.spec()["path"] == [before[1], before[0], before[2]]


def test_the_tab_key_goes_as_the_eye_does(qtbot: QtBot, opened: Callable[[str], CampaignsPage]) -> None:
    page = opened("whole")
    grip = cards(page)[1].head.grip
    grip.setFocus()
    qtbot.waitUntil(grip.hasFocus)
    qtbot.keyClick(grip, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    cards(page)[0].open()
    body = cards(page)[0].body
    assert body is not None
    qtbot.mouseClick(body.conditions.add_button, LEFT)
    seen, widget = [], QApplication.focusWidget()
    while widget is not None and widget is not paths_of(page).add_button and len(seen) < 200:
        seen.append(widget)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
    grips = [seen.index(card.head.grip) for card in cards(page)[1:]]
    assert grips == sorted(grips)
    assert seen.index(body.landings.add_button) < seen.index(body.offers.add_button) < grips[0]
    assert widget is paths_of(page).add_button


# -- weights -----------------------------------------------------------------------------------------------------------


def test_a_bar_is_the_share_among_equals_and_can_be_drawn(qtbot: QtBot, opened: Callable[[str], CampaignsPage]) -> None:
    page = opened("whole")
    first, second, third = cards(page)
    assert [card.head.share.text() for card in cards(page)] == ["100 %"] * 3, "each is alone in its rank"
    body = unfold(second)
    body.priority.setValue(0)
    assert [card.head.share.text() for card in cards(page)] == ["23 %", "77 %", "100 %"]
    bar = first.head.bar
    qtbot.mouseClick(bar, LEFT, pos=QPoint(bar.width() // 2, bar.height() // 2))
    assert first.head.weight.value() == pytest.approx(100, abs=4)
    assert first.head.share.text() in ("49 %", "50 %", "51 %")
    body = unfold(first)
    rows: Any = body.offers.rows
    assert [row.share.text() for row in rows] == ["25 %", "75 %"]
    qtbot.mouseClick(rows[1].bar, LEFT, pos=QPoint(rows[1].bar.width() * 9 // 10, 4))
    assert rows[1].weight.value() == pytest.approx(9, abs=1)
    third.head.weight.setFocus()
    qtbot.keyClick(third.head.weight, Qt.Key.Key_Up)
    assert page.form.spec()["path"][2] == {"default": True, "weight": 101, "offers": [{"offer": "diet"}]}


# -- words -------------------------------------------------------------------------------------------------------------


def test_a_card_says_in_plain_words_whom_it_takes(qtbot: QtBot, opened: Callable[[str], CampaignsPage]) -> None:
    page = opened("whole")
    first, second, third = words(page)
    assert first.startswith(
        "Takes visitors when country is US or CA, or hour is 8-11 or 22-2, or sub1 is anything but x, y or z, or sub1"
        " contains zone."
    )
    assert first.endswith("Leads by quiz, quiz to Diet & <b>more</b>, keto-us."), "as it is, and never as rich text"
    assert second.startswith("Takes visitors when sub2 matches ^a{1,2}$, and sub2 does not match")
    assert "Priority 2." in second
    assert third == "Takes everybody whom no other path takes. Leads to Diet & <b>more</b>."
    card = cards(page)[2]
    body = unfold(card)
    body.default.click()
    assert words(page)[2] == "Takes everybody."
    ask(qtbot, card, "Device", "is", "mobile")
    assert words(page)[2] == "Takes visitors when device is mobile."


def test_a_default_path_asks_nothing_until_it_is_none_again(
    qtbot: QtBot, opened: Callable[[str], CampaignsPage]
) -> None:
    page = opened("whole")
    before = page.form.spec()
    card = cards(page)[0]
    body = unfold(card)
    body.default.click()
    assert not body.conditions.isEnabled()
    assert "when" not in page.form.spec()["path"][0]
    body.default.click()
    assert page.form.spec() == before


def test_only_operators_that_a_fact_takes_are_offered(qtbot: QtBot, opened: Callable[[str], CampaignsPage]) -> None:
    page = opened("summer")
    card = cards(page)[0]
    ask(qtbot, card, "Sub id 3", "matches", "^z")
    assert card.body is not None
    row: Any = card.body.conditions.rows[0]
    assert row.operator.count() == 6
    pick(row.fact, "Weekday")
    assert [row.operator.itemText(place) for place in range(row.operator.count())] == ["is", "is not"]
    assert row.asked() == ("weekday", "is", ["^z"])


def test_a_country_is_found_by_its_name(qtbot: QtBot, opened: Callable[[str], CampaignsPage]) -> None:
    page = opened("summer")
    card = cards(page)[0]
    ask(qtbot, card, "Country", "is", "US, germ")
    assert card.body is not None
    row: Any = card.body.conditions.rows[0]
    popup = row.values.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    assert [popup.model().index(place, 0).data() for place in range(popup.model().rowCount())] == ["Germany (DE)"]
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert row.values.text() == "US, DE"


# -- what is wrong -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "operator", "values", "said"),
    [
        ("Country", "is", "US, Canada", "'Canada' is no country. Write its two letters, such as US or DE."),
        ("Device", "is not", "mobil", "'mobil' is no device. Did you mean 'mobile'?"),
        ("Hour", "is", "8-25", "'25' is no hour. Write 0 to 23, or a range such as 8-18."),
        ("Weekday", "is", "moonday", "'moonday' is no weekday. Did you mean 'monday'?"),
        ("Bot", "is", "perhaps", "'perhaps' is neither yes nor no."),
        ("Sub id 1", "matches", "(a", "'(a' cannot be used: "),
    ],
)
def test_a_bad_value_says_so_beside_its_field(
    fact: str, operator: str, values: str, said: str, qtbot: QtBot, opened: Callable[[str], CampaignsPage]
) -> None:
    page = opened("summer")
    card = cards(page)[0]
    ask(qtbot, card, "Language", "is", "en")
    ask(qtbot, card, fact, operator, values)
    assert card.body is not None
    good, bad = card.body.conditions.rows
    qtbot.waitUntil(lambda: bad.problem.startswith(f"▲ {said}"))
    assert good.problem == ""
    assert page.panel.message.text() == "Fields to mend: 1"
    page.save()
    qtbot.waitUntil(lambda: not page._is_busy)
    assert page.is_dirty


def test_an_empty_condition_is_told_when_it_is_saved_and_not_before(
    qtbot: QtBot, opened: Callable[[str], CampaignsPage]
) -> None:
    page = opened("summer")
    card = cards(page)[0]
    ask(qtbot, card, "Country", "is", "")
    assert card.body is not None
    (row,) = card.body.conditions.rows
    with qtbot.waitSignal(page._typing.timeout):
        pass
    page.save()
    qtbot.waitUntil(lambda: row.problem == "▲ Is an empty list. Name at least one, or leave the key out.")
    qtbot.mouseClick(row.away, LEFT)
    qtbot.waitUntil(lambda: not page.is_dirty)


def test_a_path_that_leads_nowhere_opens_and_says_so(qtbot: QtBot, opened: Callable[[str], CampaignsPage]) -> None:
    page = opened("whole")
    card = cards(page)[1]
    body = unfold(card)
    offers = body.offers
    qtbot.mouseClick(offers.rows[0].away, LEFT)
    card.open(is_open=False)
    page.save()
    qtbot.waitUntil(lambda: offers.problem == "▲ A path needs at least one offer.")
    assert card.is_open, "what has to be mended is not folded away"
    for one in cards(page):
        one.head.weight.setValue(0)
    unfold(card)
    qtbot.mouseClick(offers.add_button, LEFT)
    qtbot.waitUntil(lambda: paths_of(page).problem.startswith("▲ All weights are 0"))


# -- caps --------------------------------------------------------------------------------------------------------------


def test_the_cap_of_an_offer_is_written_and_refused_beside_its_fields(
    qtbot: QtBot, set_up_desk: Desk, data: Data
) -> None:
    setup.apply(data, read_document(SETUP, "paths.toml"), "test")
    page = OffersPage(set_up_desk)
    qtbot.addWidget(page)
    page.show()
    page.narrow_to({"key": "keto-us"})
    qtbot.waitUntil(lambda: page.form.key == "keto-us")
    fields: Any = {field.trail: field for field in page.form.fields}
    qtbot.keyClicks(fields[("cap", "clicks")].line, "100")
    page.save()
    qtbot.waitUntil(lambda: fields[("cap", "alternative")].problem == "▲ Needs alternative.")
    pick(fields[("cap", "alternative")].box, "Diet & <b>more</b>")
    fields[("cap", "clicks")].line.clear()
    qtbot.waitUntil(lambda: fields[("cap", "conversions")].problem == "▲ Needs conversions or clicks.")
    qtbot.keyClicks(fields[("cap", "conversions")].line, "7")
    qtbot.mouseClick(page.panel.save, LEFT)
    qtbot.waitUntil(lambda: not page.is_dirty)
    assert editing.read(data, "offer", "keto-us")["cap"] == {"conversions": 7, "alternative": "diet"}
