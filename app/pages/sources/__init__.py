"""The sources: who sells the clicks."""
