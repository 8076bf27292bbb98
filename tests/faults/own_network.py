"""A test in a network of its own, where any address can be given to this machine: Linux, as root."""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

_CLONE_NEWNET = 0x40000000


def in_its_own_network(*addresses: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Runs the test in a thread that has left this machine's network: what it starts is there with it."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def run(*arguments: Any, **named: Any) -> None:
            if reason := _missing():
                pytest.skip(reason)
            raised: list[BaseException] = []

            def body() -> None:
                try:
                    _enter(addresses)
                    test(*arguments, **named)
                except BaseException as error:  # noqa: BLE001 - raised again where pytest sees it
                    raised.append(error)

            thread = threading.Thread(target=body)
            thread.start()
            thread.join()
            if raised:
                raise raised[0]

        return run

    return decorate


def _missing() -> str:
    if not sys.platform.startswith("linux"):
        return "network namespaces are Linux's"
    if os.geteuid():
        return "a network namespace needs root"
    return "" if shutil.which("ip") else "the program ip is not installed"


def _enter(addresses: tuple[str, ...]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET):
        pytest.skip(f"no network namespace: {os.strerror(ctypes.get_errno())}")
    _ip("link", "set", "lo", "up")
    for address in addresses:
        _ip("address", "add", address, "dev", "lo", *(("nodad",) if ":" in address else ()))


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
