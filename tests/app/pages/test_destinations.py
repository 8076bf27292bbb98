"""The further destinations of a campaign: written, looked at, refused, copied, removed, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.pages.campaigns.page import CampaignsPage
from server.api import editing, setup
from server.api.data import Data
from server.setup.document import read_document

CONTROL = Qt.KeyboardModifier.ControlModifier
PARTNERS = """
[[campaign]]
key = "shared"
source = "prop"
[[campaign.path]]
offers = [{ offer = "keto-us" }]
[[campaign.destinations]]
url = "https://one.example/?id={click_id}"
[[campaign.destinations]]
method = "POST"
url = "https://two.example/"
body = "id={click_id}&key=abc123"
headers = { X-Api-Key = "k-123456" }
share = "50%"
"""


@pytest.fixture
def page(qtbot: QtBot, set_up_desk: Desk, data: Data) -> Any:
    setup.apply(data, read_document(PARTNERS, "partners.toml"), "test")
    made = CampaignsPage(set_up_desk)
    qtbot.addWidget(made)
    made.resize(1100, 760)
    made.show()
    made.narrow_to({"key": "shared"})
    qtbot.waitUntil(lambda: made.form.key == "shared")
    return made


@pytest.fixture
def stored(data: Data) -> Callable[[], list[Any]]:
    return lambda: editing.read(data, "campaign", "shared").get("destinations", [])


def save(qtbot: QtBot, page: Any) -> None:
    qtbot.mouseClick(page.panel.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.is_dirty)


def test_one_is_written_with_macros_completed_and_its_request_shown_at_once(
    qtbot: QtBot, page: Any, stored: Callable[[], list[Any]]
) -> None:
    before = stored()
    qtbot.mouseClick(page.form.destinations.add_button, Qt.MouseButton.LeftButton)
    card = page.form.destinations.cards[-1]
    qtbot.waitUntil(card.relay.url.edit.hasFocus)
    qtbot.keyClicks(card.relay.url.edit, "https://three.example/?id={cli")
    assert card.relay.url.edit.macros.isVisible()
    qtbot.keyClick(card.relay.url.edit, Qt.Key.Key_Return)
    assert card.relay.preview.text.toPlainText() == "GET https://three.example/?id=0m3k7d9q2w5x8z1c4v6b7np"
    qtbot.mouseClick(card.fold, Qt.MouseButton.LeftButton)
    card.relay.told[0][0].checks["rejected"].click()
    save(qtbot, page)
    assert stored() == [
        *before,
        {"url": "https://three.example/?id={click_id}", "statuses": ["approved", "rejected"]},
    ]


def test_a_problem_stands_beside_its_field_in_its_own_card(qtbot: QtBot, page: Any) -> None:
    first, second = page.form.destinations.cards
    assert not first.fold.isChecked()
    first.relay.told[2][0].line.setText("150%")
    second.relay.url.edit.set_text("https://two.example/?id={nobody}")
    qtbot.waitUntil(lambda: second.relay.url.problem == "▲ Unknown macro {nobody}.")
    assert first.relay.told[2][0].problem.startswith("▲ ")
    assert first.relay.url.problem == ""
    assert first.fold.isChecked(), "what has to be mended is not folded away"
    assert page.panel.message.text() == "Fields to mend: 2"
    page.save()
    qtbot.waitUntil(lambda: not page._is_busy)
    assert page.is_dirty
    second.relay.url.edit.set_text("https://two.example/?id={click_id}")
    first.relay.told[2][0].line.setText("15%")
    qtbot.waitUntil(lambda: page.panel.message.text() == "Not saved yet.")


def test_a_new_one_without_url_is_refused_only_when_it_is_saved(qtbot: QtBot, page: Any) -> None:
    page.form.destinations.add_button.click()
    url = page.form.destinations.cards[-1].relay.url
    with qtbot.waitSignal(page._typing.timeout):
        pass
    assert url.problem == ""
    page.save()
    qtbot.waitUntil(lambda: bool(url.problem))
    qtbot.waitUntil(url.edit.hasFocus)


def test_one_is_duplicated_and_another_removed(qtbot: QtBot, page: Any, stored: Callable[[], list[Any]]) -> None:
    one, two = stored()
    first, second = page.form.destinations.cards
    qtbot.mouseClick(second.copy_button, Qt.MouseButton.LeftButton)
    page.form.destinations.cards[2].relay.url.edit.set_text("https://copy.example/")
    qtbot.mouseClick(first.away, Qt.MouseButton.LeftButton)
    assert [card._title.text() for card in page.form.destinations.cards] == ["Destination 1", "Destination 2"]
    save(qtbot, page)
    assert stored() == [two, {**two, "url": "https://copy.example/"}]
    qtbot.waitUntil(page.undo_button.isEnabled)
    qtbot.mouseClick(page.undo_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: stored() == [one, two])
    qtbot.waitUntil(lambda: page.form.spec()["destinations"] == [one, two])


def test_the_last_one_removed_leaves_nothing_behind(qtbot: QtBot, page: Any, data: Data) -> None:
    while page.form.destinations.cards:
        page.form.destinations.cards[-1].away.click()
    save(qtbot, page)
    assert "destinations" not in editing.read(data, "campaign", "shared")


def test_its_secrets_are_masked_and_never_in_the_preview(qtbot: QtBot, page: Any) -> None:
    relay = page.form.destinations.cards[1].relay
    assert relay.headers.grid.is_masked(0, 1)
    shown = relay.preview.text.toPlainText()
    assert shown == "POST https://two.example/\nX-Api-Key: ***\n\nid=0m3k7d9q2w5x8z1c4v6b7np&key=***"
