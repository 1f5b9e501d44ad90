"""At the counter: fees that are paid, waived and given back, a late goodbye, a change of class."""

from datetime import timedelta

from backend.booking import service as booking
from backend.booking.models import State
from backend.booking.service import Actor
from backend.demo.plan import Stage
from backend.demo.scenes.ground import AFTER_LUNCH, LATER, OWN_CENTRE, SATURDAY, SUNDAY, Ground
from backend.night_school import transfers
from backend.night_school.fees import service as fees
from backend.night_school.fees.models import FeeState, Method

NINE = 9 * 60
ENROLLED, PAID = 11, 7
METHODS = (Method.SCAN, Method.CASH, Method.SCAN, Method.TRANSFER)


def play(ground: Ground) -> None:
    """In the demo worker's community."""
    _fees(ground)
    _leaves_late(ground)
    _waits_to_change(ground)


def _fees(ground: Ground) -> None:
    """Most have paid, one need not, one has left and got the money back, one waits for it."""
    opens = ground.at(-4, NINE)
    run_id = ground.plan("tiedye", OWN_CENTRE, (SATURDAY, AFTER_LUNCH), opens=opens)
    bookings = [
        ground.enrol(run_id, one, opens + timedelta(minutes=35 * number))
        for number, one in enumerate(
            ground.free(ENROLLED, ground.near(OWN_CENTRE), ground.aged(22, 70))
        )
    ]
    for number, one in enumerate(bookings[:PAID]):
        _mark(ground, run_id, one, FeeState.PAID, number, method=METHODS[number % len(METHODS)])
    _mark(ground, run_id, bookings[PAID], FeeState.WAIVED, PAID, note="低保家庭，费用由社区承担")
    for one in bookings[:2]:
        with ground.when(ground.now - timedelta(hours=6)) as at:
            actor = Actor(staff_id=ground.staff("worker").staff_id)
            booking.cancel(ground.session, one, actor, at, "本人打电话来退课")
    _mark(
        ground, run_id, bookings[0], FeeState.REFUNDED, 0, method=METHODS[0], note="原路退回",
        ago=timedelta(hours=5),
    )  # fmt: skip


def _mark(
    ground: Ground, run_id: int, booking_id: int, state: FeeState, number: int, *,
    method: Method | None = None, note: str | None = None,
    ago: timedelta = timedelta(hours=20),
) -> None:  # fmt: skip
    with ground.when(ground.now - ago + timedelta(minutes=4 * number)) as at:
        fees.mark(
            ground.session, ground.staff("worker"), run_id, booking_id, at,
            state=state, method=method, note=note,
        )  # fmt: skip


def _leaves_late(ground: Ground) -> None:
    """Somebody gives a place back after the deadline, which the history keeps."""
    one = next(
        one for class_, enrolled in reversed(ground.rolls) for one in enrolled
        if class_.plan.centre == OWN_CENTRE and class_.stage is Stage.BEGUN
        and one.state is State.CONFIRMED and one.account_id
    )  # fmt: skip
    with ground.when(ground.now - timedelta(hours=3)) as at:
        booking.cancel(ground.session, one.id, Actor(one.account_id), at, late=True)


def _waits_to_change(ground: Ground) -> None:
    """Two classes of one course; who is in the one waits for the other, full one."""
    opens = ground.at(-5, NINE)
    first = ground.plan("dimsum", OWN_CENTRE, (SUNDAY, LATER), capacity=8, opens=opens)
    other = ground.plan("dimsum", OWN_CENTRE + 1, (SATURDAY, AFTER_LUNCH), capacity=4, opens=opens)
    people = ground.free(7, ground.near(OWN_CENTRE), ground.aged(30, 72))
    bookings = [
        ground.enrol(other if number < 4 else first, one, opens + timedelta(minutes=50 * number))
        for number, one in enumerate(people)
    ]
    asked = transfers.Transfer(run_id=other, wait=True)
    with ground.when(opens + timedelta(days=2)) as at:
        transfers.transfer(ground.session, ground.signs_in(people[-1]), bookings[-1], asked, at)
