"""Fire a test: the whole loop of a campaign through its real addresses, hop by hop, while you look on."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.desk import Desk
from app.dialogs.fire_test_card import HopCard
from app.jobs import Job
from app.server_process import ServerState
from app.theme import GAP, PAD, TITLE, WIDE, sized
from app.widgets.empty import plain_label
from server.api.testing import Hop, run_test

_WIDTH, _HEIGHT = 720, 600
_MENDED_ON = {
    "campaign": "campaigns",
    "landing": "landings",
    "offer": "offers",
    "network": "networks",
    "source": "sources",
    "domain": "settings",
}


@dataclass(frozen=True, slots=True)
class _Expected:
    name: str
    title: str


class FireTestDialog(QDialog):
    left_to_mend = Signal()  # a page comes forward now; whatever stands before it has to go

    def __init__(self, desk: Desk, campaign_key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Fire a test: {0}").format(campaign_key))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk = desk
        self._campaign = campaign_key
        self._job: Job | None = None
        self._is_owed = False
        self._hops: list[Hop] = []
        self._cards: dict[str, HopCard] = {}
        self._verdict = plain_label()
        self._verdict.setWordWrap(True)
        self._lay_out()
        desk.server.changed.connect(self._start_when_served)
        self.run()

    @property
    def is_running(self) -> bool:
        return self._job is not None

    def run(self) -> None:
        if self._job is not None:
            return
        self._hops = []
        for card in self._cards.values():
            card.wait()
        self._again.setEnabled(False)
        self._copy.setEnabled(False)
        self._judge("waiting", self.tr("Waiting for the server…"))
        self._is_owed = True
        self._start_when_served()

    def text(self) -> str:
        """What happened, for a letter to somebody who helps."""
        lines = [self.windowTitle()]
        for hop in self._hops:
            lines += [
                "",
                f"{'ok' if hop.is_good else 'FAIL'} {hop.name}  {hop.milliseconds} ms",
                f"  sent  {hop.sent}",
                f"  came  {hop.answer}",
                f"  {hop.says}",
            ]
            lines += [f"  mend  {hop.remedy}"] if hop.remedy else []
        return "\n".join([*lines, "", self._verdict.text()])

    # -- inside ------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.resize(_WIDTH, _HEIGHT)
        heading = plain_label(self.tr("Fire a test"))
        heading.setFont(sized(heading.font(), TITLE, is_bold=True))
        promise = plain_label(
            self.tr(
                "A click, the network's postback and the relay go through the real addresses. "
                "Nothing is booked, the offer is not visited, and the relay goes to an echo on this machine."
            )
        )
        promise.setObjectName("muted")
        promise.setWordWrap(True)
        self._again = QPushButton(self.tr("Run again"))
        self._again.clicked.connect(self.run)
        self._copy = QPushButton(self.tr("Copy as text"))
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        close = QPushButton(self.tr("Close"))
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        for widget in (self._again, self._copy):
            buttons.addWidget(widget)
        buttons.addStretch()
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(PAD)
        layout.addWidget(heading)
        layout.addWidget(promise)
        layout.addWidget(self._card_list(), 1)
        layout.addWidget(self._verdict)
        layout.addLayout(buttons)
        close.setDefault(True)

    def _card_list(self) -> QScrollArea:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        for expected in self._expected():
            card = HopCard(self._desk.theme, expected.title)
            card.mend_asked.connect(self._mend)
            self._cards[expected.name] = card
            layout.addWidget(card)
        layout.addStretch()
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        return scroll

    def _expected(self) -> list[_Expected]:
        campaign = self._desk.data.current.get().campaigns.get(self._campaign)
        has_landing = campaign is not None and any(path.landings for path in campaign.paths)
        leaving = [_Expected("go", self.tr("The visitor leaves the landing page"))] if has_landing else []
        return [
            _Expected("click", self.tr("The source sends a click")),
            *leaving,
            _Expected("postback", self.tr("The network sends its postback")),
            _Expected("relay", self.tr("The conversion is relayed to the source")),
        ]

    def _start_when_served(self) -> None:
        """A server that is about to start would find the data taken by the test's own."""
        is_coming = self._desk.server.state in (ServerState.STARTING, ServerState.WAITING, ServerState.STOPPING)
        if not self._is_owed or is_coming:
            return
        self._is_owed = False
        self._judge("waiting", self.tr("Running…"))
        desk, campaign = self._desk, self._campaign
        self._job = desk.jobs.stream(self, lambda: run_test(desk.data, campaign), self._see, self._end, self._fail)
        self._next_runs()

    def _see(self, hop: Hop) -> None:
        self._hops.append(hop)
        self._cards[hop.name].show_hop(hop)
        self._next_runs()

    def _next_runs(self) -> None:
        """The first card without a word is the one under way; a red hop was the last."""
        if self._hops and not self._hops[-1].is_good:
            return
        seen = [hop.name for hop in self._hops]
        names = [name for name in self._cards if name not in seen]
        if "postback" in seen and "go" in names:
            names.remove("go")
        if names:
            self._cards[names[0]].run()

    def _end(self, _nothing: None) -> None:
        seen = {hop.name for hop in self._hops}
        for name, card in self._cards.items():
            if name not in seen:
                card.skip(self.tr("Not needed: the click went straight to the offer.") if name == "go" else "")
        if all(hop.is_good for hop in self._hops):
            self._judge("good", self.tr("The loop closes. Nothing was booked; the offer was not visited."))
        else:
            self._judge("bad", self.tr("The loop does not close yet. Nothing was booked; the offer was not visited."))
        self._finished()

    def _fail(self, words: str) -> None:
        for card in self._cards.values():
            card.skip("")
        self._judge("bad", words)
        self._finished()

    def _finished(self) -> None:
        self._job = None
        self._again.setEnabled(True)
        self._copy.setEnabled(True)

    def _judge(self, tone: str, words: str) -> None:
        self._verdict.setObjectName(tone)
        self._verdict.style().polish(self._verdict)
        self._verdict.setText(words)

    def _mend(self, thing: str, key: str) -> None:
        self.left_to_mend.emit()
        self.close()
        self._desk.go_to(_MENDED_ON[thing], {"key": key} if key else {})

    def done(self, result: int) -> None:
        """However it is closed: nothing more is asked of the run."""
        if self._job is not None:
            self._job.cancel()
        super().done(result)
