"""The simulator beside the paths: it answers what `tallyback explain` does, of the campaign as the editor has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.pages.campaigns.page import CampaignsPage
from app.pages.campaigns.simulator import Simulator
from server.api import setup
from server.api.data import Data
from server.api.explaining import plain
from server.cli.main import main
from server.setup.document import read_document

LEFT = Qt.MouseButton.LeftButton
SETUP = """
fallback_url = "https://fallback.example/"
[[offer]]
key = "diet"
name = "Diet & <b>more</b>"
network = "maxi"
url = "https://go.example.net/?a=2&sub1={click_id}"
cap = { clicks = 100, alternative = "keto-us" }
[[campaign]]
key = "whole"
source = "prop"
bots = "https://bots.example/"
[[campaign.path]]
name = "Mornings"
match = "any"
when = { country = ["US", "CA"], hour = "8-11" }
offers = [{ offer = "diet", weight = 1 }, { offer = "keto-us", weight = 3 }]
[[campaign.path]]
name = "Mobile"
weight = 50
when = { device = "mobile", sub1 = { contains = "zone" } }
offers = [{ offer = "keto-us" }]
[[campaign.path]]
default = true
offers = [{ offer = "diet" }]
"""
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile/15E148"
NOON = {"hour": "12", "weekday": "monday"}


@pytest.fixture
def page(qtbot: QtBot, set_up_desk: Desk, data: Data) -> CampaignsPage:
    setup.apply(data, read_document(SETUP, "paths.toml"), "test")
    made = CampaignsPage(set_up_desk)
    qtbot.addWidget(made)
    made.resize(1700, 1000)
    made.show()
    qtbot.waitExposed(made)
    made.narrow_to({"key": "whole"})
    qtbot.waitUntil(lambda: made.form.key == "whole")
    return made


@pytest.fixture
def answered(qtbot: QtBot, page: CampaignsPage) -> Callable[[], Any]:
    """The answer to what stands there now."""

    def wait() -> Any:
        qtbot.waitUntil(lambda: not page.simulator.is_asking)
        return page.simulator.answer.simulated

    return wait


def say(qtbot: QtBot, simulator: Simulator, **facts: str) -> None:
    """Types, chooses, and adds a row for what has no field of its own."""
    visitor = simulator.visitor
    for fact, value in facts.items():
        if fact in visitor.lines:
            visitor.lines[fact].clear()
            qtbot.keyClicks(visitor.lines[fact], value)
        elif fact in visitor.boxes:
            pick(visitor.boxes[fact], value)
        else:
            qtbot.mouseClick(visitor.further.add_button, LEFT)
            row: Any = visitor.further.rows[-1]
            pick(row.fact, fact)
            qtbot.keyClicks(row.value, value)


def pick(box: QComboBox, value: str) -> None:
    assert box.findData(value) >= 0, value
    box.setCurrentIndex(box.findData(value))


def shown(simulator: Simulator) -> str:
    QApplication.processEvents()  # Qt shows what is new in its next turn
    labels = simulator.answer.findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.isVisibleTo(simulator)).replace("\u200b", "")


def odds(simulated: Any) -> list[Fraction]:
    return [path.odds for path in simulated.paths]


@pytest.mark.parametrize(
    ("facts", "agent"),
    [
        ({"country": "us", **NOON}, ""),
        ({"country": "DE", "device": "mobile", "sub1": "my zone", **NOON}, ""),
        ({"country": "DE", "hour": "9", "weekday": "friday", "returning": "yes", "language": "en"}, ""),
        ({"bot": "yes", **NOON}, ""),
        ({"sub1": "zone-1", "network": "Big Cloud", **NOON}, IPHONE),
        (NOON, ""),
    ],
)
def test_it_answers_what_the_command_answers(
    facts: dict[str, str],
    agent: str,
    qtbot: QtBot,
    page: CampaignsPage,
    answered: Callable[[], Any],
    data: Data,
    capsys: pytest.CaptureFixture[str],
) -> None:
    say(qtbot, page.simulator, **facts)
    qtbot.keyClicks(page.simulator.visitor.agent, agent)
    found = answered()
    said = [word for fact, value in facts.items() for word in ("--visitor", f"{fact}={value}")]
    if agent:
        said += ["--agent", agent]
    assert main(["explain", "whole", *said, "--json", "--data", str(data.folder.path)]) == 0
    assert plain(found) == json.loads(capsys.readouterr().out)["simulated"]


def test_odds_and_what_shuts_a_path_are_told_in_plain_words(
    qtbot: QtBot, page: CampaignsPage, answered: Callable[[], Any]
) -> None:
    say(qtbot, page.simulator, country="US", device="desktop", **NOON)
    answered()
    told = shown(page.simulator)
    assert "1 · Mornings 100 % The conditions of its path held." in told
    assert "Diet & <b>more</b> 25 %" in told
    assert "keto-us 75 %" in told
    assert "2 · Mobile shut Device is desktop, wanted mobile" in told
    assert "3 shut Another path is open" in told
    assert "A bot would go to https://bots.example/" in told
    assert "Offer diet once it reaches its cap for the day: its visitors go to keto-us." in told
    say(qtbot, page.simulator, bot="yes")
    answered()
    told = shown(page.simulator)
    assert "the campaign has a place for bots. https://bots.example/" in told
    assert "1 · Mornings not asked" in told


def test_it_answers_for_what_is_not_saved_and_while_one_types(
    qtbot: QtBot, page: CampaignsPage, answered: Callable[[], Any], data: Data
) -> None:
    say(qtbot, page.simulator, country="FR", **NOON)
    assert odds(answered()) == [0, 0, 1]
    first: Any = page.form.paths.cards[0]  # type: ignore[attr-defined]
    first.open()
    qtbot.keyClick(first.body.conditions.rows[0].values, Qt.Key.Key_End)
    qtbot.keyClicks(first.body.conditions.rows[0].values, ", FR")
    assert odds(answered()) == [1, 0, 0]
    second: Any = page.form.paths.cards[1]  # type: ignore[attr-defined]
    second.open()
    for row in list(second.body.conditions.rows):
        row.away.click()
    second.head.weight.setValue(300)
    assert odds(answered()) == [Fraction(1, 4), Fraction(3, 4), 0]
    assert data.setup().campaigns["whole"].paths[1].weight == 50, "looking saves nothing"
    page.save()
    qtbot.waitUntil(lambda: not page.is_dirty)
    assert odds(answered()) == [Fraction(1, 4), Fraction(3, 4), 0]


def test_a_paused_campaign_says_where_its_visitors_go(
    qtbot: QtBot, page: CampaignsPage, answered: Callable[[], Any]
) -> None:
    paused: Any = next(field for field in page.form.fields if field.trail == ("paused",))
    paused.check.click()
    assert odds(answered()) == [0, 0, 0]
    assert "The campaign was paused" in shown(page.simulator)
    assert "https://fallback.example/" in shown(page.simulator)


def test_a_problem_of_the_unsaved_campaign_stands_in_place_of_odds(
    qtbot: QtBot, page: CampaignsPage, answered: Callable[[], Any]
) -> None:
    answered()
    card: Any = page.form.paths.cards[0]  # type: ignore[attr-defined]
    card.open()
    card.body.conditions.rows[0].values.setText("USA")
    assert answered() is None
    assert shown(page.simulator) == (
        "▲ campaign whole: path 1 when.country 1: 'USA' is no country. Write its two letters, such as US or DE."
    )
    card.body.conditions.rows[0].values.setText("US")
    assert answered() is not None


def test_what_cannot_be_said_of_a_visitor_is_told_beside_its_field(
    qtbot: QtBot, page: CampaignsPage, answered: Callable[[], Any]
) -> None:
    say(qtbot, page.simulator, country="Canada", region="<b>Bavaria</b>")
    assert answered() is None
    field = page.simulator.visitor._fields["country"]
    assert field.problem == "▲ 'Canada' is no country. Write its two letters, such as US or DE."
    qtbot.mouseClick(page.simulator.fresh, LEFT)
    assert answered() is not None
    assert field.problem == ""
    assert page.simulator.visitor.made_up().facts == {}


def test_a_new_campaign_is_tried_before_it_has_a_key(
    qtbot: QtBot, page: CampaignsPage, answered: Callable[[], Any]
) -> None:
    page.new()
    qtbot.waitUntil(lambda: page.form.key == "")
    assert odds(answered()) == [1]
    assert "only path" in shown(page.simulator)


def test_a_narrow_window_shows_it_in_place_of_the_list(
    qtbot: QtBot, page: CampaignsPage, answered: Callable[[], Any]
) -> None:
    assert page.simulator.isVisible()
    page.resize(1072, 754)
    assert not page.simulator.isVisible()
    assert page.things.isVisible()
    button: Any = page.form.try_button  # type: ignore[attr-defined]
    qtbot.mouseClick(button, LEFT)
    assert page.simulator.isVisible()
    assert not page.things.isVisible()
    assert odds(answered()) == [0, 0, 1]
    qtbot.mouseClick(page.simulator.away, LEFT)
    assert not page.simulator.isVisible()
    assert page.things.isVisible()
    page.resize(1700, 1000)
    assert not page.simulator.isVisible(), "whoever closed it wants it closed"
