"""The catalog: ready-made templates of networks and sources, one TOML file of resources/ for each."""

from server.catalog.reading import BadTemplate, Catalog, NetworkTemplate, SourceTemplate, load_catalog

__all__ = ["BadTemplate", "Catalog", "NetworkTemplate", "SourceTemplate", "load_catalog"]
