"""Dialogs: the palette of commands, the evidence of a click, the first run."""
