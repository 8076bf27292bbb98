"""The list of postbacks."""
