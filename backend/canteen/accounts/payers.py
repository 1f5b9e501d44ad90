"""Whose money is in a purse: the person's own, or that of a relative who paid in, for reads."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import aliased

from backend.canteen.accounts.models import Purse
from backend.canteen.accounts.wording import FAMILY, UNNAMED
from backend.db import AnyRow, table_of
from backend.people.models import Account, Person
from backend.people.naming import shown_name

_purse = table_of(Purse)
_account, _payer = aliased(Account), aliased(Person)
PAYER: tuple[Any, ...] = (_purse.c.payer_id, shown_name(_payer).label("payer_name"))
"""What a select tells of who paid in; `payer_id` is None for own money."""


def with_payer(found: Select[Any]) -> Select[Any]:
    """The select, from purses among others, joined with who paid in."""
    return found.outerjoin(_account, _account.id == _purse.c.payer_id).outerjoin(
        _payer, _payer.id == _account.person_id
    )


def by(row: AnyRow) -> str:
    """Who brought the cash and gets it back, of a row with PAYER and the person's `name`."""
    if row.payer_id is None:
        return str(row.name or UNNAMED)
    return str(row.payer_name or FAMILY)
