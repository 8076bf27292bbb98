"""Catalog, icons, style and translations: data only."""
