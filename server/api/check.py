"""`check`: is everything sound, the data and what it lies on? Looks at all of it and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from server.api import check_books, check_database, check_machine, check_setup, check_spool, check_visitor
from server.api.finding import RESTORE, Trouble
from server.api.looking import Look, looked_at
from server.clock import Clock, system_clock
from server.errors import TallybackError

Sight = Callable[[Look], str]  # what was found where all is well; Trouble where it is not


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    ok: bool
    found: str
    remedy: str = ""


_MACHINE: tuple[tuple[str, Sight], ...] = (
    ("rights of files", check_machine.rights),
    ("disk", check_machine.disk),
    ("clock", check_machine.clock),
    ("open files", check_machine.file_limit),
    ("catalog", check_setup.catalog),
    ("visitors", check_visitor.visitor_data),
)
_DATABASE: tuple[tuple[str, Sight], ...] = (
    ("database", check_database.version_of_database),
    ("integrity", check_database.integrity),
)
_TABLES: tuple[tuple[str, Sight], ...] = (
    ("tables", check_database.tables),
    ("references", check_database.references),
    ("setup", check_setup.setup),
    ("time of the data", check_books.times),
    ("click ids", check_books.click_ids),
    ("receipts", check_books.receipts),
    ("conversions", check_books.conversions),
    ("relays owed", check_books.relays_owed),
    ("keys of relays", check_books.relay_keys),
    ("leases", check_books.leases),
    ("spool", check_spool.spool),
)


def check(
    folder: str | None,
    url: str | None,
    *,
    is_deep: bool = False,
    begins: Callable[[str], None] = lambda _what: None,
    clock: Clock = system_clock,
) -> Iterator[Finding]:
    """One after the other, as they are found; `begins` hears what is looked at next."""
    with looked_at(folder, url, is_deep=is_deep, clock=clock) as look:
        version = Finding("version of the tables", ok=False, found="")
        for what, sight in (*_MACHINE, *_DATABASE, ("version of the tables", check_database.version_of_tables)):
            begins(what)
            version = _seen(what, sight, look)
            yield version
        if not version.ok:
            return  # what the tables hold can only be judged where they are those of this program
        for what, sight in _TABLES:
            begins(what)
            yield _seen(what, sight, look)


def _seen(what: str, sight: Sight, look: Look) -> Finding:
    try:
        return Finding(what, ok=True, found=sight(look))
    except Trouble as trouble:
        return Finding(what, ok=False, found=trouble.found, remedy=trouble.remedy)
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).partition("\n")[0]
        return Finding(what, ok=False, found=f"{look.shown} cannot be read: {said}.", remedy=RESTORE)
    except TallybackError as error:
        return Finding(what, ok=False, found=f"{error.where}: {error.what}".removeprefix(": "), remedy=error.remedy)
    except Exception as error:  # noqa: BLE001 - what lies in damaged data stumbles in more ways than have names
        said = f"{type(error).__name__}: {error}".partition("\n")[0][:200]
        return Finding(what, ok=False, found=f"{look.shown} holds what no Tallyback writes ({said}).", remedy=RESTORE)
