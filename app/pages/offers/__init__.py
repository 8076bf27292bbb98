"""The offers: what a network pays for."""
