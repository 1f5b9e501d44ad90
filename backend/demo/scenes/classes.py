"""Classes with rules and decisions of their own: kept places, neighbours first, too few, twice."""

from datetime import timedelta

from backend.demo.calendar import moment
from backend.demo.scenes.ground import (
    AFTER_LUNCH,
    LATER,
    OWN_CENTRE,
    SATURDAY,
    SUNDAY,
    Ground,
)
from backend.night_school import publishing
from backend.night_school.admission import composing
from backend.night_school.planning import templates

NINE, SIX = 9 * 60, 18 * 60
TUESDAY, THURSDAY, AFTERNOON = 1, 3, 16 * 60 + 30
KEPT, KEPT_FROM = 6, 60
MOST_MISSED = 2
FIRST_HOURS = 120  # in which the own community comes first
TEMPLATE = "周末茶艺班（给60岁以上留名额）"


def play(ground: Ground) -> None:
    """Each class once, in the demo worker's community."""
    _keeps_places(ground)
    _neighbours_first(ground)
    _builds_on_another(ground)
    _too_small(ground)
    _shown_tomorrow(ground)
    _twice_a_week(ground)


def _keeps_places(ground: Ground) -> None:
    """Six places are kept for people of 60; half of them are taken, and the class is a template."""
    opens = ground.at(-3, NINE)
    run_id = ground.plan("tea", OWN_CENTRE, (SATURDAY, AFTER_LUNCH), opens=opens)
    until = moment(ground.weekend(1) + timedelta(days=3), SIX)
    me = ground.staff("worker")
    with ground.when(opens - timedelta(hours=1)) as at:
        asked = {"kept": KEPT, "kept_from_age": KEPT_FROM, "kept_until": until}
        composing.set_rules(ground.session, me, run_id, asked, at)
        templates.save(ground.session, me, run_id, TEMPLATE)
    near = ground.near(OWN_CENTRE)
    people = ground.free(3, near, ground.aged(66)) + ground.free(9, near, ground.aged(25, 55))
    for number, one in enumerate(people):
        ground.enrol(run_id, one, opens + timedelta(minutes=40 * number + 3))


def _neighbours_first(ground: Ground) -> None:
    """For five days only the own community may sign up, and nobody twice within a year."""
    opens = ground.at(-2, NINE)
    run_id = ground.plan("clay", OWN_CENTRE, (SUNDAY, AFTER_LUNCH), opens=opens)
    own = ground.centre(OWN_CENTRE)
    asked = {
        "min_age": 18, "priority_place_id": own.id, "priority_hours": FIRST_HOURS,
        "once_a_year": True,
    }  # fmt: skip
    with ground.when(opens - timedelta(hours=1)) as at:
        composing.set_rules(ground.session, ground.staff("worker"), run_id, asked, at)
    for number, one in enumerate(ground.free(5, ground.aged(20, 70), lambda one: one.home is own)):
        ground.enrol(run_id, one, opens + timedelta(hours=number, minutes=20))


def _builds_on_another(ground: Ground) -> None:
    """Whoever comes has attended calligraphy before; sign-up opens in two days."""
    run_id = ground.plan(
        "flowers-birds", OWN_CENTRE, (SATURDAY, LATER), opens=ground.at(2, NINE), weeks=2
    )
    asked = {"min_age": 55, "needs_course_id": ground.offer("brush").id}
    with ground.when(ground.now - timedelta(hours=1)) as at:
        composing.set_rules(ground.session, ground.staff("worker"), run_id, asked, at)


def _too_small(ground: Ground) -> None:
    """Three of the eight that are needed when sign-up has closed: staff have to decide."""
    opens = ground.at(-9, NINE)
    run_id = ground.plan(
        "video", OWN_CENTRE, (SATURDAY, AFTER_LUNCH), opens=opens, closes=ground.at(-1, SIX),
        minimum=8,
    )  # fmt: skip
    for number, one in enumerate(ground.free(3, ground.near(OWN_CENTRE), ground.aged(30, 60))):
        ground.enrol(run_id, one, opens + timedelta(days=number, hours=2))


def _shown_tomorrow(ground: Ground) -> None:
    """Residents see the class from tomorrow morning on."""
    run_id = ground.plan(
        "photo", OWN_CENTRE, (SATURDAY, LATER), opens=ground.at(3, NINE), weeks=2, published=False
    )
    with ground.when(ground.now - timedelta(hours=1)) as at:
        publishing.schedule(ground.session, ground.staff("worker"), run_id, ground.at(1, NINE), at)


def _twice_a_week(ground: Ground) -> None:
    """A short course on two afternoons of the week; who stayed away often waits a while."""
    opens = ground.at(-4, NINE)
    run_id = ground.plan(
        "smartphone", OWN_CENTRE, (TUESDAY, AFTERNOON), (THURSDAY, AFTERNOON), opens=opens
    )
    with ground.when(opens - timedelta(hours=1)) as at:
        asked = {"missed_often": True, "most_missed": MOST_MISSED}
        composing.set_rules(ground.session, ground.staff("worker"), run_id, asked, at)
    for number, one in enumerate(ground.free(6, ground.near(OWN_CENTRE), ground.aged(60, 80))):
        ground.enrol(run_id, one, opens + timedelta(hours=3 * number, minutes=11))
