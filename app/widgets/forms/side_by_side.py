"""Fields that share a line, each as wide as the other, in the order of the Tab key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from app.theme import WIDE
from app.widgets.forms.field import Field


def side_by_side(fields: Sequence[Field]) -> QHBoxLayout:
    """At their tops: one may be higher than its neighbour by a hint."""
    row = QHBoxLayout()
    row.setSpacing(WIDE)
    for field in fields:
        inside = QVBoxLayout()
        inside.addWidget(field)
        inside.addStretch()
        row.addLayout(inside, 1)
    return row
