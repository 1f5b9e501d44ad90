"""Relatives without an account who bring cash: noted by name and phone, for one resident each."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from backend.canteen.accounts import ledger
from backend.canteen.accounts.desk_models import Relative
from backend.canteen.accounts.models import MealAccount
from backend.db import table_of
from backend.errors import NotFound
from backend.people import crypto
from backend.people.models import Relation
from backend.staff.access import SignedInStaff

_relative, _account = table_of(Relative), table_of(MealAccount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Who they are, and what they are to the resident."""

    name: str
    phone: str
    relation: Relation


def find(
    session: Session, me: SignedInStaff, person_id: int, relative_id: int | None,
    named: Named | None, now: datetime,
) -> int | None:  # fmt: skip
    """The id of the resident's relative who pays, noted now if nobody has this name and phone.

    None where neither is given. Raises NotFound for a relative of somebody else.
    """
    if named is not None:
        return _note(session, me, ledger.account_of(session, person_id, now), named, now)
    if relative_id is None:
        return None
    known = session.scalar(
        select(_relative.c.id)
        .join(_account, _account.c.id == _relative.c.account_id)
        .where(_relative.c.id == relative_id, _account.c.person_id == person_id)
    )
    if known is None:
        raise NotFound()
    return relative_id


def _note(session: Session, me: SignedInStaff, account_id: int, named: Named, now: datetime) -> int:
    # Whoever notes the same relative at this moment waits here, and then finds them.
    session.execute(select(_account.c.id).where(_account.c.id == account_id).with_for_update())
    same = {
        "account_id": account_id, "name": named.name, "phone_hash": crypto.phone_hash(named.phone),
    }  # fmt: skip
    found = session.scalar(
        select(func.min(_relative.c.id)).where(*(_relative.c[key] == same[key] for key in same))
    )
    if found is not None:
        return int(found)
    values = {
        "phone": named.phone, "relation": named.relation, "staff_id": me.staff_id, "noted_at": now,
    }  # fmt: skip
    noted = insert(_relative).values(same | values).returning(_relative.c.id)
    return int(session.scalars(noted).one())
