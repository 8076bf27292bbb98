"""One server for all tests of the edge: real, over HTTP, set up so that every address has something to answer."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from server.api import lists
from server.api.data import Data, open_data
from server.api.lists import Filters
from server.storage.tables import MissedClickRow, StepRow
from tests.ad_network import AdNetwork
from tests.loop import Answer, Loop, running

TOKEN = "a-secret-token-41"
FALLBACK = "https://fallback.example/none"
SETUP = f"""
base_currency = "USD"
fallback_url = "{FALLBACK}"
trusted_proxies = ["127.0.0.2/32", "10.0.0.0/8"]

[[source]]
key = "prop"
external_id = "${{SUBID}}"
[source.relay]
url = "AD/conv?v={{external_id}}"
allow = ["127.0.0.0/8"]

[[network]]
key = "maxi"
token = "{TOKEN}"
currency = "USD"

[[network]]
key = "open"
token = ""
currency = "USD"

[[network]]
key = "strict"
token = ""
strict = true
currency = "USD"

[[network]]
key = "listed"
token = ""
ips = ["203.0.113.0/24"]
currency = "USD"

[[network]]
key = "signed"
token = ""
hmac = {{ header = "X-Signature", secret = "hmac-secret-42", over = "body" }}
currency = "USD"

[[network]]
key = "shop"
token = "{TOKEN}"
currency = "USD"
pixel = true
default_status = "pending"
params = {{ txn_id = "order" }}

[[landing]]
key = "plain"
url = "https://lp.example.com/plain?a=1#top"

[[landing]]
key = "quiz"
url = "https://lp.example.com/quiz?c={{click_id}}&s={{sub1}}"

[[offer]]
key = "keto"
network = "maxi"
url = "https://go.example.net/in/{{sub2}}?sub1={{click_id}}&s1={{sub1}}&e={{external_id}}&ua={{user_agent}}"
payout = "32.00"

[[offer]]
key = "open"
network = "open"
url = "https://go.example.net/?sub1={{click_id}}"
payout = "5.00"

[[offer]]
key = "strict"
network = "strict"
url = "https://go.example.net/?sub1={{click_id}}"
payout = "5.00"

[[offer]]
key = "listed"
network = "listed"
url = "https://go.example.net/?sub1={{click_id}}"

[[offer]]
key = "signed"
network = "signed"
url = "https://go.example.net/?sub1={{click_id}}"

[[offer]]
key = "shop"
network = "shop"
url = "https://shop.example.net/?sub1={{click_id}}"
payout = "12.00"

[[offer]]
key = "carts"
network = "shop"
url = "https://carts.example.net/?sub1={{click_id}}"

[[campaign]]
key = "plain"
source = "prop"
cost = {{ model = "cpc", value = "0.5" }}
[[campaign.path]]
landings = [{{ landing = "plain" }}]
offers = [{{ offer = "shop" }}, {{ offer = "carts", weight = 0 }}]

[[campaign]]
key = "carts"
source = "prop"
[[campaign.path]]
offers = [{{ offer = "carts" }}]

[[campaign]]
key = "summer"
source = "prop"
[[campaign.path]]
offers = [{{ offer = "keto" }}]

[[campaign]]
key = "quiz"
source = "prop"
[[campaign.path]]
landings = [{{ landing = "quiz" }}]
offers = [{{ offer = "open", weight = 100 }}, {{ offer = "keto", weight = 0 }}]
""" + "".join(
    f"""
[[campaign]]
key = "{key}"
source = "prop"
[[campaign.path]]
offers = [{{ offer = "{key}" }}]
"""
    for key in ("open", "strict", "listed", "signed", "shop")
)


@dataclass
class World:
    loop: Loop
    data: Data

    def request(
        self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None, peer: str = ""
    ) -> Answer:
        """As the loop's, from another address of this machine where one is named."""
        if not peer:
            return self.loop.request(method, target, body, headers)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(peer, 0))
        try:
            connection.request(method, target, body, headers or {})
            came = connection.getresponse()
            return Answer(
                came.status, came.read().decode(errors="replace"), {k.lower(): v for k, v in came.getheaders()}
            )
        finally:
            connection.close()

    def get(self, target: str, headers: dict[str, str] | None = None) -> Answer:
        return self.loop.request("GET", target, None, headers)

    @property
    def port(self) -> int:
        return int(self.loop.url.rsplit(":", 1)[1])

    def raw(self, said: bytes, seconds: float = 0.5) -> bytes:
        """All that comes back for some bytes, until the server hangs up or has nothing more to say."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            came = b""
            try:
                connection.sendall(said)
                connection.settimeout(seconds)
                while more := connection.recv(65536):
                    came += more
            except OSError:
                pass
            return came

    def click(self, target: str) -> str:
        came = self.get(target)
        assert came.status == 302, came
        return came.location.split("sub1=" if "sub1=" in came.location else "?c=")[1].split("&")[0]

    def clicks(self, **filters: Any) -> list[dict[str, Any]]:
        return list(lists.clicks(self.data, Filters(**filters)))

    def postbacks(self, **filters: Any) -> list[dict[str, Any]]:
        return list(lists.postbacks(self.data, Filters(**filters)))

    def conversions(self, click: str) -> list[dict[str, Any]]:
        return list(lists.conversions(self.data, Filters(click=click)))

    def steps(self) -> int:
        with self.data.database.read() as connection:
            return len(connection.execute(StepRow.__table__.select()).all())

    def missed(self, key: str) -> int:
        with self.data.database.read() as connection:
            rows = connection.execute(MissedClickRow.__table__.select().where(MissedClickRow.key == key)).all()
        return sum(row.count for row in rows)

    def counts(self) -> tuple[int, int, int]:
        """Clicks, postbacks and steps: what a request that records nothing leaves as it was."""
        return len(self.clicks()), len(self.postbacks()), self.steps()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with (
        AdNetwork() as ad,
        running(tmp_path_factory.mktemp("web"), SETUP.replace("AD", ad.url)) as loop,
        open_data(str(loop.folder)) as data,
    ):
        yield World(loop, data)
        assert loop.get("/healthz").status == 200
        assert loop.errors() == ""
