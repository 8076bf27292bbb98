"""What can be measured of the look: no text is cut, nothing lies on anything else, and everything can be read."""

from __future__ import annotations

from contextlib import suppress
from itertools import combinations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QLabel,
    QPushButton,
    QRadioButton,
    QTableView,
    QToolButton,
    QWidget,
)

from app.crash import CrashDialog
from app.dialogs.closing import ClosingDialog
from app.dialogs.cost import CostDialog
from app.dialogs.evidence import EvidencePanel
from app.dialogs.first_run import FirstRun
from app.dialogs.palette import CommandPalette
from app.figures import number as whole
from app.pages.registry import PAGES
from app.pages.settings.page import SettingsPage
from app.pages.today.cards import FigureRow, figures
from app.theme import DARK, LIGHT, Mode, Tone
from app.widgets.forms.editor_page import EditorPage
from app.widgets.forms.editor_panel import _Title
from app.widgets.list_page import ListPage
from server.api import editing
from server.api.today import Today
from tests.visitor.mmdb import write_mmdb

SIDEBAR, BARS = 208, 46  # what the window keeps for itself
SIZES = ((1280 - SIDEBAR, 800 - BARS), (1920 - SIDEBAR, 1080 - BARS))
SLACK = 1  # a pixel, for rounding
TEXT, GRAPHIC = 4.5, 3.0


# -- what is looked at -------------------------------------------------------------------------------------------------


def cut_texts(root: QWidget) -> list[str]:
    return [
        f"{type(widget).__name__} “{text_of(widget)}” has {widget.width()} × {widget.height()}"
        for widget in visible(root, QLabel, QAbstractButton)
        if is_cut(widget)
    ] + [words for view in visible(root, QTableView) for words in cut_heads(view)]


def is_cut(widget: QWidget) -> bool:
    """What a widget asks for is what its text takes; a text of several lines takes its height at this width."""
    text = text_of(widget)
    if not text or isinstance(widget, _Title):  # the one that shows as much of a name as there is room for
        return False
    inside = widget.contentsRect()
    if isinstance(widget, QLabel):
        if widget.wordWrap():
            return widget.heightForWidth(widget.width()) > widget.height() + SLACK
        lines = text.split("\n")
        needed = max(widget.fontMetrics().horizontalAdvance(line) for line in lines)
        return needed > inside.width() + SLACK or widget.fontMetrics().height() * len(lines) > inside.height() + SLACK
    if isinstance(widget, QPushButton | QCheckBox | QRadioButton | QToolButton):
        wanted = widget.sizeHint()
        return wanted.width() > widget.width() + SLACK or wanted.height() > widget.height() + SLACK
    return False


def cut_heads(view: QTableView) -> list[str]:
    header = view.horizontalHeader()
    if header.isHidden():
        return []
    sections = [section for section in range(header.count()) if not header.isSectionHidden(section)]
    return [
        f"head “{header.model().headerData(section, Qt.Orientation.Horizontal)}” has {header.sectionSize(section)}"
        for section in sections
        if header.sectionSizeHint(section) > header.sectionSize(section) + SLACK
    ]


def overlaps(root: QWidget) -> list[str]:
    """Of widgets that a layout put side by side."""
    found = []
    for parent in [root, *visible(root, QWidget)]:
        if parent.layout() is None:
            continue
        children = [one for one in parent.children() if isinstance(one, QWidget) and one.isVisible()]
        children = [one for one in children if not one.isWindow() and one.width() > 0 and one.height() > 0]
        for one, other in combinations(children, 2):
            both: QRect = one.geometry().intersected(other.geometry())
            if both.width() > SLACK and both.height() > SLACK:
                found.append(f"{type(one).__name__} and {type(other).__name__} of {type(parent).__name__}: {both}")
    return found


def visible(root: QWidget, *kinds: type[QWidget]) -> list[QWidget]:
    return [one for kind in kinds for one in root.findChildren(kind) if one.isVisible()]


def text_of(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    return text.replace("&", "")


def looked_at(root: QWidget, qtbot, theme, sizes=SIZES) -> None:
    for mode in (Mode.LIGHT, Mode.DARK):
        theme.set_mode(mode)
        for width, height in sizes:
            root.resize(width, height)
            with suppress(qtbot.TimeoutError):  # layouts settle in turns of the event loop
                qtbot.waitUntil(lambda: not cut_texts(root) and not overlaps(root), timeout=1000)
            assert cut_texts(root) == [], (mode, width)
            assert overlaps(root) == [], (mode, width)


@pytest.fixture(autouse=True)
def _light_again(theme):
    yield
    theme.set_mode(Mode.LIGHT)


# -- pages, editors and dialogs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name)
def test_a_page_full_of_data_cuts_nothing_and_covers_nothing(entry, desk, qtbot, theme):
    page = opened(entry.make(desk), qtbot)
    if isinstance(page, EditorPage):
        qtbot.waitUntil(lambda: page.things.list.count() > 0 or page._stack.currentWidget() is page._empty)
        page.new()
    if isinstance(page, ListPage):
        qtbot.waitUntil(lambda: page.model.rowCount() > 0)
    looked_at(page, qtbot, theme)


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name)
def test_an_empty_page_cuts_nothing_and_covers_nothing(entry, empty_desk, qtbot, theme):
    page = opened(entry.make(empty_desk), qtbot)
    qtbot.wait(100)
    looked_at(page, qtbot, theme)


