"""Evidence: what a request would do and why, and later lint, silence, reconciliation."""
