"""A campaign with three paths as cards, and the simulator beside them; the window's data is a copy."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from app.theme import HUGE
from server.api import editing
from tests.pictures.stage import SIZES, Stage, settle, until


def paths(stage: Stage) -> None:
    """Cards with conditions, and the simulator beside them or in place of the list."""
    key = next(iter(stage.data.setup().campaigns))
    spec = editing.read(stage.data, "campaign", key)
    offers = spec["path"][0]["offers"]
    when = {"country": ["US", "CA"], "hour": ["8-18"], "sub1": {"contains": ["zone"]}}
    path = [
        {"name": "Office hours", "match": "any", "when": when, "offers": offers},
        {"name": "Phones", "weight": 30, "when": {"device": ["mobile"], "os": {"is_not": ["iOS"]}}, "offers": offers},
        {"default": True, "offers": offers},
    ]
    editing.save(stage.data, "campaign", "by-paths", {"source": spec["source"], "path": path}, None)
    stage.window.go_to("campaigns")
    page = stage.window.page("campaigns")
    page.narrow_to({"key": "by-paths"})
    until(lambda: page.form.key == "by-paths")
    page.form.paths.cards[0].open()
    for width, height in SIZES:
        stage.window.resize(width, height)
        page.simulator.visitor.lines["country"].setText("US")
        settle(600)
        page.panel.area.verticalScrollBar().setValue(page.form.try_button.mapTo(page.form, QPoint()).y() - 2 * HUGE)
        stage.both(f"paths-{width}", stage.window)
        if not page.simulator.isVisible():
            page.try_visitor()
            stage.both(f"simulator-{width}", stage.window)
            page.try_visitor()
    stage.window.resize(*SIZES[0])
