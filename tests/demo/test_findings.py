"""What Tallyback says is read the way its commands say it."""

from __future__ import annotations

from server.api.data import open_data
from server.api.setup import apply
from server.demo.ad_network import AdNetwork
from server.demo.findings import findings_of, heard_by, open_relays
from server.demo.ledger import Ledger
from server.demo.parties import POPWAVE, SOCIALO
from server.demo.proof import prove
from server.demo.setup_file import setup_text
from server.setup.document import read_document


def test_where_nothing_happened_the_books_balance_at_nothing(tmp_path):
    with AdNetwork(POPWAVE) as popwave, AdNetwork(SOCIALO) as socialo, open_data(str(tmp_path)) as data:
        apply(data, read_document(setup_text({"popwave": popwave.url, "socialo": socialo.url}), "demo.toml"))
        assert not open_relays(data)
        books = prove(Ledger(), heard_by([popwave, socialo]), findings_of(data, []))
    assert books.is_balanced
    assert {line.got for line in books.lines} == {0}
