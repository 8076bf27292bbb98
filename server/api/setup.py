"""The setup: applied from a file, exported to one, and the links that follow from it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection

from server.api.data import Data
from server.catalog import Catalog, load_catalog
from server.current import templates
from server.domain.things import Campaign, Network, Owner, Setup, Source
from server.errors import BadInput, NothingMatched, nearest
from server.pipeline import outbox, relay
from server.setup.build import build
from server.setup.compare import Change, compare
from server.setup.document import Document, read_document
from server.setup.export import export
from server.setup.merge import merge
from server.setup.specs import KINDS, Specs
from server.storage import bases
from server.storage.specs import load_specs, save_owner, save_thing, setup_changed

DEFAULT_PORT = 8710
_LARGEST_FILE = 4 * 1024 * 1024
# What a postback URL of ours names, in this order, where the network has a macro for it.
_POSTBACK_FIELDS = ("click_id", "payout", "currency", "sale_amount", "status", "event", "txn_id", "time")


@dataclass(frozen=True, slots=True)
class Link:
    """An address to paste somewhere."""

    kind: str  # tracking, postback, script or pixel
    name: str
    url: str
    note: str = ""


def read_file(path: str) -> Document:
    try:
        if Path(path).stat().st_size > _LARGEST_FILE:
            raise BadInput("The file is larger than a setup file can be.", where=path, remedy="Check the path.")
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise BadInput(f"The file cannot be read: {words}.", where=path, remedy="Check the path.") from error
    return read_document(text, path)


def preview(data: Data, document: Document) -> list[Change]:
    """What `apply` would change; refuses what it would refuse."""
    with data.database.read() as connection:
        before, after = _merged(connection, document)
        _refuse_other_base(connection, before, after, document)
    build(after, templates(), None, document.locate)
    return compare(before, after)


def apply(data: Data, document: Document, who: str = "apply") -> list[Change]:
    """All or nothing: one transaction, and nothing at all where the file is refused."""

    def job(connection: Connection) -> list[Change]:
        before, after = _merged(connection, document)
        build(after, templates(), None, document.locate)
        _refuse_other_base(connection, before, after, document)
        return save_changes(connection, before, after, who, data.clock())

    return data.database.write(job)


def exported(data: Data, *, with_secrets: bool) -> str:
    with data.database.read() as connection:
        return export(stored_specs(connection), secrets=with_secrets)


def catalog() -> Catalog:
    return load_catalog()


def campaign_of(setup: Setup, key: str) -> Campaign:
    campaign = setup.campaigns.get(key)
    if campaign is None:
        near = nearest(key, setup.campaigns)
        remedy = f"Did you mean {near}?" if near else "Set one up with `tallyback apply FILE.toml`."
        raise NothingMatched(f"There is no campaign {key}.", remedy=remedy)
    return campaign


def links(data: Data, campaign_key: str) -> list[Link]:
    """The tracking URL for the source, and the postback URL for each network that the campaign pays through."""
    setup = data.setup()
    campaign = campaign_of(setup, campaign_key)
    return links_of(setup, campaign, base_url(data, setup, campaign))


def tags(data: Data, campaign_key: str) -> list[Link]:
    """What goes into pages: the script for those of the campaign, a pixel for each network that lets one speak."""
    setup = data.setup()
    campaign = campaign_of(setup, campaign_key)
    return tags_of(setup, campaign, base_url(data, setup, campaign))


def tags_of(setup: Setup, campaign: Campaign, base: str) -> list[Link]:
    script = f'<script async src="{escape(base)}/t.js" data-campaign="{escape(quote(campaign.key))}"></script>'
    pixels = [pixel_link(base, network) for network in networks_of(setup, campaign) if network.pixel]
    return [Link("script", campaign.key, script), *pixels]


def links_of(setup: Setup, campaign: Campaign, base: str) -> list[Link]:
    source = setup.sources[campaign.source]
    return [
        Link("tracking", source.key, tracking_url(base, campaign, source), f"for {source.name or source.key}"),
        *(postback_link(base, network) for network in networks_of(setup, campaign)),
    ]


def networks_of(setup: Setup, campaign: Campaign) -> list[Network]:
    """Those that the campaign pays through."""
    keys = dict.fromkeys(setup.offers[offer.key].network for path in campaign.paths for offer in path.offers)
    return [setup.networks[key] for key in keys]


def base_url(data: Data, setup: Setup, campaign: Campaign | None = None) -> str:
    """The owner's domain, else where the server listens on this machine."""
    domain = (campaign.domain if campaign else None) or setup.owner.domain
    if domain:
        return domain.rstrip("/")
    running = data.server()
    return f"http://{running.host}:{running.port}" if running else f"http://127.0.0.1:{DEFAULT_PORT}"


