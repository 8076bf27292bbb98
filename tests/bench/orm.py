"""The naive baseline: Flask on the same Waitress, an ORM object and a durable commit for every click."""

from __future__ import annotations

import secrets
import sys
import time
from typing import Any
from urllib.parse import quote

from flask import Flask, redirect, request
from sqlalchemy import Engine, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.bench.bare import serve


class Base(DeclarativeBase):
    pass


class Campaign(Base):
    __tablename__ = "campaign"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]


class Click(Base):
    __tablename__ = "click"
    id: Mapped[int] = mapped_column(primary_key=True)
    click_id: Mapped[str] = mapped_column(unique=True)
    campaign_id: Mapped[int]
    time: Mapped[float]
    cost: Mapped[str | None]
    external_id: Mapped[str | None]
    sub1: Mapped[str | None]
    sub2: Mapped[str | None]
    sub3: Mapped[str | None]
    ip: Mapped[str | None]
    user_agent: Mapped[str | None]
    referrer: Mapped[str | None]


def durable(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def app_on(engine: Engine) -> Flask:
    app = Flask("orm")

    @app.get("/c/<key>")
    def click(key: str) -> Any:
        said = request.args.get
        with Session(engine) as session:
            campaign = session.scalars(select(Campaign).where(Campaign.key == key)).first()
            if campaign is None:
                return "", 404
            visit = Click(
                click_id=secrets.token_hex(12),
                campaign_id=campaign.id,
                time=time.monotonic(),
                cost=said("cost"),
                external_id=said("ext"),
                sub1=said("sub1"),
                sub2=said("sub2"),
                sub3=said("sub3"),
                ip=request.remote_addr,
                user_agent=request.headers.get("User-Agent"),
                referrer=request.headers.get("Referer"),
            )
            location = campaign.url.format(click_id=visit.click_id, sub1=quote(visit.sub1 or ""))
            session.add(visit)
            session.commit()
        return redirect(location, 302)

    return app


def main(file: str) -> None:
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": 30})
    event.listen(engine, "connect", durable)
    Base.metadata.create_all(engine)
    url = "https://go.example.net/?a=1&sub1={click_id}&sub2=ads&sub3={sub1}"
    with Session(engine) as session:
        session.add_all([Campaign(key=key, url=url) for key in ("summer", "winter")])
        session.commit()
    serve(app_on(engine))


if __name__ == "__main__":
    main(sys.argv[1])
