"""A bot that says hello and takes orders for lunch."""

from .bot import run

__all__ = ["run"]
