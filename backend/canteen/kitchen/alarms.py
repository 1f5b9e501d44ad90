"""Clashes found after orders closed: at once on the cook's page, and on the call list."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from backend.booking import line as booking_line
from backend.booking.models import Bookable, Booking
from backend.canteen.eaters.clashes import Against
from backend.canteen.kitchen import lines, sheet
from backend.canteen.kitchen.lines import Line
from backend.canteen.kitchen.models import KitchenSheet, LateClash
from backend.canteen.models import Trait
from backend.db import table_of
from backend.reminders import reasons
from backend.reminders.models import Delivery, Kind, Reminder

_bookable, _booking = table_of(Bookable), table_of(Booking)
_sheet, _known = table_of(KitchenSheet), table_of(LateClash)
_GRAVE = {f"{Against.TRAIT}:{one}" for one in (Trait.HALAL, Trait.VEGETARIAN)}


def due(session: Session, now: datetime) -> Sequence[int]:
    """Meals that are closed and not yet over."""
    return session.scalars(
        select(_sheet.c.meal_service_id)
        .join(_bookable, _bookable.c.id == _sheet.c.meal_service_id)
        .where(_bookable.c.ends_at > now, _bookable.c.cancelled_at.is_(None))
        .order_by(_bookable.c.starts_at, _bookable.c.id)
    ).all()


def unknown(session: Session, meal_service_id: int) -> list[tuple[Line, list[str]]]:
    """Lines with grave clashes that nobody has been asked about; three reads."""
    before = lines.frozen(session, meal_service_id)
    changed = sheet.changes(before, lines.current(session, meal_service_id))
    found = [(one.line, [mark for mark in one.clashes if is_grave(mark)]) for one in changed]
    rows = session.execute(
        select(_known.c.booking_id, _known.c.menu_item_id, _known.c.mark)
        .join(_booking, _booking.c.id == _known.c.booking_id)
        .where(_booking.c.bookable_id == meal_service_id)
    )
    asked = {tuple(row) for row in rows}
    fresh = [
        (line, [one for one in marks if (line.booking_id, line.menu_item_id, one) not in asked])
        for line, marks in found
    ]
    return [(line, marks) for line, marks in fresh if marks]


def raise_for(session: Session, meal_service_id: int, now: datetime) -> int:
    """Put each on the call list, once, whoever finds it; how many people."""
    if not unknown(session, meal_service_id):
        return 0
    booking_line.lock(session, meal_service_id)
    found = unknown(session, meal_service_id)
    place_id = session.scalars(
        select(_bookable.c.place_id).where(_bookable.c.id == meal_service_id)
    ).one()
    for line, marks in found:
        for mark in marks:
            session.execute(
                insert(_known).values(
                    booking_id=line.booking_id, menu_item_id=line.menu_item_id, mark=mark,
                    found_at=now,
                )
            )  # fmt: skip
        account_id = session.scalars(
            select(_booking.c.account_id).where(_booking.c.id == line.booking_id)
        ).one()
        session.execute(
            insert(Reminder).values(
                kind=Kind.CHANGED, person_id=line.person_id, account_id=account_id,
                booking_id=line.booking_id,
                facts={"clash": line.dish, "marks": marks, "item": line.menu_item_id},
                state=Delivery.UNREACHED, reason=str(reasons.LATE_CLASH), place_id=place_id,
                due_at=now, settled_at=now, created_at=now,
            )
        )  # fmt: skip
    return len({line.booking_id for line, _marks in found})


def ask_again(session: Session, menu_item_id: int) -> None:
    """Another dish is cooked: whoever was asked about the one before is asked about this one."""
    session.execute(delete(_known).where(_known.c.menu_item_id == menu_item_id))


def is_grave(mark: str) -> bool:
    """Whether somebody has to be asked; the rest is a hint to the cook."""
    against = mark.partition(":")[0]
    return against in (Against.ALLERGEN, Against.AVOIDED) or mark in _GRAVE
