"""The verbs of a case: open it, log what was tried, add to it; close it with an outcome.

Who may is for the callers. Nothing of a case is taken back: it ends once, and what comes to be
known later is added.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Session

from backend import clock, config
from backend.booking.models import Booking, State
from backend.canteen.delivery import ending as delivery
from backend.canteen.models import MealService, Mode
from backend.canteen.ordering.models import MealOrder
from backend.canteen.serving import service as serving
from backend.canteen.serving.models import Proof, Way
from backend.canteen.welfare import absent, duty, telling
from backend.canteen.welfare.errors import CaseClosed, NothingBrought
from backend.canteen.welfare.ladder import rung_of, rungs
from backend.canteen.welfare.models import (
    Answer,
    Food,
    Outcome,
    Step,
    WelfareAddition,
    WelfareCase,
    WelfareStep,
)
from backend.db import AnyRow, table_of
from backend.errors import Invalid, NotFound

_case, _step, _more = table_of(WelfareCase), table_of(WelfareStep), table_of(WelfareAddition)
_booking, _service, _order = table_of(Booking), table_of(MealService), table_of(MealOrder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Something that was tried: what, when, what came of it; `key` makes it once."""

    step: Step
    answer: Answer
    at: datetime
    key: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a case ends, and where the meal went; `food_with` is the neighbour who has it."""

    outcome: Outcome
    food: Food
    food_with: str | None = None
    note: str | None = None


def open_case(
    session: Session, booking_id: int, *, staff_id: int, at: datetime, key: str, now: datetime
) -> int | None:
    """Nobody answered for this order at `at`: the open case about it, once; its id.

    None: no case, since the absence was announced before, or the meal has been handed over. A
    report of before a case was closed belongs to that case, which stays closed. Raises NotFound,
    NothingBrought.
    """
    meal = _brought(session, booking_id)
    at = _believed(meal, at, now)
    known = _known(session, booking_id, key, at)
    if known is not None:
        return known
    if meal.state == State.ATTENDED or absent.is_announced(session, meal.person_id, meal.day):
        return None
    opened = session.scalar(
        upsert(_case)
        .values(
            booking_id=booking_id, person_id=meal.person_id, opened_at=at, recorded_at=now,
            opened_by_id=staff_id, key=key,
        )
        .on_conflict_do_nothing()
        .returning(_case.c.id)
    )  # fmt: skip
    if opened is None:  # somebody else was faster
        return _known(session, booking_id, key, at)
    session.execute(
        insert(_step),
        [
            {"case_id": opened, "rung": rung, "step": step, "due_at": due_at}
            for rung, step, due_at in rungs(at, config.current().welfare_minutes)
        ],
    )
    raise_due(session, opened, now)
    return int(opened)


def raise_due(session: Session, case_id: int, now: datetime) -> int:
    """Raise the rungs that are due and not done, each once, and tell whom they concern; how many.

    A closed case raises nothing.
    """
    case = _locked(session, case_id)
    if case.closed_at is not None:
        return 0
    due = session.execute(
        update(_step)
        .where(
            _step.c.case_id == case_id, _step.c.due_at <= now, _step.c.raised_at.is_(None),
            _step.c.done_at.is_(None),
        )
        .values(raised_at=now)
        .returning(_step.c.step)
    ).all()  # fmt: skip
    raised = {row.step for row in due}
    if Step.CALL in raised:
        telling.ask_to_ring(session, case, now)
    if Step.FAMILY in raised:
        telling.tell_household(session, case, now)
    if Step.DUTY in raised:
        duty.write(session, case, now)
    return len(raised)


def log(session: Session, case_id: int, tried: Tried, *, staff_id: int, now: datetime) -> bool:
    """Write down what was tried: the rung it stands on is done; False if it was written before.

    Raises NotFound, CaseClosed.
    """
    case = _locked(session, case_id)
    known = select(_step.c.id).where(_step.c.key == tried.key)
    if session.execute(known).first() is not None:
        return False
    _check_open(case)
    done: dict[str, Any] = {
        "step": tried.step, "done_at": min(tried.at, now), "staff_id": staff_id,
        "answer": tried.answer, "note": tried.note, "key": tried.key,
    }  # fmt: skip
    rung = session.execute(
        update(_step)
        .where(
            _step.c.case_id == case_id, _step.c.rung == rung_of(tried.step),
            _step.c.done_at.is_(None),
        )
        .values(done)
        .returning(_step.c.id)
    ).first()  # fmt: skip
    if rung is None:
        session.execute(insert(_step).values(done | {"case_id": case_id}))
    return True


def close(
    session: Session, case_id: int, ending: Ending, *, staff_id: int, now: datetime
) -> bool:  # fmt: skip
    """It is known how they are, or somebody else looks; False if it ended just so before.

    A meal that was handed over is served. Who had been told is told how it ended. Raises NotFound,
    Invalid, CaseClosed.
    """
    _check(ending)
    if ending.food == Food.HANDED:
        _serve(session, case_id, staff_id, now)
    case = _locked(session, case_id)
    if case.closed_at is not None and (case.outcome, case.food) == (ending.outcome, ending.food):
        return False
    _check_open(case)
    session.execute(
        update(_case)
        .where(_case.c.id == case_id)
        .values(
            outcome=ending.outcome, food=ending.food, food_with=ending.food_with,
            note=ending.note, closed_at=now, closed_by_id=staff_id,
        )
    )  # fmt: skip
    telling.tell_ending(session, case, ending.outcome, now)
    return True


def answered(session: Session, booking_id: int, *, staff_id: int, now: datetime) -> int | None:
    """The courier came by once more and somebody opened: the open case ends well; its id.

    None: there was none.
    """
    case_id = session.scalar(
        select(_case.c.id).where(_case.c.booking_id == booking_id, _case.c.closed_at.is_(None))
    )
    if case_id is None:
        return None
    ending = Ending(outcome=Outcome.SAFE, food=Food.HANDED)
    return int(case_id) if close(session, case_id, ending, staff_id=staff_id, now=now) else None


def doubted(
    session: Session, served: AnyRow, reason: str, *, staff_id: int, now: datetime
) -> int | None:
    """A meal that ended a search was not handed over: that is added to the case; a new one's id.

    Opened on the day of the meal, where nothing else but the bag had spoken for somebody being
    well. None: there was no search, or whoever closed it has seen to the person.
    """
    case = session.execute(
        select(_case.c.id, _case.c.closed_at).where(
            _case.c.booking_id == served.booking_id, _case.c.food == Food.HANDED,
            _case.c.closed_at == served.recorded_at,
        )
    ).first()  # fmt: skip
    if case is None:
        return None
    add(
        session, case.id, _("送达登记撤销了：%(reason)s", reason=reason), staff_id=staff_id, now=now
    )
    if served.key == _key_of(case.id) or clock.today(served.at) != clock.today(now):
        return None
    key = f"doubted-{served.id}"
    return open_case(session, served.booking_id, staff_id=staff_id, at=now, key=key, now=now)


def add(session: Session, case_id: int, note: str, *, staff_id: int, now: datetime) -> None:
    """What came to be known after the end. Raises NotFound, Invalid for a case that is open."""
    if _locked(session, case_id).closed_at is None:
        raise Invalid({"note": [_("核实还没有结束，请写在经过里。")]})
    session.execute(insert(_more).values(case_id=case_id, at=now, staff_id=staff_id, note=note))


def _brought(session: Session, booking_id: int) -> AnyRow:
    row = session.execute(
        select(_booking.c.person_id, _booking.c.state, _service.c.day, _order.c.mode)
        .join(_service, _service.c.id == _booking.c.bookable_id)
        .join(_order, _order.c.booking_id == _booking.c.id)
        .where(_booking.c.id == booking_id)
    ).first()
    if row is None:
        raise NotFound()
    return row


def _believed(meal: AnyRow, at: datetime, now: datetime) -> datetime:
    """When it was: a device's clock may be wrong, but not by days.

    Raises NothingBrought where nobody was to be at the door.
    """
    there = (State.CONFIRMED, State.ATTENDED, State.MISSED)
    if meal.mode != Mode.DELIVERY or meal.state not in there or meal.day > clock.today(now):
        raise NothingBrought()
    return at if clock.today(at) == meal.day and at <= now else now


def _known(session: Session, booking_id: int, key: str, at: datetime) -> int | None:
    """The case that this report belongs to."""
    return session.scalar(
        select(_case.c.id)
        .where(
            _case.c.booking_id == booking_id,
            _case.c.closed_at.is_(None) | (_case.c.key == key) | (_case.c.closed_at >= at),
        )
        .order_by(_case.c.closed_at.is_not(None), _case.c.id.desc())
        .limit(1)
    )


def _serve(session: Session, case_id: int, staff_id: int, now: datetime) -> None:
    """The eater has the meal, if nobody has noted so before."""
    row = session.execute(
        select(_booking.c.id, _booking.c.state)
        .join(_case, _case.c.booking_id == _booking.c.id)
        .where(_case.c.id == case_id, _case.c.closed_at.is_(None))
    ).first()
    if row is not None and row.state in serving.UNSERVED:
        key = _key_of(case_id)
        serving.serve(
            session, row.id, way=Way.DOOR, proof=Proof.PERSON, staff_id=staff_id, at=now, key=key,
            now=now,
        )  # fmt: skip
        delivery.arrive(session, row.id, key, staff_id, now)


def _key_of(case_id: int) -> str:
    """Under which a meal is handed over that ends a case."""
    return f"welfare-{case_id}"


def _locked(session: Session, case_id: int) -> AnyRow:
    row = session.execute(select(_case).where(_case.c.id == case_id).with_for_update()).first()
    if row is None:
        raise NotFound()
    return row


def _check_open(case: AnyRow) -> None:
    if case.closed_at is not None:
        raise CaseClosed()


def _check(ending: Ending) -> None:
    if ending.food == Food.NEIGHBOUR and not ending.food_with:
        raise Invalid({"food_with": [_("请写明交给了哪位邻居。")]})
    if ending.food == Food.HANDED and ending.outcome in (Outcome.DUTY, Outcome.POLICE):
        raise Invalid({"food": [_("没有联系上本人，请选饭菜交给了邻居，还是带回食堂。")]})
