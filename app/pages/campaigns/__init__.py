"""The campaigns: one source's traffic and where it goes."""
