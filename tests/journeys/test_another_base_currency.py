"""The base currency changes while visitors come and networks speak: nobody is turned away, and no amount is lost."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Self

from server.api.data import open_data
from tests.loop import Loop, running
from tests.pipeline.world import small_setup

EURO = ("rates", "set", "EUR", "1.25", "--day", "2026-01-01")


class _Business:
    """Visitors who cost a dollar each, and a sale of ten dollars for every other one, until it is stopped."""

    def __init__(self, loop: Loop) -> None:
        self.clicks = self.sales = 0
        self.refused: list[str] = []
        self._loop = loop
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._closed.is_set():
            click_id = self._loop.click("/c/summer?ext=e1&cost=1")
            self.clicks += 1
            if self.clicks % 2:
                came = self._loop.get(f"/p/maxi?click_id={click_id}&payout=10")
                self.sales += 1
                if not came.text.startswith("OK accepted"):
                    self.refused.append(came.text)


def test_a_server_works_on_while_the_base_currency_goes_and_comes(tmp_path: Path) -> None:
    with running(tmp_path, small_setup()) as loop:
        loop.run(*EURO)
        with _Business(loop) as business:
            loop.until(lambda: business.sales > 20)
            loop.run("rates", "rebase", "EUR")
            there = business.sales
            loop.until(lambda: business.sales > there + 20)
        (row,) = loop.rows("report", "--by", "campaign")
        assert (business.refused, row["without_rate"]) == ([], 0)
        assert (row["clicks"], row["conversions"]) == (business.clicks, business.sales)
        assert (float(row["revenue"]), float(row["cost"])) == (8 * business.sales, round(0.8 * business.clicks, 6))
        loop.run("rates", "rebase", "USD")
        (row,) = loop.rows("report", "--by", "campaign")
        assert (row["revenue"], row["cost"]) == (f"{10 * business.sales}.00", f"{business.clicks}.00")
        with open_data(str(loop.folder)) as data:
            assert data.setup().owner.base_currency == "USD"