@pytest.mark.parametrize("name", ["campaigns", "sources", "networks", "offers"])
def test_an_editor_with_a_thing_in_it_and_one_with_problems_cut_nothing(name, desk, qtbot, theme):
    page = opened(next(entry for entry in PAGES if entry.name == name).make(desk), qtbot)
    qtbot.waitUntil(lambda: page.things.list.count() > 0)
    page.narrow_to({"key": page.things.keys()[0]})
    qtbot.waitUntil(lambda: page.form.key != "")
    looked_at(page, qtbot, theme)
    page.new()
    page.form.key_field.line.setText("two words")
    page.save()
    qtbot.waitUntil(lambda: page.form.key_field.problem != "")
    looked_at(page, qtbot, theme)


LONG = "a long name of somebody who could not stop " * 3


def path_of(number: int) -> dict[str, object]:
    conditions = {
        "country": ["US", "CA"],
        "sub1": {"contains": ["z" * 90], "matches_not": ["^(?:a|b){1,3}$"]},
        "network": {"contains_not": [LONG]},
    }
    offers = [{"offer": "keto-us", "weight": 1}, {"offer": "long", "weight": 999_999_999}]
    return {"name": f"{number} {LONG}", "weight": number, "when": conditions, "offers": offers}


@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_paths_of_a_campaign_and_the_simulator_beside_them_cut_nothing(count, desk, qtbot, theme):
    offer = {**editing.read(desk.data, "offer", "keto-us"), "name": LONG}
    editing.save(desk.data, "offer", "long", offer, None)
    spec = editing.read(desk.data, "campaign", "summer")
    path = [path_of(number) for number in range(1, count)]
    editing.save(desk.data, "campaign", "many", {**spec, "path": [*path, *spec["path"]], "sticky": True}, None)
    page = opened(next(entry for entry in PAGES if entry.name == "campaigns").make(desk), qtbot)
    page.narrow_to({"key": "many"})
    qtbot.waitUntil(lambda: page.form.key == "many")
    page.form.paths.cards[0].open()
    looked_at(page, qtbot, theme)
    if not page.simulator.isVisible():
        page.try_visitor()
    page.simulator.visitor.lines["country"].setText("nowhere")
    looked_at(page, qtbot, theme, SIZES[:1])
    page.simulator.visitor.lines["country"].setText("US")
    qtbot.waitUntil(lambda: not page.simulator.is_asking and page.simulator.answer.simulated is not None)
    looked_at(page, qtbot, theme)


@pytest.mark.parametrize("page", ["clicks", "conversions", "postbacks", "relays"])
def test_a_list_fits_into_the_smaller_window_and_fills_the_larger(page, desk, qtbot):
    view = opened(next(entry for entry in PAGES if entry.name == page).make(desk), qtbot).view
    window = view.window()
    qtbot.waitUntil(lambda: view.model().rowCount() > 0)
    for width, height in SIZES:
        window.resize(width, height)
        qtbot.wait(50)
        assert view.horizontalScrollBar().maximum() == 0, width
        assert view.horizontalHeader().length() == view.viewport().width()


def test_the_evidence_of_a_click_cuts_nothing(desk, engine, qtbot, theme):
    panel = EvidencePanel(desk, engine.click("ext=e9&sub1=" + "z" * 80))
    opened(panel, qtbot)
    qtbot.waitUntil(lambda: bool(panel.card_views()) and not panel._building.isActive())
    looked_at(panel, qtbot, theme, [(760, 820)])


def test_a_bill_and_what_is_wrong_with_it_cut_nothing(desk, qtbot, theme):
    dialog = opened(CostDialog(desk, desk.setup.campaigns["summer"]), qtbot)
    looked_at(dialog, qtbot, theme, [(760, 680)])
    dialog.form.total.setText("a lot")
    dialog.form.until.setDateTime(dialog.form.since.dateTime())
    qtbot.waitUntil(lambda: dialog.form.fields["until"].problem != "")
    looked_at(dialog, qtbot, theme, [(760, 680)])


