"""Takes a picture of every page, light and dark, at two sizes: `python tests/pictures/take.py FOLDER [--data DIR]`.

Without --data the demo runs first, for a few seconds, and leaves its data to be looked at.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QEventLoop, QSettings  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from app.jobs import Jobs  # noqa: E402
from app.pages.registry import PAGES  # noqa: E402
from app.server_process import ServerProcess  # noqa: E402
from app.theme import Mode, Theme  # noqa: E402
from app.window import Window  # noqa: E402
from server.api import lists  # noqa: E402
from server.api.data import open_data  # noqa: E402

SIZES = ((1280, 800), (1920, 1080))
SETTLED_MS = 1200  # for the pages to have read what they show


def main() -> int:
    arguments = _arguments()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        data = arguments.data or _demo(Path(scratch) / "demo")
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, scratch)
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        _take_all(arguments.folder, data)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path)
    return parser.parse_args()


def _demo(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "server", "demo", "--for", "8s", "--keep", str(folder)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder


def _take_all(folder: Path, data_folder: Path) -> None:
    QCoreApplication.setOrganizationName("Tallyback")
    QCoreApplication.setApplicationName("Tallyback")
    application = QApplication(sys.argv[:1])
    theme = Theme(application)
    theme.set_mode(Mode.LIGHT)
    jobs = Jobs()
    with open_data(str(data_folder)) as data:
        server = ServerProcess(data)
        server.port = 0
        server.start()
        window = Window(data, theme, jobs, server)
        window.show()
        for mode in (Mode.LIGHT, Mode.DARK):
            theme.set_mode(mode)
            for width, height in SIZES:
                window.resize(width, height)
                for entry in PAGES:
                    window.go_to(entry.name)
                    _settle()
                    _take(window, folder / f"{entry.name}-{mode}-{width}.png")
            _take_evidence(window, folder / f"evidence-{mode}.png", lambda: _busiest_click(data))
        window.pulse.stop()
        server.end()
        jobs.close()


def _take_evidence(window: Window, path: Path, click: Callable[[], str | None]) -> None:
    click_id = click()
    if click_id is None:
        return
    window.show_evidence(click_id)
    _settle()
    for panel in QApplication.topLevelWidgets():
        if panel is not window and panel.isVisible():
            _take(panel, path)
            panel.close()


def _busiest_click(data: object) -> str | None:
    """The click with the longest story among the last conversions."""
    stories: dict[str, int] = {}
    for row in lists.postbacks(data, lists.Filters(limit=200)):  # type: ignore[arg-type]
        if row["click"]:
            stories[row["click"]] = stories.get(row["click"], 0) + 1
    return max(stories, key=stories.__getitem__, default=None)


def _settle() -> None:
    deadline = QDeadlineTimer(SETTLED_MS)
    while not deadline.hasExpired():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)


def _take(widget: QWidget, path: Path) -> None:
    widget.grab().save(str(path))
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    sys.exit(main())
