"""A request of ours or of a network's as a line for the shell, to be sent again by hand."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from urllib.parse import quote

from server.api.lists import Shown

LOCAL = "http://127.0.0.1:8710"  # what stands for our own address while no server runs


def curl(method: str, url: str, headers: Mapping[str, str], body: str | None) -> str:
    words = ["curl", "-i", "--globoff"]
    if method != ("POST" if body else "GET"):
        words += ["-X", method]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    if body:
        words += ["--data-raw", body]
    return " ".join(map(shlex.quote, [*words, url]))


def curl_of_postback(row: Shown, base: str) -> str:
    """As the network sent it; our token stays cut out."""
    query = f"?{row['query']}" if row["query"] else ""
    headers = {"Content-Type": row["content_type"]} if row["content_type"] else {}
    return curl(row["method"], f"{base}{quote(row['address'])}{query}", headers, row["body"])


def curl_of_sent(sent: Shown) -> str:
    """A relay or one of its attempts, secrets masked."""
    return curl(sent["method"], sent["url"], sent["headers"] or {}, sent["body"])
