"""What the app says can be said in another language: heads, filters, outcomes, statuses and states."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator

from app.pages.clicks.page import ClicksPage
from app.pages.postbacks.page import PostbacksPage
from app.widgets.tones import spoken
from app.widgets.words import SPOKEN
from server.domain.asking import DEVICES
from server.domain.delivery import STATES
from server.domain.outcome import Outcome, Warning
from server.domain.status import Status
from tests.app.clicks import head, shown, texts

OURS = [*Outcome, *Warning, *Status, *STATES, *DEVICES, "late", "conflict", "withdrawn"]


class Shouting(QTranslator):
    """A language of its own, in which everything is louder."""

    def translate(self, context, text, disambiguation=None, n=-1):
        return text.upper()

    def isEmpty(self):  # noqa: N802 - Qt's name
        return False


@pytest.fixture
def shouted(qapp):
    translator = Shouting()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def test_every_word_of_ours_is_there_for_the_translators():
    assert {word.replace("_", " ") for word in OURS} == SPOKEN


def test_words_heads_and_filters_are_translated_and_names_are_not(shouted, desk, qtbot):
    page = shown(PostbacksPage(desk), qtbot, 3)
    assert spoken(Outcome.NO_CLICK_ID) == "NO CLICK ID"
    assert texts(page, "outcome")[1] == "NO CLICK ID"
    assert head(page, "reason") == "WHY"
    box = page.filters.boxes["campaign"]
    qtbot.waitUntil(lambda: box.count() == 2)
    assert [box.itemText(place) for place in range(2)] == ["ALL CAMPAIGNS", "summer"]
    assert page.filters.span.itemText(1) == "LAST HOUR"
    assert head(shown(ClicksPage(desk), qtbot, 3), "time") == "TIME ▼"
