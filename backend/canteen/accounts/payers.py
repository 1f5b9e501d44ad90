"""Whose money is in a purse: the person's own, or that of a relative who paid in, for reads."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func
from sqlalchemy.orm import aliased

from backend.canteen.accounts.desk_models import Relative
from backend.canteen.accounts.models import Purse
from backend.canteen.accounts.wording import FAMILY, UNNAMED
from backend.db import AnyRow, table_of
from backend.people.masking import mask_phone
from backend.people.models import Account, Person
from backend.people.naming import shown_name
from backend.people.own_data import RELATION

_purse = table_of(Purse)
_account, _payer, _relative = aliased(Account), aliased(Person), aliased(Relative)
PAYER: tuple[Any, ...] = (
    _purse.c.payer_id, _purse.c.relative_id,
    func.coalesce(_relative.name, shown_name(_payer)).label("payer_name"),
    _relative.relation.label("payer_relation"), _relative.phone.label("payer_phone"),
)  # fmt: skip
"""What a select tells of who paid in; both ids are None for own money."""


def with_payer(found: Select[Any]) -> Select[Any]:
    """The select, from purses among others, joined with who paid in."""
    return (
        found.outerjoin(_account, _account.id == _purse.c.payer_id)
        .outerjoin(_payer, _payer.id == _account.person_id)
        .outerjoin(_relative, _relative.id == _purse.c.relative_id)
    )


def by(row: AnyRow) -> str:
    """Who brought the cash and gets it back, of a row with PAYER and the person's `name`.

    Relatives without an account are told with what they are to the person, and their phone masked.
    """
    if row.payer_id is None and row.relative_id is None:
        return str(row.name or UNNAMED)
    name = str(row.payer_name or FAMILY)
    if row.payer_phone is None:
        return name
    return str(
        _(
            "%(name)s（%(relation)s，%(phone)s）", name=name,
            relation=RELATION[row.payer_relation], phone=mask_phone(row.payer_phone),
        )
    )  # fmt: skip
