"""The data about visitors: whether every file of it can be read."""

from __future__ import annotations

from server.api.finding import Trouble, named
from server.api.looking import Look
from server.visitor.geo import checked
from server.visitor.visitors import Visitors


def visitor_data(look: Look) -> str:
    visitors = Visitors(look.folder.geo_folder, look.folder.bots_folder, b"")
    if troubles := visitors.look():
        raise Trouble(named([f"{one.where}: {one.what}" for one in troubles]), troubles[0].remedy)
    for file in visitors.geo.contents.values():
        checked(file.path)
    if not visitors.geo.contents:
        return "no geo database: country is not known (tallyback visitor fetch)"
    ranges = sum(known.count for known in visitors.ranges.contents.values())
    return f"{', '.join(visitors.geo.contents)}; {ranges} ranges of bots"
