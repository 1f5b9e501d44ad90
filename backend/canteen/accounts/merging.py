"""When two entries for one human become one, their purses stand on one account.

Lines, holds and receipts point at purses, so that nothing else has to move.
"""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.canteen.accounts.desk_models import Relative
from backend.canteen.accounts.models import MealAccount, Purse
from backend.db import table_of
from backend.people.merging import Merge, follows

_account, _purse = table_of(MealAccount), table_of(Purse)
_relative = table_of(Relative)


@follows
def purses_follow(session: Session, done: Merge) -> None:
    """The one account moves; of two, the second takes over all purses and who pays in. What they
    paid in for others is theirs still.
    """
    if done.from_account_id is not None:
        session.execute(
            update(_purse)
            .where(_purse.c.payer_id == done.from_account_id)
            .values(payer_id=done.into_account_id)
        )
    found = {
        row.person_id: row.id
        for row in session.execute(
            select(_account.c.id, _account.c.person_id)
            .where(_account.c.person_id.in_((done.from_id, done.into_id)))
            .order_by(_account.c.id)
            .with_for_update()
        )
    }
    gone, kept = found.get(done.from_id), found.get(done.into_id)
    if gone is None:
        return
    if kept is None:
        session.execute(
            update(_account).where(_account.c.id == gone).values(person_id=done.into_id)
        )
        return
    for table in (_purse, _relative):
        session.execute(update(table).where(table.c.account_id == gone).values(account_id=kept))
    session.execute(delete(_account).where(_account.c.id == gone))
