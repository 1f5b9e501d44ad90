"""The cast of the console's tests serves here as well."""

from tests.admin.conftest import cast

__all__ = ["cast"]
