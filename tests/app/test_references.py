"""Qt's Python binding must give back as many references as it takes: below Python 3.12 the desktop dies of it otherwise."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

CALLS = 500
NOISE = 50  # what others do meanwhile


class Caller(QObject):
    called = Signal(object)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None, True and False are immortal here")
def test_calls_into_qt_take_no_reference_of_none_true_or_false_away(qtbot: QtBot) -> None:
    label, caller = QLabel(), Caller()
    qtbot.addWidget(label)
    caller.called.connect(lambda _value: None)
    calls: list[Callable[[], object]] = [
        lambda: label.setText("x"),
        lambda: caller.called.emit(1),
        label.isVisible,
        QCoreApplication.processEvents,
    ]
    for call in calls:
        before = [sys.getrefcount(constant) for constant in (None, True, False)]
        for _ in range(CALLS):
            call()
        after = [sys.getrefcount(constant) for constant in (None, True, False)]
        assert all(abs(now - then) < NOISE for now, then in zip(after, before, strict=True)), (call, before, after)
