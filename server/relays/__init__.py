"""The one HTTP client that speaks to destinations, and what it may reach."""
