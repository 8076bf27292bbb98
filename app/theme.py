"""The design system: spacing, type, colours of light and dark, and the icons; every widget takes its looks from here.

One accent. Good, waiting and bad differ in colour and in the shape of their icon. Contrast of text: 4.5:1 at least.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from string import Template

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

# Spacing, in steps; nothing on screen is placed by another number.
HAIR, SMALL, GAP, PAD, WIDE, HUGE = 2, 4, 8, 12, 16, 32
RADIUS = 6
ROW_HEIGHT = 30
SIDEBAR_WIDTH = 208

# Type, in points, relative to the system's own size.
BODY, SMALLER, TITLE, FIGURE = 0, -1, 5, 9


class Mode(StrEnum):
    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"


class Tone(StrEnum):
    """What a value means; never told by colour alone."""

    PLAIN = "plain"
    MUTED = "muted"
    GOOD = "good"
    WAITING = "waiting"
    BAD = "bad"
    ACCENT = "accent"


ICON_OF_TONE = {Tone.GOOD: "circle-check", Tone.WAITING: "clock", Tone.BAD: "triangle-alert", Tone.MUTED: "circle-dot"}


@dataclass(frozen=True, slots=True)
class Colours:
    window: str
    surface: str
    raised: str
    line: str
    edge: str  # around what is typed into or ticked: to be seen at 3:1
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    good: str
    waiting: str
    bad: str
    series: tuple[str, ...]

    def of(self, tone: Tone) -> str:
        return {
            Tone.PLAIN: self.text,
            Tone.MUTED: self.muted,
            Tone.GOOD: self.good,
            Tone.WAITING: self.waiting,
            Tone.BAD: self.bad,
            Tone.ACCENT: self.accent,
        }[tone]


LIGHT = Colours(
    window="#f4f5f7",
    surface="#ffffff",
    raised="#fafbfc",
    line="#dfe2e8",
    edge="#7f8898",
    text="#1b2230",
    muted="#5a6475",
    accent="#1f5fbf",
    on_accent="#ffffff",
    accent_soft="#e3ecfa",
    good="#1a7444",
    waiting="#805000",
    bad="#b3261e",
    series=("#1f5fbf", "#c2571a", "#1a7444", "#7a4fb5", "#805000", "#0f7c8a"),
)
DARK = Colours(
    window="#14171d",
    surface="#1b1f27",
    raised="#222731",
    line="#323947",
    edge="#717c90",
    text="#e6e9ef",
    muted="#9aa5b8",
    accent="#7fb0ff",
    on_accent="#0d1320",
    accent_soft="#25364f",
    good="#5fd39a",
    waiting="#f0b95a",
    bad="#ff8a80",
    series=("#7fb0ff", "#ff9d66", "#5fd39a", "#c3a2f5", "#f0b95a", "#5ec8d6"),
)


class Theme(QObject):
    """The colours of the moment; `changed` tells charts and painted widgets to look again."""

    changed = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._mode = Mode.SYSTEM
        self.colours = LIGHT
        self._pictures = QTemporaryDir()
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow)

    @property
    def mode(self) -> Mode:
        return self._mode

    @property
    def is_dark(self) -> bool:
        return self.colours is DARK

    def set_mode(self, mode: Mode) -> None:
        self._mode = mode
        self._apply()

    def icon(self, name: str, tone: Tone = Tone.MUTED) -> QIcon:
        return _icon(name, self.colours.of(tone))

    def colour(self, tone: Tone) -> QColor:
        return QColor(self.colours.of(tone))

    def _picture(self, icon: str, colour: str) -> str:
        """A style sheet takes pictures from files only."""
        path = Path(self._pictures.path()) / f"{icon}-{colour[1:]}.png"
        if not path.exists():
            pixmap(icon, colour, 24).save(str(path))
        return path.as_posix()

    def _follow(self) -> None:
        if self._mode is Mode.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        system_is_dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        is_dark = self._mode is Mode.DARK or (self._mode is Mode.SYSTEM and system_is_dark)
        self.colours = DARK if is_dark else LIGHT
        self._application.setStyle("Fusion")
        self._application.setPalette(_palette(self.colours))
        self._application.setStyleSheet(
            _style_sheet(
                self.colours,
                arrow=self._picture("chevron-down", self.colours.muted),
                rise=self._picture("chevron-up", self.colours.muted),
                tick=self._picture("check", self.colours.on_accent),
                mark=self._picture("check", self.colours.text),
                clear=self._picture("x", self.colours.muted),
            )
        )
        self.changed.emit()


def sized(font: QFont, step: int, *, is_bold: bool = False) -> QFont:
    """A font of the scale above, from the one a widget has."""
    changed = QFont(font)
    changed.setPointSizeF(QGuiApplication.font().pointSizeF() + step)
    changed.setWeight(QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
    return changed


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    svg = (files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


@lru_cache(maxsize=512)
def _icon(name: str, colour: str) -> QIcon:
    icon = QIcon()
    for size in (16, 20, 32):
        icon.addPixmap(pixmap(name, colour, size))
        icon.addPixmap(pixmap(name, colour, size, 2.0))
        icon.addPixmap(pixmap(name, colour, size), QIcon.Mode.Selected)
    return icon


def _palette(colours: Colours) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: colours.window,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.surface,
        QPalette.ColorRole.AlternateBase: colours.raised,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.muted,
        QPalette.ColorRole.Button: colours.raised,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.ToolTipBase: colours.raised,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.Link: colours.accent,
        QPalette.ColorRole.Mid: colours.line,
        QPalette.ColorRole.Dark: colours.line,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.muted))
    return palette


def _style_sheet(colours: Colours, **pictures: str) -> str:
    sheet = (files("resources") / "style" / "tallyback.qss").read_text(encoding="utf-8")
    spacing = {"hair": HAIR, "small": SMALL, "snug": SMALL + HAIR, "gap": GAP, "pad": PAD, "wide": WIDE, "huge": HUGE}
    sizes = {**spacing, "drop": WIDE + SMALL, "radius": RADIUS, "cell": GAP + 1, "inside": GAP + HAIR}
    tones = {name: value for name, value in asdict(colours).items() if isinstance(value, str)}
    return Template(sheet).substitute(sizes, **tones, **pictures)
