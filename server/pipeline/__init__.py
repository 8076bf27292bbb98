"""THE LINE, read in order: click.py, attribution.py, conversion.py, outbox.py, relay.py."""
