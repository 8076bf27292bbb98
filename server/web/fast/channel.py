"""One connection: a plain request of ours joins the batch, everything else is Waitress's."""

from __future__ import annotations

from typing import Any

from server.web.fast.reading import read
from server.web.hardened import HardenedChannel


class FastChannel(HardenedChannel):
    def received(self, data: bytes) -> Any:
        if self._is_idle() and (asked := read(data)) is not None:
            self.whole_request_came()
            self.server.batch.take(self, asked)
            return True
        return super().received(data)

    @property
    def peer(self) -> str:
        return str(self.addr[0])

    def go_the_plain_way(self, raw: bytes) -> None:
        super().received(raw)

    def hang_up(self) -> None:
        if self.connected:
            self.handle_close()

    def answer(self, answer: bytes, *, stays_open: bool) -> None:
        """Mostly the socket takes it at once; what it does not take waits where Waitress keeps its own."""
        if not self.connected:
            return  # the visitor has gone; the click stands
        try:
            sent = self.socket.send(answer)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.handle_close()
            return
        if sent < len(answer):
            self._keep(answer[sent:])
            self.close_when_flushed = not stays_open
        elif not stays_open:
            self.handle_close()

    def _keep(self, rest: bytes) -> None:
        with self.outbuf_lock:
            self.outbufs[-1].append(rest)
            self.current_outbuf_count += len(rest)
            self.total_outbufs_len += len(rest)

    def _is_idle(self) -> bool:
        """Nothing was begun, nothing is being answered, nothing is left to send."""
        is_closing = self.will_close or self.close_when_flushed
        return self.request is None and not self.requests and not self.total_outbufs_len and not is_closing
