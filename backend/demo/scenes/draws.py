"""Three draws: one to apply for, one that waits for its public number, one that is drawn.

Secret and pseudonyms come from the demo's dice, not from chance: the same result for everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import insert, update

from backend import clock
from backend.demo.calendar import moment
from backend.demo.people import Resident
from backend.demo.rows import dice
from backend.demo.scenes.ground import AFTER_LUNCH, LATER, SATURDAY, SUNDAY, Ground
from backend.night_school.draws import closing, desk, seed
from backend.night_school.draws.codes import ALPHABET, LENGTH
from backend.night_school.draws.models import Draw, DrawApplication, DrawWish
from backend.people.models import Relation
from backend.staff import audit

NINE, SIX, DRAWN = 9 * 60, 18 * 60, 21 * 60 + 30
LOTTERY = (1, 3, 6)
"""The weekdays on whose evening the Welfare Lottery draws its balls."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A class that is drawn: the course, the centre, when it meets, how many places."""

    code: str
    centre: int
    weekday: int
    minute: int
    capacity: int


_CHILDREN = (
    Chosen("go", 0, SATURDAY, AFTER_LUNCH, 6),
    Chosen("scratch", 0, SUNDAY, AFTER_LUNCH, 6),
)
_COOKING = (
    Chosen("baking", 0, SATURDAY, AFTER_LUNCH, 12),
    Chosen("homedish", 0, SUNDAY, AFTER_LUNCH, 12),
    Chosen("ikebana", 0, SATURDAY, LATER, 10),
)
_DISTRICT = (
    Chosen("yoga", 0, SUNDAY, LATER, 20),
    Chosen("ikebana", 1, SATURDAY, AFTER_LUNCH, 12),
    Chosen("sketch", 1, SUNDAY, AFTER_LUNCH, 16),
    Chosen("baking", 2, SUNDAY, LATER, 12),
)


def play(ground: Ground) -> None:
    """The one that is drawn first: the others' applicants are still free."""
    _drawn(ground)
    _without_number(ground)
    _open(ground)


def lottery(near: datetime, *, later: bool) -> datetime:
    """The evening of the lottery that is the last before `near`, or the first after it."""
    step = timedelta(days=1 if later else -1)
    local = near
    while True:
        evening = moment(local.date(), DRAWN)
        fits = evening > near if later else evening < near
        if fits and local.date().weekday() in LOTTERY:
            return evening
        local += step


def _drawn(ground: Ground) -> None:
    """More want to cook than there are places; couples who cook together draw one lot."""
    number_at = lottery(ground.now - timedelta(days=4), later=False)
    closes, rng = number_at.replace(hour=10, minute=0), dice("draw of cooking")
    draw_id, runs = _set_up(ground, "厨艺班摇号", _COOKING, 0, closes, number_at, rng)
    adults = ground.aged(20, 68)
    lots: list[Sequence[Resident]] = [
        ground.pair(Relation.SPOUSE, adults, ground.near(0)) for _ in range(3)
    ]
    lots += [[one] for one in ground.free(56, adults, ground.near(0))]
    _apply(ground, draw_id, runs, lots, closes, rng)
    with ground.when(closes + timedelta(minutes=1)) as at:
        closing.fix(ground.session, draw_id, at)
    balls = [*sorted(rng.sample(range(1, 34), 6)), rng.randint(1, 16)]
    with ground.when(number_at + timedelta(hours=12)) as at:
        desk.conduct(
            ground.session, ground.staff("worker"), draw_id,
            "".join(f"{ball:02}" for ball in balls), at,
        )  # fmt: skip


def _without_number(ground: Ground) -> None:
    """The list is fixed, the number has been out since the evening: staff enter it."""
    number_at = lottery(ground.now, later=False)
    closes, rng = number_at.replace(hour=10, minute=0), dice("draw for children")
    draw_id, runs = _set_up(ground, "少儿班摇号", _CHILDREN, 0, closes, number_at, rng)
    children = ground.free(16, ground.aged(8, 11), ground.near(0))
    _apply(ground, draw_id, runs, [[one] for one in children], closes, rng)
    with ground.when(closes + timedelta(minutes=1)) as at:
        closing.fix(ground.session, draw_id, at)


