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
    DISPATCH_MEALS = "dispatch_meals"
    CARRY_MEALS = "carry_meals"
    SERVE_MEALS = "serve_meals"
    CARE = "care"
    SET_SUBSIDIES = "set_subsidies"
    SETTLE_MEALS = "settle_meals"
    SEE_SETTLEMENT = "see_settlement"
    EDIT_TABLES = "edit_tables"
    MANAGE_STAFF = "manage_staff"
    SEE_AUDIT = "see_audit"
    SEE_STATISTICS = "see_statistics"


class Reach(StrEnum):
    """How far a role carries a permission: the whole place, or what is one's own in it: classes
    that one teaches, a canteen's meals.
    """

    PLACE = "place"
    OWN = "own"
    NONE = "none"


_MANAGER, _WORKER, _TEACHER, _CLERK, _COOK = (
    Role.MANAGER, Role.WORKER, Role.TEACHER, Role.CLERK, Role.COOK,
)  # fmt: skip
_DISPATCHER, _COURIER, _COUNTER, _ACCOUNTANT = (
    Role.DISPATCHER, Role.COURIER, Role.COUNTER, Role.ACCOUNTANT,
)  # fmt: skip
_WHOLE_PLACE: dict[Permission, tuple[Role, ...]] = {
    Permission.SEE_CLASSES: (_MANAGER, _WORKER),
    Permission.TAKE_ATTENDANCE: (_MANAGER, _WORKER),
    Permission.MANAGE_CLASSES: (_MANAGER, _WORKER),
    Permission.SEE_PEOPLE: (_MANAGER, _WORKER, _CLERK),
    Permission.CHANGE_PEOPLE: (_MANAGER, _WORKER, _CLERK),
    Permission.SEE_PHONES: (_MANAGER, _WORKER, _CLERK),
    Permission.BOOK_FOR_PEOPLE: (_MANAGER, _WORKER),
    Permission.MERGE_PEOPLE: (_MANAGER, _WORKER),
    Permission.MAKE_CALLS: (_MANAGER, _WORKER),
    Permission.RUN_MARKETS: (_MANAGER, _WORKER),
    Permission.PLAN_MENUS: (_MANAGER, _WORKER, _CLERK),
    Permission.ORDER_MEALS: (_MANAGER, _WORKER, _CLERK),
    Permission.KEEP_ACCOUNTS: (_MANAGER, _CLERK),
    Permission.COOK_MEALS: (_MANAGER, _CLERK, _COOK),
    Permission.DISPATCH_MEALS: (_MANAGER, _CLERK, _DISPATCHER),
    Permission.CARRY_MEALS: (_MANAGER, _WORKER, _CLERK, _DISPATCHER, _COURIER),
    Permission.SERVE_MEALS: (_MANAGER, _CLERK, _COUNTER),
    Permission.CARE: (_MANAGER, _WORKER, _CLERK, _DISPATCHER),
    Permission.SET_SUBSIDIES: (_MANAGER,),
    Permission.SETTLE_MEALS: (_MANAGER, _ACCOUNTANT),
    Permission.SEE_SETTLEMENT: (_MANAGER, _CLERK, _ACCOUNTANT),
    Permission.EDIT_TABLES: (_MANAGER,),
    Permission.MANAGE_STAFF: (_MANAGER,),
    Permission.SEE_AUDIT: (_MANAGER,),
    Permission.SEE_STATISTICS: (_MANAGER, _WORKER),
}
_OWN: dict[Permission, tuple[Role, ...]] = {
    Permission.SEE_CLASSES: (_TEACHER,),
    Permission.TAKE_ATTENDANCE: (_TEACHER,),
    Permission.MAKE_CALLS: (_CLERK,),
}


def _reach(permission: Permission, role: Role) -> Reach:
    if role in _WHOLE_PLACE[permission]:
        return Reach.PLACE
    return Reach.OWN if role in _OWN.get(permission, ()) else Reach.NONE


REACH: dict[tuple[Permission, Role], Reach] = {
    (permission, role): _reach(permission, role) for permission in Permission for role in Role
}
"""The permission matrix."""


def holders(permission: Permission) -> tuple[Role, ...]:
    """The roles that carry it, however far."""
    return tuple(role for role in Role if REACH[permission, role] != Reach.NONE)


_ANY_LEVEL = (PlaceKind.DISTRICT, PlaceKind.STREET, PlaceKind.COMMUNITY)
LEVELS: dict[Role, tuple[PlaceKind, ...]] = {
    role: (PlaceKind.COMMUNITY,) if role == Role.WORKER else _ANY_LEVEL for role in Role
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
