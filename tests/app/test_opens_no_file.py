"""Text from outside that names a file as a picture makes no part of the window open it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLabel
from sqlalchemy import update

from app.dialogs.evidence import EvidencePanel
from app.pages.clicks.page import ClicksPage
from app.pages.postbacks.page import PostbacksPage
from server.api import lists
from server.storage.tables import ClickRow, PostbackRow
from tests.app.clicks import shown

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")


# In a process of its own: whoever opens the pipe for reading stands still, and with it all threads of Python.
_WATCH = """
import os, sys, time
pipe, mark = sys.argv[1:]
while os.getppid() == int(os.environ["WATCHED"]):
    try:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        open(mark, "w").close()
    except OSError:
        pass
    time.sleep(0.002)
"""


class Trap:
    """A named pipe: it can be opened for writing at once only while somebody has it open for reading."""

    def __init__(self, folder):
        path, self._mark = folder / "picture.png", folder / "opened"
        os.mkfifo(path)
        self.picture = f"<b>x</b><img src='file://{path}'><img src='{path}'>"
        words = [sys.executable, "-c", _WATCH, str(path), str(self._mark)]
        self._watcher = subprocess.Popen(words, env={**os.environ, "WATCHED": str(os.getpid())})

    @property
    def was_opened(self):
        return self._mark.exists()

    def close(self):
        self._watcher.terminate()
        self._watcher.wait(10)


@pytest.fixture
def trap(tmp_path):
    made = Trap(tmp_path)
    yield made
    made.close()


def test_the_trap_sees_a_label_that_reads_rich_text(trap, qtbot):
    label = QLabel(trap.picture)
    label.setTextFormat(Qt.TextFormat.RichText)
    qtbot.addWidget(label)
    label.show()
    qtbot.waitUntil(lambda: trap.was_opened)


def test_lists_their_tips_and_the_evidence_open_nothing(trap, desk, qtbot):
    picture = trap.picture
    hostile = {"sub1": picture, "external_id": picture, "user_agent": picture, "referrer": picture}
    desk.data.database.write(lambda connection: connection.execute(update(ClickRow).values(**hostile)))
    said = {"query": picture.encode(), "body": picture.encode(), "reason": picture, "remedy": picture}
    desk.data.database.write(lambda connection: connection.execute(update(PostbackRow).values(**said)))
    for page in (ClicksPage(desk), PostbacksPage(desk)):
        shown(page, qtbot, 3)
        for section in range(len(page.model.columns)):
            page.view.setColumnHidden(section, False)
            index = page.model.index(0, section)
            page.view.scrollTo(index)
            spot = page.view.visualRect(index).center()
            tip = QHelpEvent(QEvent.Type.ToolTip, spot, page.view.viewport().mapToGlobal(QPoint(spot)))
            QApplication.sendEvent(page.view.viewport(), tip)
            QApplication.processEvents()
        page.view.viewport().repaint()
    sold = next(row["click"] for row in lists.conversions(desk.data, lists.Filters()))
    panel = EvidencePanel(desk, sold, None)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: bool(panel.card_views()) and not panel._building.isActive())
    panel.repaint()
    QApplication.processEvents()
    assert not trap.was_opened
