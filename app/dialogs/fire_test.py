"""Fire a test: the whole loop of a campaign through its real addresses, hop by hop, while you look on."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.desk import Desk
from app.dialogs.fire_test_card import HopCard
from app.dialogs.fire_test_wishes import TestWishes
from app.jobs import Job
from app.server_process import ServerState
from app.theme import GAP, PAD, TITLE, WIDE, sized
from app.widgets.empty import plain_label
from server.api.testing import Colour, Hop, Mend, Wishes, run_test

_WIDTH, _HEIGHT = 760, 700
_PAGES = {
    "campaign": "campaigns",
    "offer": "offers",
    "network": "networks",
    "source": "sources",
    "relays": "relays",
    "domain": "settings",
    "port": "settings",
}


class FireTestDialog(QDialog):
    left_to_mend = Signal()  # a page comes forward now; whatever stands before it has to go

    def __init__(self, desk: Desk, campaign_key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Fire a test: {0}").format(campaign_key))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk = desk
        self._key = campaign_key
        self._campaign = desk.setup.campaigns.get(campaign_key)
        self._job: Job | None = None
        self._asked = Wishes()  # of the run under way, or of the last
        self._is_owed = False
        self._hops: list[Hop] = []
        self._cards: dict[str, HopCard] = {}
        self.wishes = TestWishes(self._campaign.source if self._campaign else "")
        self._verdict = plain_label()
        self._verdict.setWordWrap(True)
        self._lay_out()
        desk.server.changed.connect(self._start_when_served)
        QApplication.instance().aboutToQuit.connect(self._call_off)
        self.run()

    @property
    def is_running(self) -> bool:
        """Also while it waits for the server."""
        return self._job is not None or self._is_owed

    def run(self) -> None:
        if self._job is not None:
            return
        self._hops = []
        self._asked = Wishes(follows=self.wishes.follows.isChecked(), is_real=self.wishes.is_real.isChecked())
        for name, card in self._cards.items():
            card.wait()
            card.setVisible(name != "offer" or self._asked.follows)
        self._let_choose(is_possible=False)
        self._judge("waiting", self.tr("Waiting for the server…"))
        self._is_owed = True
        self._start_when_served()

    def text(self) -> str:
        """What happened, for a letter to somebody who helps."""
        lines = [self.windowTitle()]
        for hop in self._hops:
            spent = "" if hop.milliseconds is None else f"  {hop.milliseconds} ms"
            lines += ["", f"{hop.colour} {hop.name}{spent}", f"  sent  {hop.sent}"]
            lines += [f"  visits  {step.status}  {step.milliseconds} ms  {step.url}" for step in hop.steps]
            lines += [f"  came  {hop.answer}", f"  {hop.says}"]
            lines += [f"  mend  {hop.mend.remedy}"] if hop.mend.remedy else []
        return "\n".join([*lines, "", self._verdict.text()])

    def done(self, result: int) -> None:
        """However it is closed: nothing more is asked of the run."""
        self._call_off()
        super().done(result)

    # -- inside: what it looks like ----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.resize(_WIDTH, _HEIGHT)
        heading = plain_label(self.tr("Fire a test"))
        heading.setFont(sized(heading.font(), TITLE, is_bold=True))
        promise = plain_label(
            self.tr(
                "A click, the network's postback and the relay go through the real addresses. Nothing is booked. "
                "The offer is not visited and the relay goes to an echo on this machine, unless you ask for it:"
            )
        )
        promise.setObjectName("muted")
        promise.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(PAD)
        for widget in (heading, promise, self.wishes):
            layout.addWidget(widget)
        layout.addWidget(self._card_list(), 1)
        layout.addWidget(self._verdict)
        layout.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        self._again = QPushButton(self.tr("Run &again"))
        self._again.clicked.connect(self.run)
        self._copy = QPushButton(self.tr("&Copy as text"))
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        close = QPushButton(self.tr("Close"))
        close.clicked.connect(self.close)
        close.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        for widget in (self._again, self._copy):
            buttons.addWidget(widget)
        buttons.addStretch()
        buttons.addWidget(close)
        return buttons

    def _card_list(self) -> QScrollArea:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        for name, title in self._expected().items():
            card = HopCard(self._desk.theme, title)
            card.mend_asked.connect(self._mend)
            self._cards[name] = card
            layout.addWidget(card)
        layout.addStretch()
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inside)
        return self._scroll

    def _expected(self) -> dict[str, str]:
        has_landing = self._campaign is not None and any(path.landings for path in self._campaign.paths)
        leaving = {"go": self.tr("The visitor leaves the landing page")} if has_landing else {}
        return {
            "click": self.tr("The source sends a click"),
            **leaving,
            "offer": self.tr("The visitor reaches the offer"),
            "postback": self.tr("The network sends its postback"),
            "relay": self.tr("The conversion is relayed to the source"),
        }

    def _judge(self, tone: str, words: str) -> None:
        self._verdict.setObjectName(tone)
        self._verdict.style().polish(self._verdict)
        self._verdict.setText(words)

    def _let_choose(self, *, is_possible: bool) -> None:
        self.wishes.let_choose(is_possible)
        self._again.setEnabled(is_possible)
        self._copy.setEnabled(is_possible)

    # -- inside: the run ---------------------------------------------------------------------------------------------

    def _call_off(self) -> None:
        self._is_owed = False
        self._asked.stop.set()
        if self._job is not None:
            self._job.cancel()

    def _start_when_served(self) -> None:
        """Waits for a server that is about to start, and says why where it cannot."""
        server = self._desk.server
        if not self._is_owed:
            return
        if server.state is ServerState.WAITING and server.problem:
            says = self.tr("The server does not start: {0}").format(server.problem)
            mend = Mend(self.tr("It is tried again by itself; the settings have its port and its log."), "port")
            self._cards["click"].show_hop(Hop("click", "", "", None, Colour.RED, says, mend))
            return
        if server.state in (ServerState.STARTING, ServerState.WAITING, ServerState.STOPPING):
            return
        self._is_owed = False
        self._judge("waiting", self.tr("Running…"))
        data, key, asked = self._desk.data, self._key, self._asked
        self._cards["click"].run()
        self._job = self._desk.jobs.stream(self, lambda: run_test(data, key, asked), self._see, self._end, self._fail)

    def _see(self, hop: Hop) -> None:
        self._hops.append(hop)
        card = self._cards[hop.name]
        card.show_hop(hop)
        following = self._after(hop)
        if following is not None:
            following.run()
        self._scroll.ensureWidgetVisible(card)

    def _after(self, hop: Hop) -> HopCard | None:
        """The card that is under way now; a red hop is the last, but for that of the offer."""
        if not hop.is_good and hop.name != "offer":
            return None
        names = [name for name in self._cards if name != "offer" or self._asked.follows]
        left = names[names.index(hop.name) + 1 :]
        return self._cards[left[0]] if left else None

    def _end(self, _nothing: None) -> None:
        seen = {hop.name for hop in self._hops}
        for name, card in self._cards.items():
            if name not in seen:
                card.skip(self.tr("Not needed: the click went straight to the offer.") if name == "go" else "")
        books = self.tr("Nothing was booked.")
        if not all(hop.is_good for hop in self._hops):
            self._judge("bad", self.tr("✕ The loop does not close yet. {0}").format(books))
        elif any(hop.colour is Colour.AMBER for hop in self._hops):
            self._judge("waiting", self.tr("▲ The loop closes, but look at what is marked. {0}").format(books))
        else:
            self._judge("good", self.tr("✓ The loop closes. {0}").format(books))
        self._finished()

    def _fail(self, words: str) -> None:
        for card in self._cards.values():
            card.skip("")
        self._judge("bad", words)
        self._finished()

    def _finished(self) -> None:
        self._job = None
        self._let_choose(is_possible=True)
        doubtful = next((card for card in self._cards.values() if card.is_to_mend), None)
        (doubtful.mend_button if doubtful else self._again).setFocus(Qt.FocusReason.OtherFocusReason)
        if doubtful:
            self._scroll.ensureWidgetVisible(doubtful)

    def _mend(self, mend: Mend) -> None:
        if mend.thing == "server":
            self._desk.server.start()
            self.run()
            return
        self.left_to_mend.emit()
        self.close()
        self._desk.go_to(_PAGES[mend.thing], self._words_of(mend))

    def _words_of(self, mend: Mend) -> dict[str, Any]:
        if mend.thing == "relays":
            return {"source": mend.key}
        return {"key": mend.key or mend.thing}
