"""The pages of the desktop; registry.py lists them in the order of the sidebar."""
