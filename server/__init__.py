"""The engine of Tallyback: no Qt anywhere in it."""
