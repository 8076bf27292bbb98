"""The list of conversions."""
