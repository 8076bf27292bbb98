"""The load of the soak: visitors who click and networks that tell of sales, and what the server promised them."""

from __future__ import annotations

import selectors
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.bench.load import Client
from tests.bench.visitors import AGENTS

SOURCES = 4


@dataclass
class Books:
    """Clicks and sales are numbers; what was asked and not answered may be there or not, a sale is told again."""

    clicks: int
    postbacks: int
    clicked: bytearray = field(init=False)
    sold: bytearray = field(init=False)
    unsure_clicks: set[int] = field(default_factory=set)
    untold: dict[int, str] = field(default_factory=dict)  # sale -> click id
    surprises: list[str] = field(default_factory=list)
    next_click: int = 0
    next_sale: int = 0

    def __post_init__(self) -> None:
        self.clicked = bytearray(self.clicks)
        self.sold = bytearray(self.postbacks)

    @property
    def is_over(self) -> bool:
        return self.next_click >= self.clicks and self.next_sale >= self.postbacks and not self.untold

    def owes_a_sale(self) -> bool:
        """Sales are spread evenly over the clicks."""
        return self.next_sale < self.postbacks and self.next_sale * self.clicks <= self.next_click * self.postbacks


class Visitor(Client):
    """One connection; what it has asked last."""

    __slots__ = ("click", "sale")

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address)
        self.click: int | None = None
        self.sale: tuple[int, str] | None = None


class Visitors:
    def __init__(self, books: Books, connections: int) -> None:
        self._books = books
        self._connections = connections
        self._selector = selectors.DefaultSelector()

    def drive(self, url: str, until: Callable[[], bool]) -> None:
        parts = urlsplit(url)
        address = (parts.hostname or "", parts.port or 80)
        self._end = f" HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: {AGENTS[0]}\r\n\r\n"
        for _ in range(self._connections):
            visitor = Visitor(address)
            if self._ask_next(visitor):
                self._selector.register(visitor.socket, selectors.EVENT_READ, visitor)
        while self._selector.get_map() and not until():
            for key, _ in self._selector.select(timeout=0.1):
                self._take(key.data)

    def hang_up(self) -> None:
        """The server has ended: whole answers that came before count, the rest was never answered."""
        for visitor in self._visitors():
            visitor.socket.settimeout(1)
            try:
                answer = visitor.answer()
            except OSError:
                answer = None
            if answer is not None:
                self._note(visitor, answer)
            self._forget(visitor)

    def _visitors(self) -> Iterator[Visitor]:
        yield from [key.data for key in list(self._selector.get_map().values())]

    def _take(self, visitor: Visitor) -> None:
        try:
            answer = visitor.answer()
        except OSError:
            self._forget(visitor)
            return
        if answer is None:
            return
        self._note(visitor, answer)
        if not self._ask_next(visitor):
            self._forget(visitor)

    def _forget(self, visitor: Visitor) -> None:
        if visitor.click is not None:
            self._books.unsure_clicks.add(visitor.click)
        if visitor.sale is not None:
            number, click_id = visitor.sale
            self._books.untold[number] = click_id
        self._selector.unregister(visitor.socket)
        visitor.socket.close()

    def _note(self, visitor: Visitor, answer: bytes) -> None:
        books = self._books
        if visitor.click is not None:
            number, visitor.click = visitor.click, None
            if answer[9:12] != b"302":
                books.surprises.append(answer[:80].decode("latin-1"))
                return
            books.clicked[number] = 1
            if books.owes_a_sale():
                click_id = answer.partition(b"sub1=")[2][:23].decode()
                books.untold[books.next_sale] = click_id
                books.next_sale += 1
        elif visitor.sale is not None:
            number, visitor.sale = visitor.sale[0], None
            if answer[9:12] != b"200" or (not answer.endswith(b"STORED spooled") and b"\r\n\r\nOK " not in answer):
                books.surprises.append(answer[-80:].decode("latin-1"))
            books.sold[number] = 1

    def _ask_next(self, visitor: Visitor) -> bool:
        books = self._books
        if books.untold:
            number, click_id = books.untold.popitem()
            visitor.sale = number, click_id
            target = f"/p/maxi?token=a-secret&click_id={click_id}&txn_id=t{number}&payout=1"
        elif books.next_click < books.clicks:
            visitor.click = books.next_click
            books.next_click += 1
            target = f"/c/c{visitor.click % SOURCES}?ext={visitor.click}&sub1=z{visitor.click % 500}"
        else:
            return False
        try:
            visitor.ask(f"GET {target}{self._end}".encode())
        except OSError:
            return visitor.socket.fileno() >= 0  # it will be found broken when it is read
        return True
