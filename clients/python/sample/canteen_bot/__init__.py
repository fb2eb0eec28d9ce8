"""A bot that says hello and takes orders for lunch."""

from .bot import run, wish_for

__all__ = ["run", "wish_for"]
