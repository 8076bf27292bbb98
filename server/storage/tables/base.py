"""What all tables share: column types, names of constraints, and the base of the rows."""

from __future__ import annotations

from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, Integer, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

# SQLite numbers rows by itself only where the key is called INTEGER; PostgreSQL's integer would be too small.
BigInt = BigInteger().with_variant(Integer(), "sqlite")

Pk = Annotated[int, mapped_column(BigInt, primary_key=True)]
Time = Annotated[int, mapped_column(BigInt)]
OptionalTime = Annotated[int | None, mapped_column(BigInt)]
OptionalMoney = Annotated[int | None, mapped_column(BigInt)]
OptionalText = Annotated[str | None, mapped_column(Text)]
Document = Annotated[dict[str, Any], mapped_column(JSON)]
List = Annotated[list[Any], mapped_column(JSON)]


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Text(), int: BigInt}  # noqa: RUF012 - SQLAlchemy reads it as it stands
