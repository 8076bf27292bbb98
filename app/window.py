"""The main window: sidebar, pages, status bar; every action is in a menu and in the palette of commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QWidget,
)

from app.desk import Desk
from app.dialogs.closing import OnClose, asked_on_close
from app.dialogs.first_run import FirstRun
from app.dialogs.palette import CommandPalette
from app.jobs import Jobs
from app.pages.registry import PAGES
from app.pulse import Pulse
from app.server_process import ServerProcess, ServerState
from app.theme import ROW_HEIGHT, SIDEBAR_WIDTH, Mode, Theme, Tone
from app.widgets.empty import plain_label
from server.api.data import Data
from server.api.status import Status, status

_STATUS_MS = 2000
_SAID_MS = 6000


class Window(QMainWindow):
    def __init__(self, data: Data, theme: Theme, jobs: Jobs, server: ServerProcess) -> None:
        super().__init__()
        self.setWindowTitle("Tallyback")
        self.setMinimumSize(QSize(960, 600))
        self._theme = theme
        self._server = server
        self.pulse = Pulse(data, jobs, self)
        self.desk = Desk(data, jobs, theme, self.pulse, server, self.show_evidence, self.go_to, self.say, self.begin)
        self.leaving = OnClose.KEEP  # what becomes of the server when the window is closed
        self._is_asked = True
        self._first_run: FirstRun | None = None
        self.actions_by_name: dict[str, QAction] = {}
        self._pages: dict[str, QWidget] = {}
        self._sidebar = QListWidget()
        self._stack = QStackedWidget()
        self._state = plain_label()
        self._address = plain_label()
        self._figures = plain_label()
        self._build_sidebar()
        self._build_menus()
        self._build_status_bar()
        theme.changed.connect(self._paint_icons)
        server.changed.connect(self._show_server)
        jobs.failed.connect(self.say)
        self._status_timer = QTimer(self)
        self._status_timer.setInterval(_STATUS_MS)
        self._status_timer.timeout.connect(self._ask_status)
        self._restore()
        self.pulse.start()
        self._status_timer.start()
        self._ask_status()
        self._show_server()

    # -- what the desk offers ----------------------------------------------------------------------------------------

    def show_evidence(self, click_id: str) -> None:
        from app.dialogs.evidence import EvidencePanel  # noqa: PLC0415 - only once it is asked for

        EvidencePanel.open(self.desk, click_id, self)

    def go_to(self, name: str, words: dict[str, Any] | None = None) -> None:
        for number in range(self._sidebar.count()):
            if self._sidebar.item(number).data(Qt.ItemDataRole.UserRole) == name:
                self._sidebar.setCurrentRow(number)
                page = self.page(name)
                if words and hasattr(page, "narrow_to"):
                    page.narrow_to(words)
                return

    def begin(self) -> None:
        """The questions of the first run; what was typed before it was put off is still there."""
        if self._first_run is None or self._first_run.is_done:
            self._first_run = FirstRun(self.desk, self)
            self._first_run.accepted.connect(lambda: self.go_to("today"))
        self._first_run.show()
        self._first_run.raise_()

    def begin_if_new(self) -> None:
        if not self.desk.data.setup().campaigns:
            self.begin()

    def close_silently(self) -> None:
        """Told to go by the system: nobody is there to be asked, and the server stays."""
        self._is_asked = False
        self.close()

    def come_forward(self) -> None:
        """A second start asks for the first one's window."""
        self.showNormal()
        self.raise_()
        self.activateWindow()

    def say(self, words: str) -> None:
        self.statusBar().showMessage(words, _SAID_MS)

    def page(self, name: str) -> QWidget:
        """Made when it is first looked at."""
        if name not in self._pages:
            entry = next(entry for entry in PAGES if entry.name == name)
            self._pages[name] = entry.make(self.desk)
            self._stack.addWidget(self._pages[name])
        return self._pages[name]

    # -- building ----------------------------------------------------------------------------------------------------

    def _build_sidebar(self) -> None:
        self._sidebar.setObjectName("sidebar")
        self._sidebar.setFixedWidth(SIDEBAR_WIDTH)
        self._sidebar.setIconSize(QSize(16, 16))
        self._sidebar.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for entry in PAGES:
            item = QListWidgetItem(entry.title)
            item.setData(Qt.ItemDataRole.UserRole, entry.name)
            item.setSizeHint(QSize(0, ROW_HEIGHT + 4))
            self._sidebar.addItem(item)
        self._sidebar.currentItemChanged.connect(self._turn_to)
        middle = QWidget()
        layout = QHBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._sidebar)
        layout.addWidget(self._stack, 1)
        self.setCentralWidget(middle)

    def _turn_to(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._stack.setCurrentWidget(self.page(item.data(Qt.ItemDataRole.UserRole)))

    def _build_menus(self) -> None:
        file = self.menuBar().addMenu(self.tr("&File"))
        self.add_action(file, "new", self.tr("New"), self._on_page("new"), QKeySequence.StandardKey.New)
        self.add_action(file, "export", self.tr("Export list as CSV…"), self._on_page("export_csv"), "Ctrl+E")
        file.addSeparator()
        self.add_action(file, "quit", self.tr("Quit"), self.close, QKeySequence.StandardKey.Quit)
        view = self.menuBar().addMenu(self.tr("&View"))
        find = QKeySequence.StandardKey.Find
        self.add_action(view, "find", self.tr("Find in list"), self._on_page("find_text"), find)
        self.add_action(view, "refresh", self.tr("Read anew"), self._on_page("refresh"), "F5")
        view.addSeparator()
        self._add_modes(view)
        go = self.menuBar().addMenu(self.tr("&Go"))
        for number, entry in enumerate(PAGES, start=1):
            shortcut = entry.shortcut or (f"Ctrl+{number}" if number < 10 else "")
            self.add_action(go, f"go {entry.name}", entry.title, lambda name=entry.name: self.go_to(name), shortcut)
        server = self.menuBar().addMenu(self.tr("&Server"))
        self.add_action(server, "start server", self.tr("Start the server"), self._server.start)
        self.add_action(server, "stop server", self.tr("Stop the server"), self._server.stop)
        self.add_action(server, "restart server", self.tr("Restart the server"), self._server.restart)
        help_menu = self.menuBar().addMenu(self.tr("&Help"))
        self.add_action(help_menu, "begin", self.tr("Set up a campaign step by step…"), self.begin)
        self.add_action(help_menu, "palette", self.tr("All commands…"), self._open_palette, "Ctrl+K")

    def add_action(
        self, menu: QMenu, name: str, words: str, act: Callable[[], object], shortcut: Any = None
    ) -> QAction:
        action = QAction(words, self)
        if shortcut:
            action.setShortcut(shortcut)
        action.triggered.connect(lambda: act())
        menu.addAction(action)
        self.actions_by_name[name] = action
        return action

    def _add_modes(self, menu: QMenu) -> None:
        group = QActionGroup(self)
        for mode, words in (
            (Mode.LIGHT, self.tr("Light")),
            (Mode.DARK, self.tr("Dark")),
            (Mode.SYSTEM, self.tr("As the system")),
        ):
            action = self.add_action(menu, f"look {mode}", words, lambda mode=mode: self._set_mode(mode))
            action.setCheckable(True)
            action.setChecked(self._theme.mode is mode)
            group.addAction(action)
        self._theme.changed.connect(self._check_mode)

    def _check_mode(self) -> None:
        """Settings, too, may choose another."""
        self.actions_by_name[f"look {self._theme.mode}"].setChecked(True)

    def _build_status_bar(self) -> None:
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        self._address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        bar.addPermanentWidget(self._figures)
        bar.addPermanentWidget(self._address)
        bar.addPermanentWidget(self._state)

    # -- what changes ------------------------------------------------------------------------------------------------

    def _on_page(self, method: str) -> Callable[[], None]:
        """Does it on the page at hand, where that page knows how."""

        def act() -> None:
            found = getattr(self._stack.currentWidget(), method, None)
            if found is not None:
                found()

        return act

    def _open_palette(self) -> None:
        CommandPalette(list(self.actions_by_name.values()), self).exec()

    def _set_mode(self, mode: Mode) -> None:
        QSettings().setValue("look", mode.value)
        self._theme.set_mode(mode)

    def _ask_status(self) -> None:
        self.desk.jobs.run(self, lambda: status(self.desk.data), self._show_status, lambda _words: None)

    def _show_status(self, now: Status) -> None:
        self._figures.setText(
            self.tr("{0} clicks/min   {1} relays waiting").format(now.clicks_last_minute, now.relays_waiting)
        )
        for number in range(self._sidebar.count()):
            item = self._sidebar.item(number)
            name = item.data(Qt.ItemDataRole.UserRole)
            title = next(entry.title for entry in PAGES if entry.name == name)
            count = now.needs_attention.get(name, 0)
            item.setText(f"{title}   {count}" if count else title)

    def _show_server(self) -> None:
        state = self._server.state
        tone = {ServerState.RUNNING: Tone.GOOD, ServerState.WAITING: Tone.BAD}.get(state, Tone.WAITING)
        self._state.setObjectName(tone.value)
        self._state.setText(self.tr("Server {0}").format(state.value))
        self._state.style().polish(self._state)
        self._state.setToolTip(self._server.problem)
        self._address.setText(self._server.url if state is ServerState.RUNNING else "")
        if self._server.problem and state is ServerState.WAITING:
            self.say(self.tr("The server ended and is started again: {0}").format(self._server.problem))

    def _paint_icons(self) -> None:
        for number, entry in enumerate(PAGES):
            self._sidebar.item(number).setIcon(self._theme.icon(entry.icon))

    def _restore(self) -> None:
        settings = QSettings()
        self.resize(1280, 800)
        geometry = settings.value("geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)
        self._paint_icons()
        self.go_to(str(settings.value("page", PAGES[0].name)))
        if self._sidebar.currentRow() < 0:
            self._sidebar.setCurrentRow(0)

    def _holds_unsaved(self) -> bool:
        """A page that asks what becomes of its changes comes forward, and closes the window after the answer."""
        for name, page in self._pages.items():
            if hasattr(page, "may_close") and not page.may_close():
                self.go_to(name)
                return True
        return False

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        if self._is_asked and self._holds_unsaved():
            event.ignore()
            return
        if self._is_asked and self._server.state is not ServerState.STOPPED:
            choice = asked_on_close(self)
            if choice is None:
                event.ignore()
                return
            self.leaving = choice
        settings = QSettings()
        settings.setValue("geometry", self.saveGeometry())
        settings.setValue("page", self._sidebar.currentItem().data(Qt.ItemDataRole.UserRole))
        for page in self._pages.values():
            if hasattr(page, "save_layout"):
                page.save_layout()
        self.pulse.stop()
        self._status_timer.stop()
        super().closeEvent(event)
