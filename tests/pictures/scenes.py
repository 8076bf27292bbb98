"""What is to be seen beside the plain pages: dialogs, questions, editors at work, lists that are sorted or stopped."""

from __future__ import annotations

import socket
import urllib.request
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from app.crash import CrashDialog
from app.dialogs.closing import ClosingDialog
from app.dialogs.cost import CostDialog
from app.dialogs.evidence import EvidencePanel, ReceiptPanel
from app.dialogs.first_run import FirstRun
from app.dialogs.palette import CommandPalette
from app.server_process import ServerState
from server.api import lists
from server.api.data import Data
from tests.pictures.stage import SIZES, Stage, settle, the_other, until
from tests.visitor.mmdb import write_mmdb


def evidence(stage: Stage) -> None:
    stage.window.show_evidence(_busiest_click(stage.data))
    panel = the_other(EvidencePanel)
    settle(800)
    stage.both("evidence", panel)
    panel.close()
    stray = next(row for row in lists.postbacks(stage.data, lists.Filters(limit=200)) if not row["click"])
    receipt = ReceiptPanel(stage.window.desk, stray, stage.window)
    receipt.show()
    stage.both("receipt", receipt)
    receipt.close()


def _busiest_click(data: Data) -> str:
    """The click with the longest story among the last conversions."""
    stories: dict[str, int] = {}
    for row in lists.postbacks(data, lists.Filters(limit=200)):
        if row["click"]:
            stories[row["click"]] = stories.get(row["click"], 0) + 1
    return max(stories, key=stories.__getitem__)


def questions(stage: Stage) -> None:
    closing = ClosingDialog(stage.window)
    crash = CrashDialog(stage.theme, stage.data.folder.path / "desktop.log", "ValueError: a weight of 0 % was expected")
    for name, dialog in (("closing", closing), ("crash", crash)):
        dialog.show()
        stage.both(name, dialog)
        dialog.close()
    stage.window.actions_by_name["palette"].trigger()
    palette = the_other(CommandPalette)
    stage.both("palette", stage.window, palette)
    palette.close()


def columns(stage: Stage) -> None:
    stage.window.go_to("postbacks")
    view = stage.window.page("postbacks").view

    def seen() -> None:
        menu = QApplication.activePopupWidget()
        if menu is not None:
            stage.both("columns", stage.window, menu)
            menu.close()

    settle()
    QTimer.singleShot(300, seen)
    view.horizontalHeader().customContextMenuRequested.emit(QPoint(200, 10))


def sorted_list(stage: Stage) -> None:
    """Sorted, with what came since; then stopped, and while it still searches."""
    stage.window.go_to("clicks")
    page = stage.window.page("clicks")
    section = next(place for place, column in enumerate(page.model.columns) if column.name == "cost")
    page.view.horizontalHeader().sort_by(section)
    settle()
    for number in range(3):
        _visit(stage, f"new-{number}")
    until(page._news.isVisible)
    stage.both("sorted", stage.window)
    page._stopped.show()
    page._busy.begin("Sorting…")
    settle(1200)
    stage.both("cancel", stage.window)
    page._busy.end()
    page.view.horizontalHeader().sort_by(section)
    page.view.horizontalHeader().sort_by(section)
    page.filters.text.setText("nobody has this")
    settle(800)
    stage.both("no-match", stage.window)
    page.clear_filters()
    settle()


def _visit(stage: Stage, name: str) -> None:
    campaign = next(iter(stage.data.setup().campaigns))
    url = f"{stage.window.desk.server.url}/c/{campaign}?ext={name}"
    urllib.request.build_opener(Stay).open(url, timeout=10).close()


class Stay(urllib.request.HTTPRedirectHandler):
    def http_error_302(self, _request, answer, *_rest):  # type: ignore[no-untyped-def]
        return answer


def rows_at_work(stage: Stage) -> None:
    """The bar over the list, and the actions on chosen rows."""
    for name in ("postbacks", "conversions", "relays"):
        stage.window.go_to(name)
        settle()
        page = stage.window.page(name)
        page.view.selectRow(2)
        settle()
        stage.both(f"chosen-{name}", stage.window)
        page.view.clearSelection()


