"""Recognises a macro that somebody forgot to replace, by its dress or as a word of a sample URL."""

from __future__ import annotations

import re

# Possessive throughout: a value from outside must not send the matching back and forth.
_NAME = r"[A-Za-z_][\w .:|%@/-]*+"
_DRESSES = (
    rf"\$?\{{++\s*+{_NAME}\s*+\}}++",  # {x} {{x}} ${x}
    rf"\[++=?\s*+{_NAME}\s*+=?\]++",  # [x] [[[x]]] [=x=]
    rf"#+{_NAME}#+",  # #x# ##x##
    r"%%?[A-Za-z_][\w.:-]*%%?",  # %x% %%x%%
    rf"!+{_NAME}!+",  # !x! !!!x!!!
    r"<[A-Za-z_][\w .:-]*>",  # <x>
    r"__[A-Za-z]\w*__",  # __X__
    r"xx[A-Z]\w*xx",  # xxXxx
)
_WORDS = (
    "CLICK_ID|CLICKID|SUBID|SUB_ID|AFF_SUB|REPLACE|REPLACE_\\w+|OPTIONAL|PAYOUT|PAYOUT_USD|AMOUNT|REVENUE|CURRENCY"
    "|STATUS|EVENT|TRANSACTION_ID|TXN_ID|ORDER_ID|YOUR_\\w+|\\w+_HERE"
)
_WHOLE = re.compile("|".join((*_DRESSES, _WORDS)))
_INSIDE = re.compile(r"\{[A-Za-z_][\w.:|%-]*+\}")  # order-{transaction_id}: the braces give it away
_SIGN = re.compile(r"[A-Z{\[#%!<_]")  # one of these is in each of the above
_GUID = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")


def is_unreplaced(value: str) -> bool:
    if not _SIGN.search(value):
        return False
    has_braces = "{" in value
    if has_braces and _GUID.fullmatch(value):  # some programs write ids so
        return False
    return _WHOLE.fullmatch(value) is not None or (has_braces and _INSIDE.search(value) is not None)
