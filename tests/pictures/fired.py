"""The test of a loop in green, amber and red, through a server of its own and a source that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from app.dialogs.fire_test import FireTestDialog
from app.theme import Theme
from server.api import relaying, setup
from server.api.data import open_data
from server.engine import Engine
from server.setup.document import read_document
from tests.ad_network import AdNetwork, Scripted
from tests.pictures.stage import Stage, settle, staged, until

SETUP = """
base_currency = "USD"
timezone = "Europe/Berlin"
{owner}

[[source]]
key = "prop"
template = "propellerads"
[source.relay]
url = "{source}/conv?key=abc&visitor_id={{external_id}}&payout={{payout}}"
allow = ["127.0.0.0/8"]

[[network]]
key = "maxi"
template = "everflow"
token = "a-secret"

[[offer]]
key = "keto-us"
network = "maxi"
url = "{offer}/?a=1&sub1={{click_id}}&sub2={{source}}"
payout = "32.00"
currency = "USD"

[[campaign]]
key = "summer"
source = "prop"
cost = {{ model = "cpc", value = "0.012", currency = "USD" }}
[[campaign.path]]
offers = [{{ offer = "keto-us" }}]
"""


def fired(folder: Path, scratch: Path, theme: Theme) -> None:
    with AdNetwork() as source, AdNetwork() as offer:
        words = {"source": source.url, "offer": offer.url}
        _fired(
            folder, scratch / "fired", theme, SETUP.format(**words, owner=""), lambda stage: _all(stage, source, offer)
        )
        wrong = 'domain = "https://127.0.0.1:9"'
        _fired(folder, scratch / "wrong", theme, SETUP.format(**words, owner=wrong), _with_wrong_address)


def _fired(folder: Path, data_folder: Path, theme: Theme, document: str, scene: Callable[[Stage], None]) -> None:
    with open_data(str(data_folder)) as data:
        setup.apply(data, read_document(document, "setup.toml"), "pictures")
        engine = Engine(data.folder, url=None, host="127.0.0.1", port=0)
        thread = threading.Thread(target=engine.run, daemon=True)
        thread.start()
        try:
            engine.is_announced.wait(10)
            with staged(folder, data_folder, theme, is_served=False) as stage:
                stage.window.desk.server.look()
                stage.window.go_to("campaigns")
                scene(stage)
        finally:
            engine.stop()
            thread.join(10)


def _all(stage: Stage, source: AdNetwork, offer: AdNetwork) -> None:
    dialog = FireTestDialog(stage.window.desk, "summer", stage.window)
    dialog.show()
    _run(dialog)
    stage.both("fired-green", dialog)
    relaying.pause(stage.data, "source:prop")
    offer.script.append(Scripted(302, b"", {"Location": "/second?sub1=KEPT&aff=1"}))
    dialog.wishes.follows.setChecked(True)
    _run(dialog)
    stage.both("fired-amber", dialog)
    relaying.resume(stage.data, "source:prop")
    source.script.append(Scripted(403, b"bad token"))
    dialog.wishes.follows.setChecked(False)
    dialog.wishes.is_real.setChecked(True)
    _run(dialog)
    stage.both("fired-red", dialog)
    dialog.close()
    settle()


def _with_wrong_address(stage: Stage) -> None:
    dialog = FireTestDialog(stage.window.desk, "summer", stage.window)
    dialog.show()
    _run(dialog)
    stage.both("fired-wrong-address", dialog)
    dialog.close()
    settle()


def _run(dialog: FireTestDialog) -> None:
    settle()
    if not dialog.is_running:
        dialog.run()
    until(lambda: not dialog.is_running)
    settle()
