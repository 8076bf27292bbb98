"""Today: what came in, what it earned, and what needs a hand."""
