"""The tree of places as residents see it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db import AnyRow
from backend.errors import NotFound
from backend.places.models import Place, PlaceKind

_SHOWN = (Place.id, Place.parent_id, Place.name, Place.kind, Place.address, Place.phone)


def list_streets(session: Session) -> list[dict[str, Any]]:
    """Every street with its communities, in the order of their codes."""
    rows = session.execute(
        select(*_SHOWN)
        .where(Place.kind.in_((PlaceKind.STREET, PlaceKind.COMMUNITY)))
        .order_by(Place.code)
    ).all()
    below: dict[int | None, list[dict[str, Any]]] = {}
    for row in rows:
        if row.kind == PlaceKind.COMMUNITY:
            below.setdefault(row.parent_id, []).append(_shown(row))
    return [
        {"id": row.id, "name": row.name, "communities": below.get(row.id, [])}
        for row in rows
        if row.kind == PlaceKind.STREET
    ]


def list_below(session: Session, parent_id: int, kind: PlaceKind) -> list[dict[str, Any]]:
    """The places of `kind` right below `parent_id`. Raises NotFound if it is not of the level."""
    above = list(PlaceKind)[list(PlaceKind).index(kind) - 1]
    parent = session.execute(select(Place.kind).where(Place.id == parent_id)).scalar_one_or_none()
    if parent != above:
        raise NotFound()
    rows = session.execute(
        select(*_SHOWN).where(Place.parent_id == parent_id, Place.kind == kind).order_by(Place.code)
    )
    return [_shown(row) for row in rows]


def _shown(row: AnyRow) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "address": row.address, "phone": row.phone}
