"""Templates of classes: saved from a class, listed where they are kept, thrown away."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.db import AnyRow, RunAgain, table_of
from backend.errors import Invalid, NotFound
from backend.night_school.admission.carrying import Rules
from backend.night_school.planning.models import RunTemplate
from backend.night_school.planning.starting import Values, from_run
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

_template, _place = table_of(RunTemplate), table_of(Place)


def save(session: Session, me: SignedInStaff, run_id: int, name: str) -> None:
    """Keep what a class was planned by under a name of its place.

    Raises NotFound, and Invalid for a name that is there already.
    """
    values = from_run(session, me, run_id)
    place_id = values["place_id"]
    same = select(_template.c.id).where(_template.c.place_id == place_id, _template.c.name == name)
    if session.execute(same).first() is not None:
        raise Invalid({"name": [_("已经有叫“%(name)s”的模板了。", name=name)]})
    try:
        ident = session.execute(
            insert(_template)
            .values(place_id=place_id, name=name, settings=values)
            .returning(_template.c.id)
        ).scalar_one()
    except IntegrityError as error:
        raise RunAgain() from error  # somebody took the name meanwhile: the next try sees it
    audit.record(
        session, me.staff_id, "template.save", "run_template", ident, place_id=place_id,
        after={"name": name, "from": run_id},
    )  # fmt: skip


def list_templates(session: Session, me: SignedInStaff) -> list[dict[str, Any]]:
    """The templates in reach, by place and name."""
    rows = session.execute(
        select(_template.c.id, _template.c.name, _place.c.name.label("place_name"))
        .join_from(_template, _place, _place.c.id == _template.c.place_id)
        .where(me.covers(Permission.MANAGE_CLASSES, _place.c.path))
        .order_by(_place.c.path, _template.c.name)
    )
    return [dict(row._mapping) for row in rows]


def values_of(session: Session, me: SignedInStaff, template_id: int) -> Values:
    """The form's values by field, and its `rules`. Raises NotFound."""
    return dict(_access(session, me, template_id).settings) | {"template_id": template_id}


def rules_of(
    session: Session, me: SignedInStaff, *, template_id: int | None, like_run_id: int | None
) -> Rules:
    """The rules that come along to a class planned after a template or another class.

    Raises NotFound.
    """
    if template_id is not None:
        return dict(_access(session, me, template_id).settings.get("rules", {}))
    return dict(from_run(session, me, like_run_id)["rules"]) if like_run_id is not None else {}


def throw_away(session: Session, me: SignedInStaff, template_id: int) -> None:
    """The template is gone; classes opened from it stay as they are. Raises NotFound."""
    found = _access(session, me, template_id)
    session.execute(delete(_template).where(_template.c.id == template_id))
    audit.record(
        session, me.staff_id, "template.delete", "run_template", template_id,
        place_id=found.place_id, before={"name": found.name},
    )  # fmt: skip


def _access(session: Session, me: SignedInStaff, template_id: int) -> AnyRow:
    row = session.execute(
        select(_template.c.place_id, _template.c.name, _template.c.settings)
        .join_from(_template, _place, _place.c.id == _template.c.place_id)
        .where(_template.c.id == template_id, me.covers(Permission.MANAGE_CLASSES, _place.c.path))
    ).first()
    if row is None:
        raise NotFound()
    return row
