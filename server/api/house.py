"""About the installation itself: which version it is, and how much it holds."""

from __future__ import annotations

from server import VERSION
from server.api.data import Data

__all__ = ["VERSION", "size_of_data"]


def size_of_data(data: Data) -> int:
    """All that lies in the data folder, in bytes."""
    return sum(file.stat().st_size for file in data.folder.path.rglob("*") if file.is_file())
