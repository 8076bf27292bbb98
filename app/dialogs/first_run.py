"""The first run: a few questions, nothing saved before the last, then a campaign and its two addresses."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desk import Desk
from app.dialogs.first_run_domain import DomainStep
from app.dialogs.first_run_done import DoneStep
from app.dialogs.first_run_money import MoneyStep
from app.dialogs.first_run_network import NetworkStep
from app.dialogs.first_run_offer import OfferStep
from app.dialogs.first_run_source import SourceStep, text_of
from app.dialogs.first_run_step import Step
from app.theme import GAP, HUGE, PAD, SIDEBAR_WIDTH, WIDE, Tone, sized
from app.widgets.empty import plain_label
from server.api.beginning import Beginning, begin
from server.api.setup import Link, links

_WIDTH, _HEIGHT = 920, 620
_ICON = 16


class FirstRun(QDialog):
    """Hidden, not closed, where it is put off: what was typed is there when it is opened again."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Set up Tallyback"))
        self.desk = desk
        self.is_done = False
        self.money, self.source, self.network = MoneyStep(desk), SourceStep(desk), NetworkStep(desk)
        self.offer, self.domain, self.done_step = OfferStep(desk), DomainStep(desk), DoneStep(desk)
        self.steps: tuple[Step, ...] = (
            self.money,
            self.source,
            self.network,
            self.offer,
            self.domain,
            self.done_step,
        )
        self._rail: list[tuple[QLabel, QLabel]] = []
        self._stack = QStackedWidget()
        self._problem = plain_label()
        self._problem.setObjectName("bad")
        self._problem.setWordWrap(True)
        self.back = QPushButton(self.tr("Back"))
        self.back.setAutoDefault(False)
        self.back.clicked.connect(self._go_back)
        self.later = QPushButton(self.tr("Not now"))
        self.later.setAutoDefault(False)
        self.later.clicked.connect(self.reject)
        self.next = QPushButton(self.tr("Next"))
        self.next.setProperty("primary", True)
        self.next.setDefault(True)
        self.next.clicked.connect(self._go_on)
        self._lay_out()
        desk.theme.changed.connect(self._paint)
        desk.server.changed.connect(self._ask_links)
        self.done_step.left_to_mend.connect(self.accept)
        self._turn_to(0)

    @property
    def step(self) -> Step:
        return self.steps[self._stack.currentIndex()]

    def answers(self) -> Beginning:
        placed = self.offer.placed()
        return Beginning(
            base_currency=self.money.currency.word(),
            timezone=self.money.zone.word(),
            source=self.source.partner(),
            network=self.network.partner(),
            offer_url=placed.after,
            payout=self.offer.payout.text().strip(),
            currency=self.offer.currency.word(),
            domain=self.domain.answer(),
            external_id=text_of(self.source.external_id),
            cost=text_of(self.source.cost),
            relay_url=text_of(self.source.relay_url),
            words=self.source.words(),
        )

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._paint()  # the style sheet has its word on fonts only now

    # -- inside ------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.resize(_WIDTH, _HEIGHT)
        right = QVBoxLayout()
        right.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        right.setSpacing(PAD)
        for step in self.steps:
            scroll = QScrollArea()
            scroll.setWidgetResizable(True)
            scroll.setFrameShape(QFrame.Shape.NoFrame)
            scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            scroll.setWidget(step)
            self._stack.addWidget(scroll)
        right.addWidget(self._stack, 1)
        right.addWidget(self._problem)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addWidget(self.later)
        buttons.addStretch()
        buttons.addWidget(self.back)
        buttons.addWidget(self.next)
        right.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._build_rail())
        layout.addLayout(right, 1)

    def _build_rail(self) -> QFrame:
        rail = QFrame()
        rail.setObjectName("panel")
        rail.setFixedWidth(SIDEBAR_WIDTH)
        layout = QVBoxLayout(rail)
        layout.setContentsMargins(WIDE, HUGE, WIDE, WIDE)
        layout.setSpacing(PAD)
        for step in self.steps:
            picture, name = QLabel(), plain_label(step.name)
            picture.setFixedSize(_ICON, _ICON)
            line = QHBoxLayout()
            line.setSpacing(GAP)
            line.addWidget(picture)
            line.addWidget(name, 1)
            layout.addLayout(line)
            self._rail.append((picture, name))
        layout.addStretch()
        return rail

    def _turn_to(self, number: int) -> None:
        self._stack.setCurrentIndex(number)
        self._problem.hide()
        is_last_question = number == len(self.steps) - 2
        self.back.setVisible(not self.is_done)
        self.back.setEnabled(number > 0)
        self.later.setVisible(not self.is_done)
        self.next.setText(
            self.tr("Go to Tallyback")
            if self.is_done
            else self.tr("Set it up")
            if is_last_question
            else self.tr("Next")
        )
        if self.step is self.offer:
            self.offer.expect(self.network.click_id_param(), self.network.currency() or self.money.currency.word())
        self._paint()
        self.step.enter()

    def _go_back(self) -> None:
        self._turn_to(self._stack.currentIndex() - 1)

    def _go_on(self) -> None:
        if self.is_done:
            self.accept()
        elif not self.step.check():
            return
        elif self.step is self.domain:
            self._save()
        else:
            self._turn_to(self._stack.currentIndex() + 1)

    def _save(self) -> None:
        self.next.setEnabled(False)
        self.back.setEnabled(False)
        data, answers = self.desk.data, self.answers()

        def save() -> tuple[str, list[Link]]:
            campaign = begin(data, answers)
            return campaign, links(data, campaign)

        self.desk.jobs.run(self, save, self._saved, self._refused)

    def _saved(self, made: tuple[str, list[Link]]) -> None:
        self.next.setEnabled(True)
        self.is_done = True
        self.next.setProperty("primary", False)
        self.next.style().unpolish(self.next)
        self.next.style().polish(self.next)
        self.done_step.show_links(*made, self._open_ends())
        self._turn_to(len(self.steps) - 1)
        self.desk.pulse.look()

    def _ask_links(self) -> None:
        """Without a domain the addresses are the server's, which may have only just found its port."""
        if self.is_done:
            data, campaign = self.desk.data, self.done_step.campaign
            self.desk.jobs.run(self, lambda: links(data, campaign), self.done_step.renew_links)

    def _refused(self, words: str) -> None:
        self.next.setEnabled(True)
        self.back.setEnabled(True)
        self._problem.setText(f"▲ {words}")
        self._problem.show()

    def _open_ends(self) -> list[str]:
        ends = []
        if missing := self.source.missing():
            ends.append(
                self.tr("Conversions are not relayed until this is filled in under Sources: {0}.").format(
                    ", ".join(missing)
                )
            )
        if not self.domain.answer():
            ends.append(self.tr("Without a domain these addresses work on this machine only; set one under Settings."))
        return ends

    def _paint(self) -> None:
        theme, now = self.desk.theme, self._stack.currentIndex()
        for number, (picture, name) in enumerate(self._rail):
            is_past = number < now or self.is_done
            icon, tone = (
                ("check", Tone.GOOD) if is_past else ("circle-dot", Tone.ACCENT if number == now else Tone.MUTED)
            )
            picture.setPixmap(theme.icon(icon, tone).pixmap(_ICON, _ICON))
            name.setObjectName("" if number == now else "muted")
            name.style().unpolish(name)
            name.style().polish(name)
            name.setFont(sized(name.font(), 0, is_bold=number == now))
