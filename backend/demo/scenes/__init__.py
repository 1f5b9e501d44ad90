"""Situations of a term, played through the services as residents and staff would.

What there is in bulk (enrolments, lines, attendance) is written as rows before; here is what needs
a story.
"""

from collections.abc import Callable

from backend.demo.scenes import (
    classes,
    counter,
    draws,
    families,
    lessons,
    next_term,
    rooms,
    standing,
)
from backend.demo.scenes.ground import Ground

_SCENES: tuple[Callable[[Ground], None], ...] = (
    classes.play,
    families.play,
    draws.play,
    counter.play,
    lessons.play,
    next_term.play,
    rooms.play,
    standing.play,
)


def play(ground: Ground) -> None:
    """All scenes, one after the other."""
    for scene in _SCENES:
        scene(ground)
