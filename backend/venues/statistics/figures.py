"""The figures of a room, of many, of a venue or a place: all of them add up."""

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Figures:
    """Minutes and counts, as `RoomDay` means them, over rooms and days."""

    open: int = 0
    used: int = 0
    lessons: int = 0
    blocked: int = 0
    outside: int = 0
    reservations: int = 0
    missed: int = 0
    late: int = 0
    declined: int = 0
    early_minutes: int = 0

    def add(self, other: "Figures") -> None:
        """Have the other's as well."""
        for name in NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))


NAMES = tuple(one.name for one in fields(Figures))
