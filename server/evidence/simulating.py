"""A made-up visitor of a campaign: which paths let him in, where he comes to and how likely, what keeps him out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from server.domain.asking import FACTS, facts_of
from server.domain.choosing import (
    REASONS,
    Chances,
    Full,
    choose_way,
    odds_of_landings,
    odds_of_offers,
    odds_of_paths,
    open_among,
)
from server.domain.click_id import Keys
from server.domain.paths import Facts, Path
from server.domain.things import SUBS, Campaign, Setup
from server.pipeline import click
from server.pipeline.click import Sent, Visit
from server.pipeline.ground import Ground

_COLUMNS = {"network": "isp", **{name: name for name in ("country", "region", "device", "os", "os_version")}}
_COLUMNS |= {name: name for name in ("browser", "browser_version")}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who would come, as far as it is told."""

    facts: Mapping[str, str] = field(default_factory=dict)  # by the names that conditions use, before all others
    columns: Mapping[str, str] = field(default_factory=dict)  # what his address and agent tell, by column of a click
    ip: str = "127.0.0.1"
    agent: str | None = None
    at: int | None = None  # now, where nobody says when


@dataclass(frozen=True, slots=True)
class Option:
    """A landing page or an offer, and how likely it is for who takes the path."""

    key: str
    name: str
    odds: Fraction
    note: str = ""  # why it is there though it is none of the path's


