"""Takes a picture of everything there is to see, light and dark: `python tests/pictures/take.py FOLDER [--data DIR]`.

Pages at two sizes, full, empty and in error; editors, dialogs, questions and every step of the first run. Without
--data the demo runs first, for a few seconds, and leaves its data to be looked at. --only takes some of the scenes;
`readme` makes the pictures of the README.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QLocale, QSettings  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from app.theme import Mode, Theme  # noqa: E402
from tests.pictures import scenes  # noqa: E402
from tests.pictures.fired import fired  # noqa: E402
from tests.pictures.paths import paths  # noqa: E402
from tests.pictures.readme import readme  # noqa: E402
from tests.pictures.stage import Stage, staged  # noqa: E402

FULL = {
    "evidence": scenes.evidence,
    "questions": scenes.questions,
    "columns": scenes.columns,
    "rows": scenes.rows_at_work,
    "sorted": scenes.sorted_list,
    "editors": scenes.editors,
    "paths": paths,
    "archive": scenes.archive,
    "cost": scenes.cost,
    "visitors": scenes.visitors,
    "down": scenes.down,
}
SCENES = ("pages", *FULL, "empty", "unreadable", "fired", "readme")


def main() -> int:
    arguments = _arguments()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    QCoreApplication.setOrganizationName("Tallyback")
    QCoreApplication.setApplicationName("Tallyback")
    QLocale.setDefault(QLocale("en_US"))
    with tempfile.TemporaryDirectory() as scratch:
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, scratch)
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        application = QApplication(sys.argv[:1])
        theme = Theme(application)
        theme.set_mode(Mode.LIGHT)
        _take_all(arguments, Path(scratch), theme)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--only", nargs="+", choices=SCENES, default=SCENES)
    return parser.parse_args()


def _demo(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "server", "demo", "--for", "8s", "--keep", str(folder)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder


def _take_all(arguments: argparse.Namespace, scratch: Path, theme: Theme) -> None:
    wanted, folder = arguments.only, arguments.folder
    copy = scratch / "copy"
    if {"pages", "unreadable", *FULL} & set(wanted):
        data = arguments.data or _demo(scratch / "demo")
        shutil.copytree(data, copy, ignore=shutil.ignore_patterns("server.lock"))
    if {"pages", *FULL} & set(wanted):
        with staged(folder, copy, theme) as stage:
            _take_full(stage, wanted)
    if "empty" in wanted:
        with staged(folder, scratch / "empty", theme) as stage:
            stage.pages("empty-")
            scenes.first_run(stage)
    if "unreadable" in wanted:
        with staged(folder, copy, theme, is_served=False) as stage:
            scenes.unreadable(stage, copy / "tallyback.db")
    if "fired" in wanted:
        fired(folder, scratch, theme)
    if "readme" in wanted:
        readme(folder / "readme", scratch, theme)


def _take_full(stage: Stage, wanted: list[str]) -> None:
    if "pages" in wanted:
        stage.pages("")
    for name, scene in FULL.items():
        if name in wanted:
            scene(stage)


if __name__ == "__main__":
    sys.exit(main())