def editors(stage: Stage) -> None:
    """With something wrong in them, and at their end."""
    for name in ("campaigns", "sources", "networks", "offers", "landings"):
        stage.window.go_to(name)
        page = stage.window.page(name)
        settle()
        bar = page.panel.area.verticalScrollBar()
        bar.setValue(bar.maximum() // 2)
        stage.both(f"middle-{name}", stage.window)
        bar.setValue(bar.maximum())
        stage.both(f"end-{name}", stage.window)
        page.new()
        settle()
        page.form.key_field.line.setText("two words")
        if hasattr(page.form, "url") and hasattr(page.form.url, "edit"):
            page.form.url.edit.set_text("go.example.net/?a={clickid}")
        page.save()
        settle(600)
        stage.both(f"wrong-{name}", stage.window)
        page.refresh()
        stage.window.go_to("today")
        page._leave(lambda: None)
        _ask(stage, f"unsaved-{name}" if name == "offers" else "", "Discard")


def archive(stage: Stage) -> None:
    stage.window.go_to("networks")
    page = stage.window.page("networks")
    settle()
    page.narrow_to({"key": next(iter(stage.data.setup().networks))})
    settle()
    page.archive()
    _ask(stage, "archive", "Cancel")


def _ask(stage: Stage, name: str, answer: str) -> None:
    box = the_other(QMessageBox)
    if name:
        stage.both(name, box)
    next(button for button in box.buttons() if button.text() == answer).click()
    settle()


def first_run(stage: Stage) -> None:
    wizard = FirstRun(stage.window.desk, stage.window)
    wizard.show()
    stage.both("first-run-1-money", wizard)
    wizard.next.click()
    wizard.source.partners.search.setText("propel")
    stage.both("first-run-2-source", wizard)
    wizard.next.click()
    wizard.network.partners.search.setText("everf")
    stage.both("first-run-3-network", wizard)
    wizard.next.click()
    wizard.next.click()
    stage.both("first-run-4-offer-wrong", wizard)
    wizard.offer.url.setText("https://go.example.net/?aid=1047&oid=388&sub1=&sub2=banner")
    wizard.offer.payout.setText("32.00")
    stage.both("first-run-4-offer", wizard)
    wizard.next.click()
    stage.both("first-run-5-domain", wizard)
    wizard.next.click()
    until(lambda: wizard.is_done)
    settle()
    stage.both("first-run-6-done", wizard)
    wizard.accept()


def visitors(stage: Stage) -> None:
    """What is known of visitors: nothing, then a database, a list, and a broken file; a try, a question, a refusal."""
    stage.window.go_to("settings")
    page = stage.window.page("settings")
    card = page.visitors
    page.narrow_to({"key": "visitors"})
    stage.both("visitors-none", stage.window)
    geo, bots = stage.data.folder.geo_folder, stage.data.folder.bots_folder
    write_mmdb(geo / "dbip-country.mmdb", {"81.2.69.0/24": {"country_code": "GB"}}, kind="DBIP-Country")
    (geo / "broken.mmdb").write_bytes(b"none")
    bots.mkdir()
    (bots / "data-centres.txt").write_text("192.0.2.0/24\n")
    card.read()
    card.trial.address.setText("81.2.69.142")
    card.trial.agent.setText("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/124.0.0.0 Mobile")
    card.trial.ask()
    settle(1000)
    for size in SIZES:
        stage.window.resize(*size)
        page.narrow_to({"key": "visitors"})
        stage.both(f"visitors-{size[0]}", stage.window)
    stage.window.resize(*SIZES[0])
    card.files.buttons["data-centres.txt"].click()
    stage.both("visitors-remove", stage.window)
    card.add(str(geo / "nothing.mmdb"))
    settle()
    stage.both("visitors-refused", stage.window)


def cost(stage: Stage) -> None:
    """A bill: nothing said yet, looked at, applied, and one that cannot be."""
    stage.window.go_to("campaigns")
    page = stage.window.page("campaigns")
    settle()
    page.narrow_to({"key": next(iter(stage.data.setup().campaigns))})
    settle()
    page.correct_cost()
    dialog = the_other(CostDialog)
    stage.both("cost", dialog)
    dialog.form.preset.setCurrentIndex(0)
    dialog.form.preset.activated.emit(0)
    dialog.form.total.setText("120.50")
    dialog.form.note.setText("invoice 7")
    until(dialog.apply_button.isEnabled)
    stage.both("cost-preview", dialog)
    dialog.apply()
    until(lambda: bool(dialog.rows.buttons))
    dialog.form.total.setText("a lot")
    dialog.form.until.setDateTime(dialog.form.since.dateTime())
    settle(800)
    stage.both("cost-wrong", dialog)
    dialog.close()


def down(stage: Stage) -> None:
    """No server, and then one that cannot start."""
    server = stage.window.desk.server
    server.stop()
    until(lambda: server.state is ServerState.STOPPED)
    stage.pages("stopped-", ("today", "settings"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server.port = taken.getsockname()[1]
        server.start()
        until(lambda: server.state is ServerState.WAITING)
        stage.pages("down-", ("today", "settings"))
        server.stop()
        until(lambda: server.state is ServerState.STOPPED)


def unreadable(stage: Stage, database: Path) -> None:
    """The file of the database is spoilt under the window's eyes."""
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.write(b"\0" * size)
    for name in ("tallyback.db-wal",):
        database.with_name(name).write_bytes(b"")
    stage.data.database.close()
    for entry in ("today", "campaigns", "clicks"):
        page = stage.window.page(entry)
        page.refresh()
    stage.pages("unreadable-", ("today", "campaigns", "clicks"))
