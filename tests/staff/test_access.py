"""The permission matrix, as a table, and scopes by the path of places."""

import pytest
from sqlalchemy import select

from backend.db import db
from backend.places.models import Place
from backend.staff.access import REACH, Permission, Reach, Scope, SignedInStaff
from backend.staff.models import Role
from tests.console import me_of
from tests.factories import Make

ALL, OWN, NO = "place", "own", "none"
MATRIX = {
    # manager, worker, teacher, clerk, cook, dispatcher, courier, counter, accountant
    "see_classes": (ALL, ALL, OWN, NO, NO, NO, NO, NO, NO),
    "take_attendance": (ALL, ALL, OWN, NO, NO, NO, NO, NO, NO),
    "manage_classes": (ALL, ALL, NO, NO, NO, NO, NO, NO, NO),
    "see_people": (ALL, ALL, NO, ALL, NO, NO, NO, NO, NO),
    "change_people": (ALL, ALL, NO, ALL, NO, NO, NO, NO, NO),
    "see_phones": (ALL, ALL, NO, ALL, NO, NO, NO, NO, NO),
    "book_for_people": (ALL, ALL, NO, NO, NO, NO, NO, NO, NO),
    "merge_people": (ALL, ALL, NO, NO, NO, NO, NO, NO, NO),
    "make_calls": (ALL, ALL, NO, OWN, NO, NO, NO, NO, NO),
    "run_markets": (ALL, ALL, NO, NO, NO, NO, NO, NO, NO),
    "plan_menus": (ALL, ALL, NO, ALL, NO, NO, NO, NO, NO),
    "order_meals": (ALL, ALL, NO, ALL, NO, NO, NO, NO, NO),
    "keep_accounts": (ALL, NO, NO, ALL, NO, NO, NO, NO, NO),
    "cook_meals": (ALL, NO, NO, ALL, ALL, NO, NO, NO, NO),
    "dispatch_meals": (ALL, NO, NO, ALL, NO, ALL, NO, NO, NO),
    "carry_meals": (ALL, ALL, NO, ALL, NO, ALL, ALL, NO, NO),
    "serve_meals": (ALL, NO, NO, ALL, NO, NO, NO, ALL, NO),
    "care": (ALL, ALL, NO, ALL, NO, ALL, NO, NO, NO),
    "set_subsidies": (ALL, NO, NO, NO, NO, NO, NO, NO, NO),
    "settle_meals": (ALL, NO, NO, NO, NO, NO, NO, NO, ALL),
    "see_settlement": (ALL, NO, NO, ALL, NO, NO, NO, NO, ALL),
    "edit_tables": (ALL, NO, NO, NO, NO, NO, NO, NO, NO),
    "manage_staff": (ALL, NO, NO, NO, NO, NO, NO, NO, NO),
    "see_audit": (ALL, NO, NO, NO, NO, NO, NO, NO, NO),
    "see_statistics": (ALL, ALL, NO, NO, NO, NO, NO, NO, NO),
}
ROLES = (
    Role.MANAGER, Role.WORKER, Role.TEACHER, Role.CLERK, Role.COOK, Role.DISPATCHER, Role.COURIER,
    Role.COUNTER, Role.ACCOUNTANT,
)  # fmt: skip


def test_the_matrix_is_as_agreed() -> None:
    agreed = {
        (Permission(permission), role): Reach(reach)
        for permission, row in MATRIX.items()
        for role, reach in zip(ROLES, row, strict=True)
    }
    assert agreed == REACH


def staff(*scopes: tuple[Role, str]) -> SignedInStaff:
    held = tuple(Scope(role, number, path, "") for number, (role, path) in enumerate(scopes))
    return SignedInStaff(1, "王敏", held)


@pytest.mark.parametrize(
    ("held", "permission", "path", "own", "may"),
    [
        ([(Role.WORKER, "/1/2/3/")], "see_people", "/1/2/3/", False, True),
        ([(Role.WORKER, "/1/2/3/")], "see_people", "/1/2/3/9/", False, True),
        ([(Role.WORKER, "/1/2/3/")], "see_people", "/1/2/", False, False),
        ([(Role.WORKER, "/1/2/3/")], "see_people", "/1/2/33/", False, False),
        ([(Role.WORKER, "/1/2/3/")], "manage_staff", "/1/2/3/", False, False),
        ([(Role.MANAGER, "/1/2/")], "manage_staff", "/1/2/3/", False, True),
        ([(Role.MANAGER, "/1/2/")], "manage_staff", "/1/4/5/", False, False),
        ([(Role.TEACHER, "/1/2/")], "take_attendance", "/1/2/3/", True, True),
        ([(Role.TEACHER, "/1/2/")], "take_attendance", "/1/2/3/", False, False),
        ([(Role.TEACHER, "/1/2/")], "take_attendance", "/1/4/5/", True, False),
        ([(Role.TEACHER, "/1/2/")], "see_people", "/1/2/3/", True, False),
        ([(Role.TEACHER, "/1/"), (Role.WORKER, "/1/4/5/")], "see_people", "/1/4/5/", False, True),
        ([(Role.CLERK, "/1/2/3/")], "keep_accounts", "/1/2/3/", False, True),
        ([(Role.CLERK, "/1/2/3/")], "keep_accounts", "/1/2/4/", False, False),
        ([(Role.CLERK, "/1/2/3/")], "manage_classes", "/1/2/3/", False, False),
        ([(Role.COOK, "/1/2/3/")], "cook_meals", "/1/2/3/", False, True),
        ([(Role.COOK, "/1/2/3/")], "see_people", "/1/2/3/", True, False),
        ([(Role.DISPATCHER, "/1/2/3/")], "dispatch_meals", "/1/2/3/", False, True),
        ([(Role.DISPATCHER, "/1/2/3/")], "care", "/1/2/4/", False, False),
        ([(Role.COURIER, "/1/2/3/")], "carry_meals", "/1/2/3/", False, True),
        ([(Role.COURIER, "/1/2/3/")], "dispatch_meals", "/1/2/3/", True, False),
        ([(Role.COUNTER, "/1/2/3/")], "serve_meals", "/1/2/3/", False, True),
        ([(Role.COUNTER, "/1/2/3/")], "see_people", "/1/2/3/", True, False),
        ([(Role.ACCOUNTANT, "/1/")], "settle_meals", "/1/2/3/", False, True),
        ([(Role.ACCOUNTANT, "/1/")], "keep_accounts", "/1/2/3/", True, False),
        ([], "see_classes", "/1/", True, False),
    ],
)
def test_who_may_what_where(held, permission, path, own, may) -> None:
    assert staff(*held).may(Permission(permission), path, own=own) is may


def test_paths_are_the_tops_only() -> None:
    me = staff((Role.WORKER, "/1/2/3/"), (Role.MANAGER, "/1/2/"), (Role.WORKER, "/1/7/8/"))
    assert me.paths(Permission.SEE_PEOPLE) == ("/1/2/", "/1/7/8/")
    assert me.paths(Permission.MANAGE_STAFF) == ("/1/2/",)


def test_the_filter_of_selects_agrees_with_may(make: Make, cast) -> None:
    places = db.session.scalars(select(Place)).all()
    for who in (cast.wang, cast.zhou, cast.lin, cast.chen):
        me = me_of(who)
        for permission in Permission:
            found = db.session.scalars(select(Place.id).where(me.covers(permission, Place.path)))
            expected = {place.id for place in places if me.may(permission, place.path)}
            assert set(found) == expected, (who.name, permission)
