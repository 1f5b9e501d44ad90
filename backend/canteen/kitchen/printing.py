"""Labels are printed: all of a meal, or those that say something else than the ones in hand.

An order that is entered late, a stop in another run or at another place in it, a dish that is
replaced, a need noted late: each bag has a label that is true.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking, State
from backend.canteen.kitchen import labels, papers, queries
from backend.canteen.kitchen.lines import Line
from backend.canteen.kitchen.models import KitchenPaper, PaperKind
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.staff import audit
from backend.staff.access import SignedInStaff

_paper, _booking = table_of(KitchenPaper), table_of(Booking)


@dataclass(frozen=True, slots=True)
class Outdated:
    """A line without a true label; `was`: the stop on the one in hand, `is_new`: there is none."""

    line: Line
    was: str
    is_new: bool

    @property
    def moved(self) -> bool:
        """Whether it is carried in another run, or at another place in it."""
        return not self.is_new and self.was != labels.stop_of(self.line)


def outdated(session: Session, meal_service_id: int) -> list[Outdated]:
    """The lines whose labels are to be printed again, in the order of labels.

    Nothing before labels were printed at all; who has their meal needs none.
    """
    row = _kept(session, meal_service_id)
    if row is None or row.printed is None:
        return []
    standing = papers.standing(session, meal_service_id)
    return _outdated(session, meal_service_id, row.printed, standing)


def print_all(session: Session, me: SignedInStaff, meal_service_id: int, now: datetime) -> bytes:
    """Every label as orders and stops stand: those that lie ready, if they say so. Raises NotFound.

    What they say is known from then on.
    """
    meal, row = _found(session, me, meal_service_id)
    standing = papers.standing(session, meal_service_id)
    says = labels.said(standing)
    if says != row.says:
        drawn = papers.draw(session, meal_service_id, (PaperKind.LABELS,))[PaperKind.LABELS]
        papers.keep_anew(session, meal_service_id, drawn, now)
    _remember(session, me, meal, says, len(says), changed=False)
    pdf = papers.read(session, meal_service_id, PaperKind.LABELS)
    assert pdf is not None
    return pdf


def print_changed(session: Session, me: SignedInStaff, meal_service_id: int) -> bytes:
    """Only those that say something else than the ones in hand. Raises NotFound."""
    meal, row = _found(session, me, meal_service_id)
    standing = papers.standing(session, meal_service_id)
    says, printed = labels.said(standing), row.printed or {}
    found = _outdated(session, meal_service_id, printed, standing)
    keys = {labels.key_of(one.line) for one in found}
    after = printed | {key: says[key] for key in keys}
    _remember(session, me, meal, after, len(keys), changed=True)
    return papers.draw_labels(session, meal_service_id, standing, keys)


def _outdated(
    session: Session, meal_service_id: int, printed: dict[str, str], current: Sequence[Line]
) -> list[Outdated]:
    says, served = labels.said(current), _served(session, meal_service_id)
    found = []
    for line in labels.in_turn(current):
        key = labels.key_of(line)
        if line.booking_id not in served and printed.get(key) != says[key]:
            was = printed.get(key, "").partition(" ")[0]
            found.append(Outdated(line, was, is_new=key not in printed))
    return found


def _served(session: Session, meal_service_id: int) -> Collection[int]:
    """Orders that were handed over."""
    return set(
        session.scalars(
            select(_booking.c.id).where(
                _booking.c.bookable_id == meal_service_id, _booking.c.state == State.ATTENDED
            )
        )
    )


def _kept(session: Session, meal_service_id: int, *, locked: bool = False) -> AnyRow | None:
    """The labels that lie ready."""
    found = select(_paper.c.says, _paper.c.printed).where(
        _paper.c.meal_service_id == meal_service_id, _paper.c.kind == PaperKind.LABELS
    )
    return session.execute(found.with_for_update() if locked else found).first()


def _found(session: Session, me: SignedInStaff, meal_service_id: int) -> tuple[AnyRow, AnyRow]:
    meal = queries.find_meal(session, me, meal_service_id)
    row = _kept(session, meal.id, locked=True)
    if row is None:
        raise NotFound()
    return meal, row


def _remember(
    session: Session, me: SignedInStaff, meal: AnyRow, printed: dict[str, str], count: int, *,
    changed: bool,
) -> None:  # fmt: skip
    session.execute(
        update(_paper)
        .where(_paper.c.meal_service_id == meal.id, _paper.c.kind == PaperKind.LABELS)
        .values(printed=printed)
    )
    audit.record(
        session, me.staff_id, "meal.labels", "meal_service", meal.id,
        after={"labels": count, "changed": changed}, place_id=meal.place_id,
    )  # fmt: skip
