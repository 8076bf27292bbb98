"""Corrections of cost as they are stored: which stand, and how each total is spread over the clicks that are there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from server.domain.costing import Correction, Span, Spread
from server.storage.tables import ClickRow, CorrectionRow

_STANDING = select(*CorrectionRow.__table__.columns).where(CorrectionRow.undone_at.is_(None)).order_by(CorrectionRow.id)


def standing(connection: Connection) -> list[Correction]:
    """Those that hold, oldest first."""
    return [of_row(row) for row in connection.execute(_STANDING)]


def rows_of(connection: Connection, campaign_id: int) -> Sequence[Mapping[str, Any]]:
    """Every one that was made for a campaign, the undone ones too, oldest first."""
    query = select(*CorrectionRow.__table__.columns).where(CorrectionRow.campaign_id == campaign_id)
    return [row._asdict() for row in connection.execute(query.order_by(CorrectionRow.id))]


def is_in(span: Span) -> ColumnElement[bool]:
    """The clicks that a span covers."""
    return and_(
        ClickRow.id >= span.first_key,
        ClickRow.id < span.end_key,
        ClickRow.campaign_id == span.campaign_id,
        ClickRow.test_echo.is_(None),
        *(getattr(ClickRow, name) == value for name, value in span.where.items()),
    )


def spread(connection: Connection, span: Span, total: int, total_base: int | None) -> dict[str, Any] | None:
    """The columns of a correction that say what each click bears; None where there is no click."""
    clicks = connection.scalar(select(func.count()).select_from(ClickRow).where(is_in(span))) or 0
    if not clicks:
        return None
    own = _parts(connection, span, total, clicks)
    part_base, more_before_base = (None, None) if total_base is None else _parts(connection, span, total_base, clicks)
    return {
        "clicks": clicks,
        "part": own.part,
        "more_before": own.more_before,
        "part_base": part_base,
        "more_before_base": more_before_base,
    }


def add(connection: Connection, columns: Mapping[str, Any]) -> int:
    return int(connection.execute(insert(CorrectionRow).values(**columns).returning(CorrectionRow.id)).scalar_one())


def undo(connection: Connection, correction_id: int, now: int) -> bool:
    """False where somebody was quicker."""
    this = (CorrectionRow.id == correction_id) & CorrectionRow.undone_at.is_(None)
    return bool(connection.execute(update(CorrectionRow).where(this).values(undone_at=now)).rowcount)


def spread_anew(connection: Connection, keys: Collection[int]) -> None:
    """After clicks that were recorded late: a bill for their period is spread over them too."""
    is_concerned = (CorrectionRow.first_key <= max(keys)) & (CorrectionRow.end_key > min(keys))
    for row in connection.execute(_STANDING.where(is_concerned)).all():
        span = of_row(row).span
        columns = spread(connection, span, row.total, row.total_base) or {}
        if columns and row.bases:
            columns["bases"] = {base: in_base(connection, span, kept["total"]) for base, kept in row.bases.items()}
        connection.execute(update(CorrectionRow).where(CorrectionRow.id == row.id).values(**columns))


def in_base(connection: Connection, span: Span, total: int) -> dict[str, int | None]:
    """As one of its documents says it in another base currency."""
    parts = spread(connection, span, total, None) or {}
    return {"total": total, "part": parts.get("part", 0), "more_before": parts.get("more_before", 0)}


def _parts(connection: Connection, span: Span, total: int, clicks: int) -> Spread:
    part, rest = divmod(total, clicks)
    if not rest:
        return Spread(part, 0)
    key = select(ClickRow.id).where(is_in(span)).order_by(ClickRow.id).offset(rest).limit(1)
    return Spread(part, connection.execute(key).scalar_one())


def of_row(row: Row[Any]) -> Correction:
    return Correction(
        id=row.id,
        span=Span(row.campaign_id, row.first_key, row.end_key, row.where),
        own=Spread(row.part, row.more_before),
        currency=row.currency,
        base=None if row.part_base is None else Spread(row.part_base, row.more_before_base),
        base_currency=row.base_currency,
        others={base: Spread(kept["part"], kept["more_before"]) for base, kept in (row.bases or {}).items()},
    )
