"""Predicted cost of code, before anyone runs it."""

__version__ = "0.1.0"
