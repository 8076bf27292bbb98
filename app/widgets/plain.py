"""Text from outside as one harmless line, and as a tip that is never read as rich text."""

from __future__ import annotations

import html
import re

LONGEST_CELL = 512
_LONG_WORD = re.compile(r"(\S{24})")


def cut(text: str) -> str:
    """One line of harmless length: what comes from outside may be long, broken over lines, or full of marks."""
    head = text[:LONGEST_CELL]
    line = "".join(c if c.isprintable() else "�" for c in head)
    return line + "…" if len(text) > LONGEST_CELL else line


def plain_tip(text: str) -> str:
    """Qt takes a tip for rich text where it looks like it; escaped inside a paragraph of ours it stays what it is."""
    return f"<p style='white-space: pre-wrap'>{html.escape(text[:LONGEST_CELL])}</p>"


def breakable(text: str) -> str:
    """A label breaks its lines between words only: a long one from outside is given places to break at."""
    return _LONG_WORD.sub("\\1\u200b", cut(text))
