"""Reads of subsidy rules for staff: the list, and one rule with all its versions in words."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.canteen.pricing.facts import rule_of
from backend.canteen.pricing.models import SubsidyRule, SubsidyVersion
from backend.canteen.pricing.wording import sentences
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff
from backend.staff.models import Staff

SEE, SET = Permission.ORDER_MEALS, Permission.SET_SUBSIDIES

_rule, _version, _place = table_of(SubsidyRule), table_of(SubsidyVersion), table_of(Place)
_home, _staff = table_of(Place).alias("home"), table_of(Staff)


class Stage(StrEnum):
    """What a version is on a day."""

    DRAFT = "draft"
    COMING = "coming"
    IN_FORCE = "in_force"
    REPLACED = "replaced"
    OVER = "over"


def holds_for(me: SignedInStaff) -> ColumnElement[bool]:
    """Rules of their places, and of those above: they hold there, too."""
    above = {int(one) for path in me.paths(SEE) for one in path.strip("/").split("/")}
    return me.covers(SEE, _place.c.path) | _place.c.id.in_(above)


def list_rules(session: Session, me: SignedInStaff, today: date) -> list[dict[str, Any]]:
    """The rules that hold in their places, each as its version in force, or the nearest to it."""
    found: dict[int, list[AnyRow]] = {}
    for row in _rows(session, me):
        found.setdefault(row.rule_id, []).append(row)
    return [_summed_up(me, rows, today) for rows in found.values()]


def get_rule(session: Session, me: SignedInStaff, rule_id: int, today: date) -> dict[str, Any]:
    """One rule with its versions, the newest first. Raises NotFound."""
    rows = _rows(session, me, rule_id)
    if not rows:
        raise NotFound()
    return _summed_up(me, rows, today)


def _summed_up(me: SignedInStaff, rows: Sequence[AnyRow], today: date) -> dict[str, Any]:
    versions = [
        {
            "id": row.id, "version": row.version, "starts_on": row.starts_on,
            "ends_on": row.ends_on, "published_at": row.published_at,
            "staff_name": row.staff_name, "stage": stage,
            "says": sentences(rule_of(row), row.home_name), "row": row,
        }
        for row, stage in zip(rows, stages(rows, today), strict=True)
    ]  # fmt: skip
    order = (Stage.IN_FORCE, Stage.COMING, Stage.OVER, Stage.DRAFT)
    shown = min(
        (one for one in versions if one["stage"] in order),
        key=lambda one: order.index(one["stage"]),
    )
    first = rows[0]
    return {
        "id": first.rule_id, "name": first.name, "place_name": first.place_name,
        "path": first.path, "ends_on": first.rule_ends_on, "versions": versions[::-1],
        "shown": shown, "has_draft": versions[-1]["stage"] is Stage.DRAFT,
        "may_set": me.may(SET, first.path),
    }  # fmt: skip


def stages(rows: Sequence[AnyRow], today: date) -> list[Stage]:
    """What each version of one rule is today, given in their order.

    A published version is replaced as soon as a later one begins no later than it would.
    """
    found = []
    for at, row in enumerate(rows):
        later = [one.starts_on for one in rows[at + 1 :] if one.published_at is not None]
        is_over = any(day is not None and day < today for day in (row.ends_on, row.rule_ends_on))
        if row.published_at is None:
            found.append(Stage.DRAFT)
        elif any(day <= max(today, row.starts_on) for day in later):
            found.append(Stage.REPLACED)
        elif is_over:
            found.append(Stage.OVER)
        else:
            found.append(Stage.COMING if today < row.starts_on else Stage.IN_FORCE)
    return found


def _rows(session: Session, me: SignedInStaff, rule_id: int | None = None) -> Sequence[AnyRow]:
    found = (
        select(
            *_version.c, _rule.c.name, _rule.c.ends_on.label("rule_ends_on"), _place.c.path,
            _place.c.name.label("place_name"), _home.c.path.label("home_path"),
            _home.c.name.label("home_name"), _staff.c.name.label("staff_name"),
        )
        .join(_rule, _rule.c.id == _version.c.rule_id)
        .join(_place, _place.c.id == _rule.c.place_id)
        .outerjoin(_home, _home.c.id == _version.c.home_place_id)
        .outerjoin(_staff, _staff.c.id == _version.c.staff_id)
        .where(holds_for(me))
        .order_by(_place.c.path, _rule.c.id, _version.c.version)
    )  # fmt: skip
    if rule_id is not None:
        found = found.where(_rule.c.id == rule_id)
    return session.execute(found).all()
