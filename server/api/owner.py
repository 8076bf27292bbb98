"""What stands at the top of the setup: read as the owner wrote it, and saved by the same way as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.api import setup
from server.api.data import Data
from server.setup.document import Document
from server.setup.problem import At
from server.setup.schema import OWNER
from server.setup.specs import Specs


def save_owner(data: Data, words: Mapping[str, Any]) -> None:
    """What is not named stays; an empty text or list takes a value away."""
    setup.apply(data, Document("", Specs(owner=OWNER.read(dict(words), At()))), "settings")
