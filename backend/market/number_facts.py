"""What taking a queue number looks at: one read for one call, or for a whole batch of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Date, FromClause, String, and_, bindparam, literal_column, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Select

from backend import clock
from backend.arrays import Rows
from backend.booking.models import Booking, State
from backend.db import BigInt, Prepared, UtcDateTime, table_of
from backend.errors import NotFound
from backend.market.models import IN_LINE, MarketDay, MarketSlot, Service, Stall, Ticket
from backend.people.models import AccessToken, Account, Person
from backend.people.queries import Resident, is_signed_in, may_act_for
from backend.places.models import Place

_stall, _day, _slot = table_of(Stall), table_of(MarketDay), table_of(MarketSlot)
_service = table_of(Service)
_person, _home = table_of(Person), table_of(Place).alias("home")
_token, _account = table_of(AccessToken), table_of(Account)
_held, _booking = table_of(Ticket).alias("held"), table_of(Booking)


@dataclass(frozen=True, slots=True)
class Wish:
    """A number at a stall for somebody, with the code that was on show.

    `anyway`: also if it looks as though the stall will close before their turn.
    """

    stall_id: int
    person_id: int
    code: str
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks for a number; the token's hash says who."""

    token_hash: str
    wish: Wish


def _base(joined: FromClause, account_id: Any, self_id: Any, *more: Any) -> Select[Any]:
    """Stall and person, with the number the person has there and the slot they booked."""
    held = and_(
        _held.c.stall_id == _stall.c.id,
        _held.c.person_id == _person.c.id,
        _held.c.stage.in_([literal_column(f"'{stage}'") for stage in IN_LINE]),
    )
    booked = (
        select(_booking.c.id)
        .join(_slot, _slot.c.id == _booking.c.bookable_id)
        .where(
            _slot.c.stall_id == _stall.c.id, _booking.c.person_id == _person.c.id,
            _booking.c.state == literal_column(f"'{State.CONFIRMED}'"),
        )
        .correlate(_stall, _person)
        .limit(1)
        .scalar_subquery()
    )  # fmt: skip
    return (
        select(
            _stall.c.id, _day.c.day, _stall.c.from_minute, _stall.c.until_minute,
            _stall.c.breaks, _stall.c.at_once, _stall.c.calls, _stall.c.last_number,
            _service.c.minutes, _stall.c.closed_at, _stall.c.min_age, _stall.c.max_age,
            _stall.c.home_place_id,
            _person.c.birth_date, _home.c.path.label("home_path"), _held.c.id.label("held_id"),
            _held.c.number.label("held_number"), booked.label("booking_id"), *more,
        )
        .select_from(
            joined.join(_day, _day.c.id == _stall.c.market_day_id)
            .join(_service, _service.c.id == _stall.c.service_id)
            .outerjoin(_home, _home.c.id == _person.c.home_place_id)
            .outerjoin(_held, held)
        )
        .where(
            _day.c.opened_at.is_not(None), _day.c.cancelled_at.is_(None), ~_stall.c.at_home,
            _person.c.merged_into_id.is_(None),
            may_act_for(_person.c.id, account_id, self_id, bindparam("today", type_=Date)),
        )
    )  # fmt: skip


_callers = Rows("caller", {"token_hash": String(), "stall_id": BigInt, "person_id": BigInt})
_caller = _callers.table

_FOR_ONE = Prepared(
    _base(
        _stall.join(_person, _person.c.id == bindparam("person_id")),
        bindparam("account_id"), bindparam("self_id"),
    ).where(_stall.c.id == bindparam("stall_id"))
)  # fmt: skip
_FOR_EACH = Prepared(
    _base(
        _caller.join(_token, _token.c.token_hash == _caller.c.token_hash)
        .join(_account, _account.c.id == _token.c.account_id)
        .join(_stall, _stall.c.id == _caller.c.stall_id)
        .join(_person, _person.c.id == _caller.c.person_id),
        _account.c.id, _account.c.person_id,
        _caller.c.no, _account.c.id.label("account_id"), _account.c.person_id.label("self_id"),
    ).where(is_signed_in(_token, _account, bindparam("now", type_=UtcDateTime)))
)  # fmt: skip


def for_one(session: Session, me: Resident, wish: Wish, now: datetime) -> Any:
    """The facts of one call. Raises NotFound for no such stall, and for people of others."""
    row = _FOR_ONE.first(
        session,
        {
            "stall_id": wish.stall_id, "person_id": wish.person_id, "account_id": me.account_id,
            "self_id": me.person_id, "today": clock.today(now),
        },
    )  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def for_each(
    session: Session, callers: Sequence[Caller], now: datetime
) -> list[tuple[Resident, Any] | None]:
    """Who each caller is, and the facts of their call (PostgreSQL).

    None for those who are not signed in, and where `for_one` would find nothing.
    """
    rows = [(one.token_hash, one.wish.stall_id, one.wish.person_id) for one in callers]
    found: list[tuple[Resident, Any] | None] = [None] * len(callers)
    asked = _callers.values(rows) | {"now": now, "today": clock.today(now)}
    for row in _FOR_EACH.all(session, asked):
        found[row.no - 1] = Resident(row.account_id, row.self_id), row
    return found
