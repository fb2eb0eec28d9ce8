"""What tests want to be read: pytest prints it at the end."""

TABLES = {}
"""Rows of words by the title of their table."""
