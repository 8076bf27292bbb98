"""The database: typed tables, engines, the writer, migrations. Storage does not decide and does not know HTTP."""
