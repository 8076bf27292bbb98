"""Reports: metrics and dimensions, one row of one table each, and the one query that combines them."""
