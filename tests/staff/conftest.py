"""The cast of the console's tests, and passwords that take no time."""

import pytest
from argon2 import PasswordHasher

from backend.staff import passwords
from tests.admin.conftest import cast

__all__ = ["cast"]


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real argon2, with the least of its costs."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    passwords.nobodys_hash.cache_clear()
