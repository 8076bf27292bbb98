"""What the fast way leans on in Waitress and no page of Waitress's promises: looked at before it is used."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

_SIGNATURES: tuple[tuple[Callable[..., Any], tuple[str, ...]], ...] = (
    (HTTPChannel.__init__, ("self", "server", "sock", "addr", "adj", "map")),
    (HTTPChannel.received, ("self", "data")),
    (HTTPChannel.handle_close, ("self",)),
    (TcpWSGIServer.handle_accept, ("self",)),
    (TcpWSGIServer.maintenance, ("self", "now")),
    (TcpWSGIServer.set_socket_options, ("self", "conn")),
    (TcpWSGIServer.pull_trigger, ("self",)),
    (wasyncore.dispatcher.accept, ("self",)),
    (wasyncore.loop, ("timeout", "use_poll", "map", "count")),
)
_OF_A_CHANNEL = ("request", "will_close", "close_when_flushed", "total_outbufs_len", "current_outbuf_count")
_MADE_BY: tuple[tuple[Callable[..., Any], tuple[str, ...]], ...] = (  # attributes that a constructor sets
    (HTTPChannel.__init__, ("requests", "outbufs", "outbuf_lock", "addr", "connected")),
    (TcpWSGIServer.__init__, ("active_channels", "trigger", "task_dispatcher", "adj")),
)


def misfit() -> str | None:
    """What is not as we know it, None where all is."""
    for function, names in _SIGNATURES:
        if tuple(inspect.signature(function).parameters) != names:
            return f"{function.__qualname__} takes other arguments"
    for name in _OF_A_CHANNEL:
        if not hasattr(HTTPChannel, name):
            return f"HTTPChannel has no {name}"
    for function, names in _MADE_BY:
        if missing := next((name for name in names if name not in function.__code__.co_names), None):
            return f"{function.__qualname__} makes no {missing}"
    return None
