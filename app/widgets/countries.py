"""The countries of the world by their two letters, named in the user's language."""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import cache
from itertools import product

from PySide6.QtCore import QLocale

Word = tuple[str, str]  # as it is written, and as it is offered


@cache
def countries() -> Sequence[Word]:
    """All that Qt knows, by name."""
    codes = ("".join(letters) for letters in product(string.ascii_uppercase, repeat=2))
    known = {code: QLocale.codeToTerritory(code) for code in codes}
    named = {code: QLocale.territoryToString(one) for code, one in known.items() if one.value}
    return sorted(((code, f"{name} ({code})") for code, name in named.items()), key=lambda word: word[1])
