"""The way of the Tab key through widgets that come, go and change places."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QWidget


def tab_in_layout_order(widget: QWidget) -> None:
    """As the eye goes: the order of the layouts, whenever a widget was made."""
    for before, after in pairwise([widget, *_in_order(widget.layout())]):
        QWidget.setTabOrder(before, after)


def _in_order(layout: QLayout | None) -> Iterator[QWidget]:
    if layout is None:
        return
    for item in (layout.itemAt(place) for place in range(layout.count())):
        widget = item.widget() if item is not None else None
        if widget is None:
            yield from _in_order(item.layout() if item is not None else None)
            continue
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            yield widget
        yield from _in_order(widget.layout())
