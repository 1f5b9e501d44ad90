"""How a person is named where names are read: whoever deleted their account has none any more."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, String, bindparam, case

from backend.people.models import Person


def nameless() -> str:
    """What stands in place of the name of somebody who deleted their account."""
    return str(_("已注销用户"))


def shown_name(person: Any = Person) -> ColumnElement[str]:
    """The name, as a column of selects from `person` (or an alias of it)."""
    gone = bindparam("nameless", callable_=nameless, type_=String, unique=True)
    return case((person.deleted_at.is_not(None), gone), else_=person.name)
