"""How a meal's lines are arranged for those who cook: by dish, special diets, what has changed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from backend.canteen.eaters.clashes import Against
from backend.canteen.eaters.models import Texture
from backend.canteen.kitchen.lines import Line
from backend.canteen.models import Mode


@dataclass(slots=True)
class DishRow:
    """How many portions of one dish: in all, by texture, by mode; `special` ones among them."""

    menu_item_id: int
    dish: str
    portions: int = 0
    special: int = 0
    textures: Counter[str] = field(default_factory=Counter)
    modes: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Special:
    """Portions that are cooked alike for the same reason, with those who eat them."""

    texture: str
    marks: tuple[str, ...]
    portions: int = 0
    dishes: dict[str, list[Line]] = field(default_factory=dict)

    def count(self, dish: str) -> int:
        """The portions of one of its dishes."""
        return sum(line.portions for line in self.dishes[dish])


@dataclass(frozen=True, slots=True)
class Sheet:
    """The production sheet of a meal, arranged."""

    orders: int
    portions: int
    dishes: list[DishRow]
    specials: list[Special]
    modes: Counter[str]
    lost: list[Line]

    @property
    def textures(self) -> list[str]:
        """Those that somebody needs, in their order."""
        return [one for one in Texture if any(row.textures[one] for row in self.dishes)]

    @property
    def ways(self) -> list[str]:
        """How somebody gets the meal, in their order."""
        return [one for one in Mode if self.modes[one]]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one line since the sheet was frozen; `before` or `after` may be nothing."""

    before: Line | None
    after: Line | None

    @property
    def line(self) -> Line:
        """Whose it is, and of which dish."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def portions(self) -> int:
        """How many more are cooked, or fewer."""
        return (self.after.portions if self.after else 0) - (
            self.before.portions if self.before else 0
        )

    @property
    def clashes(self) -> tuple[str, ...]:
        """What speaks against the dish now and did not when orders were closed."""
        known = self.before.marks if self.before else ()
        return tuple(one for one in (self.after.marks if self.after else ()) if one not in known)


def arrange(lines: Sequence[Line]) -> Sheet:
    """The lines of a meal as those who cook read them. Nobody drops off."""
    dishes: dict[int, DishRow] = {}
    for line in lines:
        row = dishes.setdefault(line.menu_item_id, DishRow(line.menu_item_id, line.dish))
        row.portions += line.portions
        row.special += line.portions if line.special else 0
        row.textures[line.texture] += line.portions
        row.modes[line.mode] += line.portions
    modes: Counter[str] = Counter()
    for line in lines:
        modes[line.mode] += line.portions
    return Sheet(
        len({line.booking_id for line in lines}), sum(line.portions for line in lines),
        list(dishes.values()), _specials(lines), modes, _once([one for one in lines if one.lost]),
    )  # fmt: skip


def changes(before: Iterable[Line], after: Iterable[Line]) -> list[Change]:
    """What is different now, dish by dish; new clashes first."""
    was = {(one.menu_item_id, one.booking_id): one for one in before}
    now = {(one.menu_item_id, one.booking_id): one for one in after}
    found = [
        Change(was.get(key), now.get(key))
        for key in sorted(was.keys() | now.keys())
        if _cooked(was.get(key)) != _cooked(now.get(key))
    ]
    return sorted(found, key=lambda one: not one.clashes)


def _cooked(line: Line | None) -> tuple[object, ...] | None:
    """What of a line concerns the kitchen; that a dish is replaced is told once for all."""
    if line is None:
        return None
    return (line.portions, line.mode, line.texture, line.marks)


def _specials(lines: Iterable[Line]) -> list[Special]:
    """Allergies first, then other clashes, then textures alone; of each the largest group first."""
    groups: dict[tuple[str, tuple[str, ...]], Special] = {}
    for line in lines:
        if line.special:
            group = groups.setdefault((line.texture, line.marks), Special(line.texture, line.marks))
            group.portions += line.portions
            group.dishes.setdefault(line.dish, []).append(line)
    return sorted(
        groups.values(),
        key=lambda one: (
            not one.marks,
            not any(mark.startswith(Against.ALLERGEN) for mark in one.marks),
            -one.portions,
        ),
    )


def _once(lines: Iterable[Line]) -> list[Line]:
    """One line for each order."""
    return list({line.booking_id: line for line in lines}.values())
