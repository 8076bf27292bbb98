"""The engine of Tallyback: no Qt anywhere in it."""

VERSION = "0.1.0"
