"""Whether a value can stand in a field of the setup, asked while it is typed: by the rules of the setup file."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from server.api.data import Data
from server.domain.currency import ISO_4217
from server.setup.forms import Form, Table
from server.setup.problem import At, BadSetup, Context
from server.setup.schema import SCHEMA

_NUMBER = re.compile(r"^\d+: ")  # which of a list it is: the value is named anyway


def problem_with(data: Data, kind: str, field: str, value: Any) -> str:
    """One line that says what is wrong and how to mend it, "" where nothing is; `relay.url` is a field of a table."""
    return problem_within(data.current.known.owner.currencies, kind, field, value)


def problem_within(currencies: Collection[str], kind: str, field: str, value: Any) -> str:
    form: Form = SCHEMA[kind]
    for step in field.split("."):
        if not isinstance(form, Table):
            raise KeyError(field)
        form = form.fields[step]
    at = At(context=Context(currencies))
    try:
        form.make(form.read(value, at), at)
    except BadSetup as refusal:
        line = _NUMBER.sub("", f"{refusal.what} {refusal.remedy}".strip())
        return line[:1].upper() + line[1:]
    return ""


def known_currencies(data: Data) -> list[str]:
    """All codes that may be used, the owner's own first."""
    own = list(data.current.known.owner.currencies)
    return [*own, *sorted(ISO_4217 - set(own))]