def _open(ground: Ground) -> None:
    """Classes of three communities; whoever signs in now can apply, or change their wishes."""
    number_at = lottery(ground.now + timedelta(days=3), later=True)
    closes, rng = number_at.replace(hour=10, minute=0), dice("draw of the district")
    draw_id, runs = _set_up(
        ground, "热门班摇号", _DISTRICT, None, closes, number_at, rng, opened=ground.at(-3, NINE)
    )  # fmt: skip
    lots: list[Sequence[Resident]] = [ground.pair(Relation.SPOUSE, ground.aged(20))]
    lots += [[one] for one in ground.free(18, ground.aged(20, 75))]
    _apply(ground, draw_id, runs, lots, ground.now, rng)


def _set_up(
    ground: Ground, title: str, chosen: Sequence[Chosen], centre: int | None, closes: datetime,
    number_at: datetime, rng: Random, opened: datetime | None = None,
) -> tuple[int, list[int]]:  # fmt: skip
    """A draw of a community, or of the district, as it opened; its id and its classes'."""
    opens = opened or moment((closes - timedelta(days=7)).date(), NINE)
    first_come = moment((number_at + timedelta(days=2)).date(), NINE)
    runs = [
        ground.plan(
            one.code, one.centre, (one.weekday, one.minute), capacity=one.capacity, weeks=2,
            opens=first_come, planned=opens - timedelta(days=3),
        )
        for one in chosen
    ]  # fmt: skip
    rules = desk.Rules(
        title=title,
        opens_at=opens,
        closes_at=closes,
        number_at=number_at,
        most_wishes=3,
        number_name=f"{clock.local(number_at):%-m月%-d日}晚开奖的福利彩票双色球：六个红球从小到大，再接蓝球",
    )
    me = ground.staff("manager")
    place_id = ground.district.id if centre is None else ground.centre(centre).id
    with ground.when(opens - timedelta(days=1)) as at:
        draw_id = desk.new_draw(ground.session, me, ground.present_term, place_id, rules, at)
        desk.set_runs(ground.session, me, draw_id, runs, at)
        _seal(ground, draw_id, place_id, rng, at)
        desk.publish(ground.session, me, draw_id, at)
    return draw_id, runs


def _seal(ground: Ground, draw_id: int, place_id: int, rng: Random, at: datetime) -> None:
    """As `desk.seal` does, but with the dice's secret."""
    secret = rng.randbytes(seed.SECRET_BYTES).hex()
    shown = seed.commitment(secret)
    ground.session.execute(
        update(Draw)
        .where(Draw.id == draw_id)
        .values(secret=secret, commitment=shown, committed_at=at)
    )
    audit.record(
        ground.session, ground.staff("manager").staff_id, "draw.commit", "draw", draw_id, None,
        {"commitment": shown}, place_id=place_id,
    )  # fmt: skip


def _apply(
    ground: Ground, draw_id: int, runs: Sequence[int], lots: Sequence[Sequence[Resident]],
    until: datetime, rng: Random,
) -> None:  # fmt: skip
    """Each lot applies within the window for one wish or more, in an order of its own."""
    for number, people in enumerate(lots):
        wishes = rng.sample(list(runs), rng.randint(1, min(3, len(runs))))
        together = _code(rng) if len(people) > 1 else None
        account_id = ground.signs_in(people[0]).account_id
        for one in people:
            application_id = ground.session.execute(
                insert(DrawApplication)
                .values(
                    draw_id=draw_id, person_id=one.id, account_id=account_id, code=_code(rng),
                    together=together, most=1,
                    applied_at=until - timedelta(hours=5, minutes=61 * number),
                )
                .returning(DrawApplication.id)
            ).scalar_one()  # fmt: skip
            ground.session.execute(
                insert(DrawWish),
                [
                    {"application_id": application_id, "rank": rank, "run_id": run_id}
                    for rank, run_id in enumerate(wishes, 1)
                ],
            )


def _code(rng: Random) -> str:
    return "".join(rng.choice(ALPHABET) for _ in range(LENGTH))
