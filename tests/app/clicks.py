"""What the tests of the lists share: rows in the table, a page on screen, and how long the GUI thread was held."""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from sqlalchemy import insert, select

from server.domain.click_id import first_key
from server.storage.tables import CampaignRow, ClickRow

LONG_AGO = 1_790_000_000_000


def add_clicks(data, count, start=0, **columns):
    """Straight into the table: as many as a test needs."""
    with data.database.read() as connection:
        campaign = connection.execute(select(CampaignRow.id, CampaignRow.source_id)).first()
    base = first_key(LONG_AGO) + start
    common = {"campaign_id": campaign.id, "source_id": campaign.source_id, "reason": "only_path", **columns}
    rows = [{**common, "id": base + number, "external_id": f"e{start + number}"} for number in range(count)]
    data.database.write(lambda connection: connection.execute(insert(ClickRow), rows))
    return [row["id"] for row in rows]


def shown(page, qtbot, rows):
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    qtbot.waitExposed(page)
    qtbot.waitUntil(lambda: page.model.rowCount() == rows)
    return page


def column_of(page, name):
    return next(number for number, column in enumerate(page.model.columns) if column.name == name)


def texts(page, name):
    section = column_of(page, name)
    return [page.model.index(row, section).data() for row in range(page.model.rowCount())]


def head(page, name):
    return page.model.headerData(column_of(page, name), Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)


def move_over(widget, spot):
    """Told to the widget itself: the platform would tell whichever window of the process lies on top there."""
    none = Qt.MouseButton.NoButton
    QApplication.sendEvent(
        widget,
        QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(spot),
            QPointF(widget.mapToGlobal(spot)),
            none,
            none,
            Qt.KeyboardModifier.NoModifier,
        ),
    )


def click_head(page, qtbot, name):
    header = page.view.horizontalHeader()
    section = column_of(page, name)
    page.view.horizontalScrollBar().setValue(header.sectionPosition(section))
    spot = QPoint(header.sectionViewportPosition(section) + header.sectionSize(section) // 2, header.height() // 2)
    move_over(header.viewport(), spot)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def is_idle(page):
    return not page.model._under_way


class Stalls:
    """For how long the GUI thread could not answer a timer, and for how long of that it was itself at work.

    The first depends on what else this machine does; the second is what our own code may not exceed.
    """

    def __init__(self):
        gc.collect()
        gc.freeze()  # what other tests left in this process is no window's to look through
        self.longest, self.worked = 0.0, 0.0
        self._last, self._worked_before = time.perf_counter(), time.thread_time()
        self._timer = QTimer()
        self._timer.timeout.connect(self.tick)
        self._timer.start(0)

    def tick(self):
        now, worked = time.perf_counter(), time.thread_time()
        self.longest, self._last = max(self.longest, now - self._last), now
        self.worked, self._worked_before = max(self.worked, worked - self._worked_before), worked

    def __str__(self):
        return f"{self.longest * 1000:.0f} ms, at work for {self.worked * 1000:.0f} ms"
