"""Pure rules: no I/O, no clock, no database, no web; testable as arithmetic."""
