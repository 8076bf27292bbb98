"""Colour where it is wanted, signs that the encoding has."""

from __future__ import annotations

import io

import pytest

from server.demo.ink import Ink


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class OldTerminal(Terminal):
    encoding = "latin-1"


def test_a_terminal_gets_colour():
    ink = Ink(Terminal(), {"TERM": "xterm"})
    assert ink.is_terminal
    assert ink.mark(True) == "\x1b[32m✓\x1b[0m"
    assert ink.dim("   ") == "   "


def test_no_color_is_obeyed_and_still_a_terminal():
    ink = Ink(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"})
    assert ink.is_terminal
    assert (ink.mark(True), ink.bad("x"), ink.bold("x")) == ("✓", "x", "x")


@pytest.mark.parametrize(("stream", "environment"), [(io.StringIO(), {}), (Terminal(), {"TERM": "dumb"})])
def test_elsewhere_it_is_plain_text(stream, environment):
    ink = Ink(stream, environment)
    assert not ink.is_terminal
    assert ink.good("x") == "x"


def test_an_encoding_without_our_signs_gets_letters():
    ink = Ink(OldTerminal(), {"TERM": "xterm", "NO_COLOR": "1"})
    assert (ink.mark(True), ink.mark(False), ink.done) == ("ok", "NO", "=")
