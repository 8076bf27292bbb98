"""What is set up, and the catalog beneath it: whether the server understands both."""

from __future__ import annotations

from server.api.looking import Look
from server.catalog import load_catalog
from server.current import load_setup


def catalog(_look: Look) -> str:
    found = load_catalog()
    return f"{len(found.networks)} networks and {len(found.sources)} sources"


def setup(look: Look) -> str:
    with look.read() as connection:
        found = load_setup(connection)
    return (
        f"{len(found.sources)} sources, {len(found.networks)} networks, {len(found.offers)} offers, "
        f"{len(found.every_campaign)} campaigns"
    )
