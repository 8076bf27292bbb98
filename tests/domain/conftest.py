"""Rules are arithmetic: on a busy machine they may take their time, and no example fails for that."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("domain", deadline=None)
settings.load_profile("domain")
