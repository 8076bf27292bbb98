"""The main window: sidebar, pages, status bar; every action is in a menu and in the palette of commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QWidget,
)

from app.commands import actions_of, commands_of, commands_of_menu, ways_to
from app.desk import Desk
from app.dialogs.closing import OnClose, asked_on_close
from app.dialogs.first_run import FirstRun
from app.dialogs.palette import CommandPalette
from app.figures import number
from app.jobs import Jobs
from app.pages.registry import PAGES
from app.pulse import Pulse
from app.server_process import ServerProcess, ServerState
from app.server_sign import ServerSign
from app.sidebar import Sidebar
from app.theme import GAP, Mode, Theme
from app.widgets.empty import plain_label
from server.api.data import Data
from server.api.status import Status, status
from server.api.things import Name, names

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
        self._menus: list[QMenu] = []
        self._pages: dict[str, QWidget] = {}
        self._sidebar = Sidebar(theme)
        self._stack = QStackedWidget()
        self._address = plain_label()
        self._clicks, self._relays = plain_label(), plain_label()
        self._build_sidebar()
        self._build_menus()
        self._build_status_bar()
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
        if self._sidebar.turn_to(name):
            page = self.page(name)
            if words and hasattr(page, "narrow_to"):
                page.narrow_to(words)
            page.setFocus()  # its keys are to work at once

    def begin(self) -> None:
        """The questions of the first run; what was typed before it was put off is still there."""
        if self._first_run is None or self._first_run.is_done:
            self._first_run = FirstRun(self.desk, self)
            self._first_run.accepted.connect(lambda: self.go_to("today"))
        self._first_run.show()
        self._first_run.raise_()

    def begin_if_new(self) -> None:
        if not self.desk.setup.campaigns:
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
        self._sidebar.turned.connect(lambda name: self._stack.setCurrentWidget(self.page(name)))
        self._sidebar.clicked.connect(lambda _index: self._stack.currentWidget().setFocus())
        middle = QWidget()
        layout = QHBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._sidebar)
        layout.addWidget(self._stack, 1)
        self.setCentralWidget(middle)

    def _build_menus(self) -> None:
        file = self._menu(self.tr("&File"))
        self.add_action(file, "new", self.tr("New"), self._on_page("new"), QKeySequence.StandardKey.New)
        self.add_action(file, "export", self.tr("Export list as CSV…"), self._on_page("export_csv"), "Ctrl+E")
        file.addSeparator()
        self.add_action(file, "quit", self.tr("Quit"), self.close, QKeySequence.StandardKey.Quit)
        view = self._menu(self.tr("&View"))
        find = QKeySequence.StandardKey.Find
        self.add_action(view, "find", self.tr("Find in list"), self._on_page("find_text"), find)
        self.add_action(view, "refresh", self.tr("Read anew"), self._on_page("refresh"), "F5")
        view.addSeparator()
        self._add_modes(view)
        self._page_menu = self.menuBar().addMenu(self.tr("&Edit"))
        self._page_menu.aboutToShow.connect(self._fill_page_menu)
        go = self._menu(self.tr("&Go"))
        for place, entry in enumerate(PAGES, start=1):
            shortcut = entry.shortcut or (f"Ctrl+{place}" if place < 10 else "")
            self.add_action(go, f"go {entry.name}", entry.words, partial(self.go_to, entry.name), shortcut)
        server = self._menu(self.tr("&Server"))
        self.add_action(server, "start server", self.tr("Start the server"), self._server.start)
        self.add_action(server, "stop server", self.tr("Stop the server"), self._server.stop)
        self.add_action(server, "restart server", self.tr("Restart the server"), self._server.restart)
        help_menu = self._menu(self.tr("&Help"))
        self.add_action(help_menu, "begin", self.tr("Set up a campaign step by step…"), self.begin)
        self.add_action(help_menu, "palette", self.tr("All commands…"), self._open_palette, "Ctrl+K")

    def _menu(self, title: str) -> QMenu:
        menu = self.menuBar().addMenu(title)
        self._menus.append(menu)
        return menu

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
            action = self.add_action(menu, f"look {mode}", words, partial(self._set_mode, mode))
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
        sign = ServerSign(self._server, self._theme)
        sign.setContentsMargins(GAP, 0, GAP, 0)
        for widget in (self._clicks, self._relays, self._address, sign):
            bar.addPermanentWidget(widget)

    # -- what changes ------------------------------------------------------------------------------------------------

    def _on_page(self, method: str) -> Callable[[], None]:
        """Does it on the page at hand, where that page knows how."""

        def act() -> None:
            found = getattr(self._stack.currentWidget(), method, None)
            if found is not None:
                found()

        return act

    def _fill_page_menu(self) -> None:
        """With what the page at hand can do, to its rows too."""
        self._page_menu.clear()
        self._page_menu.addActions(actions_of(self.page(self._sidebar.current)))
        if self._page_menu.isEmpty():
            self._page_menu.addAction(self.tr("Nothing to edit on this page")).setEnabled(False)

    def _open_palette(self) -> None:
        commands = commands_of(self.page(self._sidebar.current))
        for menu in self._menus:
            commands += commands_of_menu(menu)
        palette = CommandPalette(commands, self._theme, self)

        def add(found: Sequence[Name]) -> None:
            palette.add(list(ways_to(found, self.go_to)))

        self.desk.jobs.run(palette, lambda: names(self.desk.data), add)
        palette.show()

    def _set_mode(self, mode: Mode) -> None:
        QSettings().setValue("look", mode.value)
        self._theme.set_mode(mode)

    def _ask_status(self) -> None:
        self.desk.jobs.run(self, lambda: status(self.desk.data), self._show_status, lambda _words: None)

    def _show_status(self, now: Status) -> None:
        self._clicks.setText(self.tr("{0} clicks/min").format(number(now.clicks_last_minute)))
        self._relays.setText(self.tr("{0} relays waiting").format(number(now.relays_waiting)))
        self._sidebar.show_counts(now.needs_attention)

    def _show_server(self) -> None:
        state = self._server.state
        self._address.setText(self._server.url if state is ServerState.RUNNING else "")
        if self._server.problem and state is ServerState.WAITING:
            self.say(self.tr("The server ended and is started again: {0}").format(self._server.problem))

    def _restore(self) -> None:
        settings = QSettings()
        self.resize(1280, 800)
        geometry = settings.value("geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)
        if not self._sidebar.turn_to(str(settings.value("page", PAGES[0].name))):
            self._sidebar.turn_to(PAGES[0].name)

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
        settings.setValue("page", self._sidebar.current)
        for page in self._pages.values():
            if hasattr(page, "save_layout"):
                page.save_layout()
        self.pulse.stop()
        self._status_timer.stop()
        super().closeEvent(event)
