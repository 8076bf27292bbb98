"""The list of relays."""
