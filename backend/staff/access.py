"""Who may do what where: one table of permissions, and scopes by the path of places.

A role at a place holds for it and all below it. A teacher's reach is their own classes there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy.orm import InstrumentedAttribute

from backend.places.models import PlaceKind
from backend.staff.models import Role

PathColumn = ColumnElement[str] | InstrumentedAttribute[str]
StaffColumn = ColumnElement[int | None] | InstrumentedAttribute[int | None]


class Permission(StrEnum):
    """One thing that staff may be allowed to do."""

    SEE_CLASSES = "see_classes"
    TAKE_ATTENDANCE = "take_attendance"
    MANAGE_CLASSES = "manage_classes"
    SEE_PEOPLE = "see_people"
    CHANGE_PEOPLE = "change_people"
    SEE_PHONES = "see_phones"
    BOOK_FOR_PEOPLE = "book_for_people"
    MERGE_PEOPLE = "merge_people"
    MAKE_CALLS = "make_calls"
    RUN_MARKETS = "run_markets"
    PLAN_MENUS = "plan_menus"
    ORDER_MEALS = "order_meals"
    KEEP_ACCOUNTS = "keep_accounts"
    COOK_MEALS = "cook_meals"
    SET_SUBSIDIES = "set_subsidies"
    EDIT_TABLES = "edit_tables"
    MANAGE_STAFF = "manage_staff"
    SEE_AUDIT = "see_audit"
    SEE_STATISTICS = "see_statistics"


class Reach(StrEnum):
    """How far a role carries a permission: the whole place, or one's own classes in it."""

    PLACE = "place"
    OWN = "own"
    NONE = "none"


_ALL, _OWN, _NO = Reach.PLACE, Reach.OWN, Reach.NONE
_ROLES = (Role.MANAGER, Role.WORKER, Role.TEACHER, Role.CLERK, Role.COOK)
_TABLE = {
    # permission                 manager worker teacher clerk cook
    Permission.SEE_CLASSES: (_ALL, _ALL, _OWN, _NO, _NO),
    Permission.TAKE_ATTENDANCE: (_ALL, _ALL, _OWN, _NO, _NO),
    Permission.MANAGE_CLASSES: (_ALL, _ALL, _NO, _NO, _NO),
    Permission.SEE_PEOPLE: (_ALL, _ALL, _NO, _ALL, _NO),
    Permission.CHANGE_PEOPLE: (_ALL, _ALL, _NO, _ALL, _NO),
    Permission.SEE_PHONES: (_ALL, _ALL, _NO, _ALL, _NO),
    Permission.BOOK_FOR_PEOPLE: (_ALL, _ALL, _NO, _NO, _NO),
    Permission.MERGE_PEOPLE: (_ALL, _ALL, _NO, _NO, _NO),
    Permission.MAKE_CALLS: (_ALL, _ALL, _NO, _ALL, _NO),
    Permission.RUN_MARKETS: (_ALL, _ALL, _NO, _NO, _NO),
    Permission.PLAN_MENUS: (_ALL, _ALL, _NO, _ALL, _NO),
    Permission.ORDER_MEALS: (_ALL, _ALL, _NO, _ALL, _NO),
    Permission.KEEP_ACCOUNTS: (_ALL, _NO, _NO, _ALL, _NO),
    Permission.COOK_MEALS: (_ALL, _NO, _NO, _ALL, _ALL),
    Permission.SET_SUBSIDIES: (_ALL, _NO, _NO, _NO, _NO),
    Permission.EDIT_TABLES: (_ALL, _NO, _NO, _NO, _NO),
    Permission.MANAGE_STAFF: (_ALL, _NO, _NO, _NO, _NO),
    Permission.SEE_AUDIT: (_ALL, _NO, _NO, _NO, _NO),
    Permission.SEE_STATISTICS: (_ALL, _ALL, _NO, _NO, _NO),
}
REACH: dict[tuple[Permission, Role], Reach] = {
    (permission, role): reach
    for permission, row in _TABLE.items()
    for role, reach in zip(_ROLES, row, strict=True)
}
"""The permission matrix."""

_ANY_LEVEL = (PlaceKind.DISTRICT, PlaceKind.STREET, PlaceKind.COMMUNITY)
LEVELS: dict[Role, tuple[PlaceKind, ...]] = {
    Role.MANAGER: _ANY_LEVEL,
    Role.WORKER: (PlaceKind.COMMUNITY,),
    Role.TEACHER: _ANY_LEVEL,
    Role.CLERK: _ANY_LEVEL,
    Role.COOK: _ANY_LEVEL,
}
"""On which levels of the tree a role can be given."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A role someone holds, and the place it is held at."""

    role: Role
    place_id: int
    path: str
    place_name: str

    def reaches(self, path: str) -> bool:
        """Whether the place behind `path` is this one or below it."""
        return path.startswith(self.path)


@dataclass(frozen=True, slots=True)
class SignedInStaff:
    """The member of staff who is signed in, with the roles they hold."""

    staff_id: int
    name: str
    roles: tuple[Scope, ...]
    username: str = ""
    language: str = "zh"
    must_change_password: bool = False
    session_hash: str = ""

    def holds(self, permission: Permission) -> bool:
        """Whether any role carries the permission anywhere."""
        return any(REACH[permission, scope.role] != Reach.NONE for scope in self.roles)

    def may(self, permission: Permission, place_path: str, *, own: bool = False) -> bool:
        """Whether they may do it at that place; `own`: it is about a class they teach."""
        return any(
            scope.reaches(place_path) and REACH[permission, scope.role] in _enough(own)
            for scope in self.roles
        )

    def paths(self, permission: Permission, reach: Reach = Reach.PLACE) -> tuple[str, ...]:
        """The tops of where the permission reaches, none below another."""
        held = sorted(s.path for s in self.roles if REACH[permission, s.role] == reach)
        return tuple(
            path for n, path in enumerate(held) if not any(path.startswith(h) for h in held[:n])
        )

    def covers(
        self, permission: Permission, path: PathColumn, teacher: StaffColumn | None = None
    ) -> ColumnElement[bool]:
        """The same as a filter of selects, on the column of a place's path.

        With `teacher` (the column of the teacher's staff id), own classes are let through for
        roles that reach no further.
        """
        whole = below(path, self.paths(permission))
        if teacher is None:
            return whole
        own = below(path, self.paths(permission, Reach.OWN))
        return or_(whole, and_(teacher == self.staff_id, own))


def _enough(own: bool) -> tuple[Reach, ...]:
    return (Reach.PLACE, Reach.OWN) if own else (Reach.PLACE,)


def below(path: PathColumn, tops: Iterable[str]) -> ColumnElement[bool]:
    """Whether `path` lies at or below any of `tops`; no tops, no rows."""
    return or_(false(), *(path.like(top + "%") for top in tops))
