"""The networks: who pays for conversions."""
