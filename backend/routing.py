"""The rules of addresses, which learn to build an address when the first of it is built."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LateRule(Rule):
    """Werkzeug's compile a function for every address at the start, and most are never asked for.

    That was half of what it takes to make an application of some five hundred addresses.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made: Callable[..., tuple[str, str]] | None = None

        def build(rule: LateRule, **values: Any) -> tuple[str, str]:
            nonlocal made
            if made is None:
                made = super()._compile_builder(append_unknown)
            return made(rule, **values)

        return build
