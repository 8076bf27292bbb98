"""The list of clicks."""
