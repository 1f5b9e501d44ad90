"""The cast of the console's tests serves the desk as well."""

from tests.admin.conftest import cast

__all__ = ["cast"]
