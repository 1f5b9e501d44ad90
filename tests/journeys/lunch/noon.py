"""At noon bags go to doors, some ticked without a network; three people do not open."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.canteen.carrying import claiming, ticking
from backend.canteen.carrying.errors import NotAllSettled, RunTaken
from backend.canteen.carrying.ticking import Outcome as Happened
from backend.canteen.carrying.ticking import Tick
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop, Reason
from backend.canteen.welfare import service as welfare
from backend.canteen.welfare.ladder import LADDER
from backend.canteen.welfare.models import Food, Outcome, WelfareCase, WelfareStep
from backend.canteen.welfare.service import Ending
from backend.db import AnyRow, db, transaction
from backend.staff.access import SignedInStaff
from backend.staff.models import Role
from tests.console import me_of
from tests.journeys.lunch.district import DAY, Town

OUT = clock.at_minute(DAY, 10 * 60 + 40)
CLOSED = 3
"""Stops of the first run at which nobody opens."""


def carry(town: Town) -> None:
    """Couriers claim runs, leave, tick and come back; the first run has those who do not open."""
    couriers = [me_of(one) for one in town.staff[Role.COURIER]]
    runs = db.session.scalars(select(DeliveryRun.id).order_by(DeliveryRun.number)).all()
    shared = {run_id: couriers[at % len(couriers)] for at, run_id in enumerate(runs)}
    with clock.frozen(OUT):
        for run_id, me in shared.items():
            with transaction() as session:
                claiming.claim(session, me, run_id, OUT)
        with pytest.raises(RunTaken), transaction() as session:
            claiming.claim(session, couriers[1], runs[0], OUT)
    for run_id, me in shared.items():
        walk(run_id, me, shut=CLOSED if run_id == runs[0] else 0)
    look_for(town, runs[0], shared[runs[0]])


def walk(run_id: int, me: SignedInStaff, shut: int) -> None:
    """Out at 10:40, a stop a minute; every other run is ticked in a cellar and sent at the end."""
    with clock.frozen(OUT), transaction() as session:
        claiming.leave(session, me, run_id, 2, OUT)
    stops = _stops(run_id)
    end = OUT + timedelta(minutes=len(stops) + 1)
    for minute, stop in enumerate(stops, 1):
        at = OUT + timedelta(minutes=minute)
        told = at if run_id % 2 else end
        _tick(run_id, me, stop, at, told, opens=minute > shut)
        if minute % 7 == 0:
            _tick(run_id, me, stop, at, end, opens=minute > shut)
    with clock.frozen(end):
        if shut:
            with pytest.raises(NotAllSettled), transaction() as session:
                claiming.back(session, me, run_id, 2, end)
            return
        with transaction() as session:
            claiming.back(session, me, run_id, 2, end)


def look_for(town: Town, run_id: int, me: SignedInStaff) -> None:
    """One opens after all, one is away, one in hospital; then the run can be closed."""
    worker = town.staff[Role.WORKER][0].id
    late = OUT + timedelta(minutes=35)
    with clock.frozen(late):
        town.work("raise welfare steps")
        cases = db.session.scalars(select(WelfareCase).order_by(WelfareCase.id)).all()
        assert len(cases) == CLOSED
        raised = select(WelfareStep.step).where(
            WelfareStep.case_id == cases[0].id, WelfareStep.raised_at.is_not(None)
        )
        assert sorted(db.session.scalars(raised)) == sorted(LADDER)
        endings = (
            Ending(outcome=Outcome.AWAY, food=Food.TAKEN_BACK, note="在女儿家"),
            Ending(outcome=Outcome.HOSPITAL, food=Food.NEIGHBOUR, food_with="302赵阿姨"),
        )
        others = [one.id for one in cases[1:]]
        stop = _stops(run_id)[0]
        assert stop.booking_id == cases[0].booking_id
        undone = Tick(outcome=Happened.UNDO, key=f"undo-{stop.id}", at=late)
        with transaction() as session:
            ticking.tick(session, me, run_id, stop.id, undone, late)
        _tick(run_id, me, stop, late, late, opens=True, key="again")
        for case_id, ending in zip(others, endings, strict=True):
            with transaction() as session:
                assert welfare.close(session, case_id, ending, staff_id=worker, now=late)
        with transaction() as session:
            claiming.back(session, me, run_id, 2, late)
    outcomes = select(WelfareCase.outcome).order_by(WelfareCase.id)
    assert db.session.scalars(outcomes).all() == [Outcome.SAFE, Outcome.AWAY, Outcome.HOSPITAL]


def _stops(run_id: int) -> Sequence[AnyRow]:
    return db.session.execute(
        select(DeliveryStop.id, DeliveryStop.booking_id, Booking.short_code)
        .join(Booking, Booking.id == DeliveryStop.booking_id)
        .where(DeliveryStop.run_id == run_id)
        .order_by(DeliveryStop.seq)
    ).all()


def _tick(
    run_id: int, me: SignedInStaff, stop: AnyRow, at: datetime, told: datetime, *,
    opens: bool, key: str = "",
) -> None:  # fmt: skip
    """Handed over against the code, or nobody opens; sent at `told`."""
    what = {"outcome": Happened.DONE, "code": stop.short_code} if opens else {
        "outcome": Happened.FAILED, "reason": Reason.NO_ANSWER
    }  # fmt: skip
    with clock.frozen(told), transaction() as session:
        ticked = Tick(key=f"{key}{stop.id}", at=at, **what)
        ticking.tick(session, me, run_id, stop.id, ticked, told)
