"""The desktop of Tallyback: PySide6 on server.api alone."""