def tracking_url(base: str, campaign: Campaign, source: Source) -> str:
    """In the source's own macros, which stay as the source writes them."""
    pairs = [("ext", source.external_id), ("cost", source.cost)]
    pairs += [(name, sub.token) for name, sub in source.subs.items()]
    query = "&".join(f"{name}={_macro_text(macro)}" for name, macro in pairs if macro)
    return f"{base}/c/{quote(campaign.key)}" + (f"?{query}" if query else "")


def postback_url(base: str, network: Network) -> str:
    pairs = [("token", network.token)] if network.token else []
    fields = (*_POSTBACK_FIELDS, *(f"custom{number}" for number in range(1, 6)))
    for field in fields:
        macro = network.macros.get(field)
        if macro:
            pairs.append((network.params.get(field, field), macro))
    query = "&".join(f"{name}={_macro_text(value)}" for name, value in pairs)
    return f"{base}/p/{quote(network.key)}" + (f"?{query}" if query else "")


def pixel_tag(base: str, network: Network) -> str:
    """In our own words, as its page is written for us; without the token, for everybody can read it."""
    pairs = [(field, network.macros[field]) for field in _POSTBACK_FIELDS if field in network.macros]
    query = "&".join(f"{name}={_macro_text(value)}" for name, value in pairs)
    url = f"{base}/pixel/{quote(network.key)}.gif?{query or 'click_id='}"
    return f'<img src="{escape(url)}" width="1" height="1" alt="">'


def pixel_link(base: str, network: Network) -> Link:
    return Link("pixel", network.key, pixel_tag(base, network), "anybody who reads the page can call it")


def postback_link(base: str, network: Network) -> Link:
    note = "" if network.token else "open: anyone may send postbacks to this address"
    if not network.macros:
        note = "; ".join(filter(None, [note, "add click_id=, payout= and txn_id= with this network's own macros"]))
    return Link("postback", network.key, postback_url(base, network), note)


def _macro_text(macro: str) -> str:
    """As the other side has to find it, signs and all; only what would end the value is encoded."""
    return quote(macro, safe="{}[]$%<>!|:;,()*'~@/?=._-#")


def stored_specs(connection: Connection) -> Specs:
    stored = load_specs(connection)
    return Specs(stored.owner, **stored.specs)


def _merged(connection: Connection, document: Document) -> tuple[Specs, Specs]:
    before = stored_specs(connection)
    return before, merge(before, document.specs, lambda: secrets.token_urlsafe(16))


def _refuse_other_base(connection: Connection, before: Specs, after: Specs, document: Document) -> None:
    """What was earned and paid stands in the old one: to change it is more than a word of the setup."""
    was, wanted = (specs.owner.get("base_currency", Owner().base_currency) for specs in (before, after))
    if was != wanted and bases.has_money(connection):
        raise BadInput(
            f"The base currency is {was}, and conversions and costs stand in it.",
            where=document.locate("owner", "", ("base_currency",)),
            remedy=f"Change it with `tallyback rates rebase {wanted}`; --dry-run shows first what that does.",
        )


def save_changes(connection: Connection, before: Specs, after: Specs, who: str, now: int) -> list[Change]:
    """What differs goes into the rows and into the history, with what follows from it."""
    changes = compare(before, after)
    if not changes:
        return []
    ids = load_specs(connection).ids
    changed = {(change.kind, change.key) for change in changes}
    save_owner(connection, before.owner, after.owner, who, now)
    for kind in KINDS:
        for key, spec in after.of(kind).items():
            if (kind, key) in changed:
                links: dict[str, int] = {}
                if kind == "offer":
                    links = {"network_id": ids["network"][spec["network"]]}
                elif kind == "campaign":
                    links = {"source_id": ids["source"][spec["source"]]}
                ids[kind][key] = save_thing(connection, kind, key, spec, links, who, now)
    _pause_and_resume(connection, before, after, changed, now)
    setup_changed(connection)
    return changes


def _pause_and_resume(
    connection: Connection, before: Specs, after: Specs, changed: set[tuple[str, str]], now: int
) -> None:
    """`paused` of a relay is the owner's hand on its destination."""
    for kind, key in changed:
        was = _paused(kind, key, getattr(before, kind, {}).get(key, {}))
        for name, is_now in _paused(kind, key, getattr(after, kind, {}).get(key, {})).items():
            if was.get(name, False) == is_now:
                continue
            destination = outbox.destination_row(connection, name)
            if is_now:
                relay.pause(connection, destination.id, outbox.PAUSED_BY_SETUP, now)
            else:
                relay.resume(connection, destination.id, now)


def _paused(kind: str, key: str, spec: Mapping[str, Any]) -> dict[str, bool]:
    """Whether each destination of a source or a campaign is paused by its owner."""
    if kind == "source":
        return {outbox.of_source(key): spec.get("relay", {}).get("paused", False)}
    if kind == "campaign":
        further = spec.get("destinations", ())
        return {outbox.of_campaign(key, n): one.get("paused", False) for n, one in enumerate(further, start=1)}
    return {}