def test_the_data_about_visitors_and_a_try_cut_nothing(desk, qtbot, theme):
    folder = desk.data.folder
    write_mmdb(folder.geo_folder / "dbip-city.mmdb", {"81.2.69.0/24": {"country_code": "GB", "as_name": "x" * 90}})
    (folder.geo_folder / "broken.mmdb").write_bytes(b"none")
    page = opened(SettingsPage(desk), qtbot)
    card = page.visitors
    qtbot.waitUntil(lambda: len(card.files.buttons) == 2)
    card.trial.address.setText("81.2.69.142")
    card.trial.ask()
    qtbot.waitUntil(lambda: card.trial.facts["country"].text() != "")
    card.add("/nothing/at/all.mmdb")
    qtbot.waitUntil(card.add_button.isEnabled)
    looked_at(page, qtbot, theme)


def test_the_questions_cut_nothing(desk, qtbot, theme, tmp_path):
    parent = opened(QWidget(), qtbot)
    for dialog in (
        ClosingDialog(parent),
        CrashDialog(theme, tmp_path / "desktop.log", "ValueError: " + "a fault " * 40),
    ):
        opened(dialog, qtbot)
        looked_at(dialog, qtbot, theme, [(dialog.width(), dialog.height())])
    palette = opened(CommandPalette([], theme, parent), qtbot)
    looked_at(palette, qtbot, theme, [(palette.width(), palette.height())])


def test_no_step_of_the_first_run_cuts_anything(empty_desk, qtbot, theme):
    wizard = opened(FirstRun(empty_desk), qtbot)
    sizes = [(wizard.width(), wizard.height())]
    looked_at(wizard, qtbot, theme, sizes)
    wizard.next.click()
    wizard.source.partners.search.setText("propel")
    looked_at(wizard, qtbot, theme, sizes)
    wizard.next.click()
    wizard.network.partners.search.setText("everf")
    looked_at(wizard, qtbot, theme, sizes)
    wizard.next.click()
    wizard.next.click()
    looked_at(wizard, qtbot, theme, sizes)  # with what is wrong beside its field
    wizard.offer.url.setText("https://go.example.net/?a=1&sub1=&b=2")
    looked_at(wizard, qtbot, theme, sizes)
    wizard.next.click()
    looked_at(wizard, qtbot, theme, sizes)
    wizard.next.click()
    qtbot.waitUntil(lambda: wizard.is_done)
    looked_at(wizard, qtbot, theme, sizes)


@pytest.mark.parametrize("value", ["0.01", "1234567.89", "-98765.43"])
def test_figures_of_any_size_stand_in_their_cards_whole_and_of_one_size(value, qtbot, theme):
    def day(number):
        return {figure.metric: int(float(number)) if figure.text is whole else number for figure in figures()}

    row = opened(FigureRow(), qtbot)
    row.show_day(Today("USD", day(value), day("0.5" if value == "0.01" else "3.00"), day("999999"), [], []))
    looked_at(row, qtbot, theme, [(SIZES[0][0] - 32, 100), (SIZES[1][0] - 32, 100)])
    assert len({card._value.font().pointSizeF() for card in row.cards}) == 1


def opened(widget, qtbot):
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_the_measures_find_what_is_cut_and_what_overlaps(qtbot):
    root = opened(QWidget(), qtbot)
    root.resize(300, 200)
    label = QLabel("a long text that does not fit", root)
    label.setGeometry(0, 0, 40, 20)
    label.show()
    assert len(cut_texts(root)) == 1


# -- colours -----------------------------------------------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(above: str, below: str, share: float) -> str:
    parts = [(int(above[place : place + 2], 16), int(below[place : place + 2], 16)) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in parts)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("tone", list(Tone))
@pytest.mark.parametrize("ground", ["window", "surface", "raised", "accent_soft"])
def test_every_tone_can_be_read_on_every_ground(colours, tone, ground):
    assert contrast(colours.of(tone), getattr(colours, ground)) >= TEXT


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_what_stands_on_colour_can_be_read(colours):
    assert contrast(colours.on_accent, colours.accent) >= TEXT
    assert contrast(colours.muted, colours.line) >= TEXT  # a primary button that cannot be pressed
    for ground in ("surface", "raised", "accent_soft"):
        below = getattr(colours, ground)
        assert contrast(colours.waiting, mixed(colours.waiting, below, 0.12)) >= TEXT, ground  # a count in the sidebar


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_of_fields_and_what_charts_draw_can_be_seen(colours):
    for ground in ("window", "surface", "raised"):
        assert contrast(colours.edge, getattr(colours, ground)) >= GRAPHIC, ground
    for drawn in (*colours.series, mixed(colours.muted, colours.surface, 190 / 255)):
        assert contrast(drawn, colours.surface) >= GRAPHIC, drawn
