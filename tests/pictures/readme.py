"""The pictures of the README: a folder of three months, in which a good and a bad thing have just happened."""

from __future__ import annotations

import random
import urllib.request
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from app.dialogs.evidence import EvidencePanel
from app.theme import Mode, Theme
from server.api import lists
from tests.bench.fill import fill
from tests.pictures.scenes import Stay
from tests.pictures.stage import Stage, settle, staged, the_other

_TOKEN = "bench-token-0123456789"
_CLICKS, _CONVERSIONS, _VISITS = 60_000, 1_800, 24
_AGENT = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


def readme(folder: Path, scratch: Path, theme: Theme) -> None:
    data = scratch / "readme"
    fill(data, _CLICKS, _CONVERSIONS)
    with staged(folder, data, theme) as stage:
        clicks = [_visit(stage, number) for number in range(_VISITS)]
        _report(stage, clicks)
        stage.window.go_to("today")
        theme.set_mode(Mode.LIGHT)
        settle(3000)
        stage.take("today-light", stage.window)
        theme.set_mode(Mode.DARK)
        stage.window.show_evidence(_refunded(stage))
        panel = the_other(EvidencePanel)
        settle(1500)
        stage.take("evidence-dark", panel)
        panel.close()


def _visit(stage: Stage, number: int) -> str:
    """The click id that the offer is given."""
    words = urlencode({"ext": f"v{number}", "cost": "0.012", "sub1": f"zone-{number % 7}", "sub2": f"b{number % 4}"})
    url = f"{stage.window.desk.server.url}/c/{('summer', 'winter')[number % 2]}?{words}"
    request = urllib.request.Request(url, headers={"User-Agent": _AGENT})
    with urllib.request.build_opener(Stay).open(request, timeout=10) as answer:
        return parse_qs(urlsplit(answer.headers["Location"]).query)["sub1"][0]


def _report(stage: Stage, clicks: list[str]) -> None:
    chance = random.Random(7)
    for number, click in enumerate(clicks[3::5]):
        amount = f"{chance.randint(200, 900) / 100:.2f}"
        _postback(stage, click_id=click, payout=amount, currency="USD", txn_id=f"T9{number:03}", status="pending")
        _postback(stage, click_id=click, payout=amount, currency="USD", txn_id=f"T9{number:03}", status="approved")
    _postback(stage, payout="12.00")
    _postback(stage, click_id=clicks[0][:17], payout="18.50")
    _postback(stage, click_id=clicks[1], payout="18.50", status="in limbo")


def _refunded(stage: Stage) -> str:
    """A click whose sale was taken back: the longest of the usual stories."""
    rows = lists.postbacks(stage.data, lists.Filters(limit=1000))
    return next(row["click"] for row in rows if "refunded" in row["reason"])


def _postback(stage: Stage, **words: str) -> None:
    url = f"{stage.window.desk.server.url}/p/maxi?{urlencode({'token': _TOKEN, **words})}"
    urllib.request.urlopen(url, timeout=10).close()
