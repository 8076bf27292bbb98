"""Each of the five editors, all the way round: made by typing, refused, mended, saved, changed, copied, archived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.pages.campaigns.page import CampaignsPage
from app.pages.landings.page import LandingsPage
from app.pages.networks.page import NetworksPage
from app.pages.offers.page import OffersPage
from app.pages.sources.page import SourcesPage
from app.widgets.forms.editor_page import EditorPage
from server.api import editing, setup
from server.api.data import Data
from server.setup.document import read_document

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
MORE = """
[[landing]]
key = "story"
url = "https://lp.example.com/?c={click_id}"
[[campaign]]
key = "autumn"
source = "prop"
[[campaign.path]]
landings = [{ landing = "story" }]
offers = [{ offer = "keto-us" }]
"""


def field(page: EditorPage, *trail: str) -> Any:
    return next(one for one in page.form.fields if one.trail == trail)


@dataclass(frozen=True)
class Round:
    """How a person gets a kind of thing wrong, and right: where the words go, and where the problem stands."""

    page: type[EditorPage]
    where: Callable[[EditorPage], QWidget]
    trail: tuple[str, ...]
    wrong: str
    right: str
    stored: Callable[[dict[str, Any]], Any]
    is_stored: Any
    before: Callable[[QtBot, EditorPage], None] = lambda _qtbot, _page: None


def _choose_network(qtbot: QtBot, page: EditorPage) -> None:
    qtbot.keyClicks(field(page, "network").box, "maxi")
    qtbot.keyClicks(field(page, "url").edit, "https://go.example.net/?sub1={click_id}")


ROUNDS = {
    "source": Round(
        SourcesPage,
        lambda page: field(page, "relay", "url").edit,
        ("relay", "url"),
        "https://ads.example/?id={nobody}",
        "https://ads.example/?id={external_id}",
        lambda spec: spec["relay"]["url"],
        "https://ads.example/?id={external_id}",
    ),
    "network": Round(
        NetworksPage,
        lambda page: field(page, "ips").line,
        ("ips",),
        "somewhere",
        "203.0.113.7, 198.51.100.0/24",
        lambda spec: spec["ips"],
        ["203.0.113.7", "198.51.100.0/24"],
    ),
    "offer": Round(
        OffersPage,
        lambda page: field(page, "payout").line,
        ("payout",),
        "a lot",
        "12,50",
        lambda spec: (spec["network"], spec["payout"]),
        ("maxi", "12.50"),
        _choose_network,
    ),
    "landing": Round(
        LandingsPage,
        lambda page: field(page, "url").edit,
        ("url",),
        "lp.example.com/quiz",
        "https://lp.example.com/?c={click_id}",
        lambda spec: spec["url"],
        "https://lp.example.com/?c={click_id}",
    ),
    "campaign": Round(
        CampaignsPage,
        lambda page: field(page, "otherwise").line,
        ("otherwise",),
        "somewhere",
        "https://elsewhere.example/",
        lambda spec: (spec["source"], spec["path"], spec["otherwise"]),
        ("prop", [{"offers": [{"offer": "keto-us"}]}], "https://elsewhere.example/"),
    ),
}
KINDS = list(ROUNDS)
EXISTING = {"source": "prop", "network": "maxi", "offer": "keto-us", "landing": "story", "campaign": "summer"}
GOES_WITH = {
    "source": ["campaign summer", "campaign autumn"],
    "network": ["offer keto-us", "campaign summer", "campaign autumn"],
    "offer": ["campaign summer", "campaign autumn"],
    "landing": ["campaign autumn"],
    "campaign": [],
}


@pytest.fixture
def opened(qtbot: QtBot, set_up_desk: Desk, data: Data) -> Callable[..., EditorPage]:
    setup.apply(data, read_document(MORE, "more.toml"), "test")

    def open_page(kind: str, key: str = "") -> EditorPage:
        page = ROUNDS[kind].page(set_up_desk)  # type: ignore[call-arg]
        qtbot.addWidget(page)
        page.resize(1100, 760)
        page.show()
        qtbot.waitUntil(lambda: bool(page.things.keys()) and not page._is_new)
        if key:
            page.narrow_to({"key": key})
            qtbot.waitUntil(lambda: page.form.key == key)
        return page

    return open_page


def retype(qtbot: QtBot, widget: QWidget, text: str) -> None:
    qtbot.keyClick(widget, Qt.Key.Key_A, CONTROL)
    qtbot.keyClicks(widget, text)


def question(qtbot: QtBot, page: EditorPage) -> QMessageBox:
    qtbot.waitUntil(lambda: bool(page.findChildren(QMessageBox)))
    return page.findChildren(QMessageBox)[0]


def answer(qtbot: QtBot, page: EditorPage, words: str) -> None:
    box = question(qtbot, page)
    button = next(one for one in box.buttons() if one.text().replace("&", "").startswith(words))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.findChildren(QMessageBox))


@pytest.mark.parametrize("kind", KINDS)
def test_a_thing_is_made_by_typing_refused_mended_saved_and_found_again(
    kind: str, qtbot: QtBot, data: Data, opened: Callable[..., EditorPage]
) -> None:
    page, way = opened(kind), ROUNDS[kind]
    qtbot.mouseClick(page.new_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.form.key == "" and page.is_dirty)
    qtbot.keyClicks(page.form.key_field.line, "fresh")
    way.before(qtbot, page)
    retype(qtbot, way.where(page), way.wrong)
    qtbot.waitUntil(lambda: field(page, *way.trail).problem.startswith("▲ "))
    qtbot.keyClick(page, Qt.Key.Key_S, CONTROL)
    qtbot.waitUntil(lambda: page.panel.message.text() == "Fields to mend: 1" and not page._is_busy)
    assert page.things.thing("fresh") is None
    retype(qtbot, way.where(page), way.right)
    qtbot.waitUntil(lambda: field(page, *way.trail).problem == "")
    qtbot.keyClick(page, Qt.Key.Key_S, CONTROL)
    qtbot.waitUntil(lambda: not page.is_dirty)
    stored = editing.read(data, kind, "fresh")
    assert way.stored(stored) == way.is_stored

    again = opened(kind, "fresh")
    assert again.form.spec() == stored
    shown = way.where(again)
    assert (shown.text() if isinstance(shown, QLineEdit) else shown.toPlainText()) in (  # type: ignore[attr-defined]
        way.right,
        "12.50",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_is_saved_undone_and_done_again(
    kind: str, qtbot: QtBot, data: Data, opened: Callable[..., EditorPage]
) -> None:
    key = EXISTING[kind]
    before = editing.read(data, kind, key)
    page = opened(kind, key)
    retype(qtbot, page.form.name_field.line, "Another name")
    assert editing.read(data, kind, key) == before
    qtbot.mouseClick(page.panel.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: editing.read(data, kind, key) == {**before, "name": "Another name"})
    qtbot.waitUntil(lambda: page.undo_button.isEnabled() and not page.is_dirty)
    qtbot.mouseClick(page.undo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.form.key == key and page.form.name_field.line.text() == "")
    assert editing.read(data, kind, key) == before
    qtbot.waitUntil(page.redo_button.isEnabled)
    qtbot.keyClick(page.things.list, Qt.Key.Key_Z, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: page.form.name_field.line.text() == "Another name")
    assert editing.read(data, kind, key) == {**before, "name": "Another name"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_is_saved_under_a_key_of_its_own(
    kind: str, qtbot: QtBot, data: Data, opened: Callable[..., EditorPage]
) -> None:
    key = EXISTING[kind]
    page = opened(kind, key)
    original = editing.read(data, kind, key)
    qtbot.keyClick(page.form.name_field.line, Qt.Key.Key_D, CONTROL)
    qtbot.waitUntil(lambda: page.form.key == f"{key}-2" and page.is_dirty)
    qtbot.keyClick(page, Qt.Key.Key_S, CONTROL)
    qtbot.waitUntil(lambda: not page.is_dirty)
    copied = editing.read(data, kind, f"{key}-2")
    assert {**copied, "token": ""} == {**original, "token": ""}
    assert editing.read(data, kind, key) == original
    if kind == "network":
        assert copied["token"] != original["token"]


@pytest.mark.parametrize("kind", KINDS)
def test_archiving_shows_what_goes_with_it_and_can_be_called_off(
    kind: str, qtbot: QtBot, opened: Callable[..., EditorPage]
) -> None:
    key = EXISTING[kind]
    page = opened(kind, key)
    qtbot.mouseClick(page.archive_button, Qt.MouseButton.LeftButton)
    told = question(qtbot, page).informativeText()
    assert [line.removeprefix("•  ") for line in told.splitlines() if line.startswith("•")] == GOES_WITH[kind]
    answer(qtbot, page, "Cancel")
    assert key in set(page.things.keys())
    qtbot.mouseClick(page.archive_button, Qt.MouseButton.LeftButton)
    answer(qtbot, page, "Archive")
    qtbot.waitUntil(lambda: key not in set(page.things.keys()))
    qtbot.waitUntil(lambda: page.archive_button.text().strip() == "Take back")
    qtbot.mouseClick(page.archive_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: key in set(page.things.keys()))


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_leaves_unsaved_words_unasked(
    kind: str, qtbot: QtBot, data: Data, opened: Callable[..., EditorPage]
) -> None:
    key = EXISTING[kind]
    editing.save(data, kind, "other", editing.duplicate(data, kind, key)[1], None)
    page = opened(kind, key)
    retype(qtbot, page.form.name_field.line, "Half a thought")
    row = page.things.keys().index("other")
    qtbot.mouseClick(
        page.things.list.viewport(),
        Qt.MouseButton.LeftButton,
        pos=page.things.list.visualItemRect(page.things.list.item(row)).center(),
    )
    answer(qtbot, page, "Cancel")
    assert (page.form.key, page.form.name_field.line.text()) == (key, "Half a thought")
    assert not page.may_close()
    answer(qtbot, page, "Cancel")
    page.narrow_to({"key": "other"})
    answer(qtbot, page, "Discard")
    qtbot.waitUntil(lambda: page.form.key == "other")
    assert "name" not in editing.read(data, kind, key)
