"""The staff console under `/admin`, rendered by the server."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the console's pages."""