@dataclass(frozen=True, slots=True)
class SimulatedPath:
    number: int  # from 1 up
    name: str
    asks: Sequence[str]  # its conditions, in plain words
    match: str
    is_open: bool
    odds: Fraction
    reason: str  # the code that a click on it would keep; "" where it takes none
    why: str  # the same in words
    shut_by: Sequence[str]  # what keeps this visitor out
    landings: Sequence[Option]
    offers: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a campaign does with a visitor; the odds of a path times those of an offer are those of the offer."""

    campaign: str
    facts: Mapping[str, str | None]
    reason: str  # why no path counts; "" where one does
    why: str
    url: str | None  # where it goes then
    paths: Sequence[SimulatedPath]
    notes: Sequence[str]  # what would be otherwise for a bot, while paused, with offers that are full


def try_out(
    campaign: Campaign, parameters: Mapping[str, str], visitor: Visitor, ground: Ground
) -> tuple[Simulated, Sent]:
    """All that could come of the visit, and the click that comes of it where chance always says 0."""
    visit = _visit(parameters, visitor, ground.now)
    told = click.tell(visit, campaign, Keys(0).next(visit.arrived_at), ground)
    facts = facts_of(FACTS, told, visit.arrived_at, ground.setup.owner.timezone)
    facts |= {name: visitor.facts[name] for name in ("hour", "weekday") if name in visitor.facts}
    way = choose_way(campaign, facts, Chances(0, 0, 0), ground.setup, ground.full)
    return simulate(campaign, facts, ground.setup, ground.full), click.send(told, way, ground)


def _visit(parameters: Mapping[str, str], visitor: Visitor, now: int) -> Visit:
    given = visitor.facts
    columns = {**visitor.columns, **{_COLUMNS[name]: value for name, value in given.items() if name in _COLUMNS}}
    if "bot" in given:
        columns.pop("bot", None)
        columns |= {"bot": "made up"} if given["bot"] == "yes" else {}
    return Visit(
        arrived_at=now if visitor.at is None else visitor.at,
        parameters={**parameters, **{name: value for name, value in given.items() if name in SUBS}},
        ip=visitor.ip,
        user_agent=visitor.agent,
        referrer=given.get("referrer"),
        language=given.get("language"),
        facts=columns,
        is_returning={"yes": True, "no": False}.get(given.get("returning", "")),
    )


def simulate(campaign: Campaign, facts: Facts, setup: Setup, full: Full) -> Simulated:
    """The facts that are not given are not known; a visitor of whom nobody says so is no bot."""
    known = {**dict.fromkeys(FACTS), "bot": "no", **facts}
    reason, url = _ends(campaign, known, setup)
    odds = {chosen.path: (share, chosen.reason) for chosen, share in odds_of_paths(campaign.paths, known).items()}
    if reason == "no_path_open" and url is None:
        odds = {0: (Fraction(1), reason)}
    elif reason:
        odds = {}
    is_open = {number: campaign.paths[number].priority for number in open_among(campaign.paths, known)}
    paths = [
        _path(number, path, known, is_open, odds.get(number, (Fraction(0), "")), setup, full)
        for number, path in enumerate(campaign.paths)
    ]
    notes = tuple(_notes(campaign, known, setup, full))
    return Simulated(campaign.key, known, reason, REASONS.get(reason, ""), url, paths, notes)


def percent(odds: Fraction) -> str:
    """`33.33 %`; a whole number without decimals."""
    text = f"{float(100 * odds):.2f}"
    return f"{text.removesuffix('.00')} %"


def _ends(campaign: Campaign, facts: Facts, setup: Setup) -> tuple[str, str | None]:
    """Why no path counts, and where the visitor goes instead."""
    instead = campaign.otherwise or setup.owner.fallback_url
    if campaign.paused and instead:
        return "paused", instead
    if campaign.bots and facts["bot"] == "yes":
        return "bot", campaign.bots
    if not open_among(campaign.paths, facts):
        return "no_path_open", instead
    return "", None


def _path(
    number: int,
    path: Path,
    facts: Facts,
    is_open: Mapping[int, int],
    taken: tuple[Fraction, str],
    setup: Setup,
    full: Full,
) -> SimulatedPath:
    odds, reason = taken
    return SimulatedPath(
        number=number + 1,
        name=path.name,
        asks=path.sentences,
        match=path.match,
        is_open=number in is_open,
        odds=odds,
        reason=reason,
        why=REASONS.get(reason, ""),
        shut_by=tuple(_shut_by(number, path, facts, is_open)),
        landings=[Option(key, setup.landings[key].name, share) for key, share in odds_of_landings(path).items()],
        offers=tuple(_offers(path, setup, full)),
    )


def _shut_by(number: int, path: Path, facts: Facts, is_open: Mapping[int, int]) -> Iterator[str]:
    """`is_open` has the priority of each path that is."""
    yield from path.why_shut(facts)
    if not path.weight:
        yield "its weight is 0"
    elif path.default and is_open and number not in is_open:
        yield "another path is open"
    elif path.priority < max(is_open.values(), default=0) and path.is_open(facts):
        yield "a path with a higher priority is open"


def _offers(path: Path, setup: Setup, full: Full) -> Iterator[Option]:
    odds = odds_of_offers(path, setup.offers, full)
    for offer, share in odds.items():
        yield Option(offer.key, setup.offers[offer.key].name, share, REASONS["capped"] if offer.is_instead else "")
    going = {offer.key for offer in odds if not offer.is_instead}
    for option in path.offers:
        if option.key not in going:
            note = "it has reached its cap for the day" if option.key in full else "its weight is 0"
            yield Option(option.key, setup.offers[option.key].name, Fraction(0), note)


def _notes(campaign: Campaign, facts: Facts, setup: Setup, full: Full) -> Iterator[str]:
    instead = campaign.otherwise or setup.owner.fallback_url
    if campaign.paused:
        yield "The campaign is paused." if instead else "The campaign is paused, but nobody said where its visitors go."
    if campaign.bots and facts["bot"] != "yes":
        yield f"A bot would go to {campaign.bots}"
    yield f"A visitor whom no path takes {f'goes to {instead}' if instead else 'goes along the first path.'}"
    if campaign.sticky:
        yield "The same visitor always comes to the same choice."
    for key in dict.fromkeys(option.key for path in campaign.paths for option in path.offers):
        if cap := setup.offers[key].cap:
            when = "has reached its cap for the day" if key in full else "once it reaches its cap for the day"
            yield f"Offer {key} {when}: its visitors go to {cap.alternative}."
