"""When somebody deletes their account: money that was paid in is fetched first; notes go, and who
of the family paid in without an account.

Lines, receipts and tills stay without a name, so that the sums hold.
"""

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from backend.canteen.accounts.desk_models import Relative
from backend.canteen.accounts.errors import MoneyLeft
from backend.canteen.accounts.models import Entry, MealAccount, Purse, PurseKind
from backend.db import table_of
from backend.people.deleting import Deletion, forgets

_account, _purse, _entry = table_of(MealAccount), table_of(Purse), table_of(Entry)
_relative = table_of(Relative)


@forgets
def money_is_fetched_first(session: Session, done: Deletion) -> None:
    """Grants may be left behind, paid-in money may not. Raises MoneyLeft."""
    theirs = select(_account.c.id).where(_account.c.person_id.in_(done.person_ids))
    left = session.scalar(
        select(func.coalesce(func.sum(_purse.c.balance_fen), 0)).where(
            _purse.c.account_id.in_(theirs), _purse.c.kind != PurseKind.GRANT
        )
    )
    if left:
        raise MoneyLeft(int(left))
    purses = select(_purse.c.id).where(
        or_(_purse.c.account_id.in_(theirs), _purse.c.payer_id == done.account_id)
    )
    session.execute(
        update(_entry)
        .where(_entry.c.purse_id.in_(purses), _entry.c.note.is_not(None))
        .values(note=None)
    )
    session.execute(
        update(_relative)
        .where(_relative.c.account_id.in_(theirs))
        .values(name="", phone=None, phone_hash=None)
    )
