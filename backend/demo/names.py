"""Invented names (`names.json`): people by generation, streets, communities, estates, partners."""

import json
from pathlib import Path
from random import Random
from typing import Any

_LISTS: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))

# Each family name as often as its weight says: 王 seven times as often as 覃.
_SURNAMES: str = "".join(common * int(weight) for weight, common in _LISTS["surnames"].items())
_GIVEN: dict[str, dict[str, list[str]]] = {
    gender: {generation: listed.split() for generation, listed in by_generation.items()}
    for gender, by_generation in _LISTS["given"].items()
}

DISTRICT: str = _LISTS["district"]
STREETS: list[str] = _LISTS["streets"].split()
ORGANISATIONS: dict[str, list[str]] = _LISTS["organisations"]


def surname(rng: Random) -> str:
    """A family name, as common as in life."""
    return rng.choice(_SURNAMES)


def given(rng: Random, gender: str, birth_year: int) -> str:
    """A given name as parents chose them in the year of birth."""
    generation = "old" if birth_year < 1970 else "grown" if birth_year < 2008 else "young"
    return rng.choice(_GIVEN[gender][generation])


def communities(rng: Random, count: int) -> list[str]:
    """`count` different names of communities."""
    first, second = _LISTS["communities"]
    return [f"{name}社区" for name in rng.sample([a + b for a in first for b in second], count)]


def estates(rng: Random, count: int) -> list[str]:
    """`count` different names of estates."""
    first, second = (listed.split() for listed in _LISTS["estates"])
    return rng.sample([a + b for a in first for b in second], count)


def road(rng: Random) -> str:
    """A road and a number in it."""
    first, second = (list(listed) for listed in _LISTS["roads"])
    return f"{rng.choice(first)}{rng.choice(second)}路{rng.randint(1, 268)}号"
