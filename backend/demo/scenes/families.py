"""Those who go together: parents with a child, couples, and one that waits for two places."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from backend.demo.people import Resident
from backend.demo.scenes.ground import LATER, OWN_CENTRE, SUNDAY, Ground
from backend.night_school import service
from backend.night_school.models import Audience
from backend.people.models import Relation

CAPACITY = 10
PAIRS, COUPLES = 3, 1
NINE = 9 * 60


def play(ground: Ground) -> None:
    """Nine of ten places are taken; the one that is left is no use to the couple in front."""
    opens = ground.at(-5, NINE)
    run_id = ground.plan(
        "papercut", OWN_CENTRE, (SUNDAY, LATER), capacity=CAPACITY, opens=opens,
        audience=Audience.FAMILIES,
    )  # fmt: skip
    near = ground.near(OWN_CENTRE)
    pairs = [ground.pair(Relation.CHILD, near) for _ in range(PAIRS)]
    couples = [ground.pair(Relation.SPOUSE, near) for _ in range(COUPLES + 1)]
    alone = ground.free(2, near, ground.aged(60, 75))
    asked: list[Sequence[Resident]] = [*pairs, *couples[:COUPLES], alone[:1]]
    for number, people in enumerate(asked):
        _enrol(ground, run_id, people, opens + timedelta(minutes=25 * number + 2), wait=False)
    _enrol(ground, run_id, couples[-1], opens + timedelta(hours=5), wait=True)
    ground.enrol(run_id, alone[-1], opens + timedelta(hours=7), wait=True)


def _enrol(
    ground: Ground, run_id: int, people: Sequence[Resident], at: datetime, *, wait: bool
) -> None:
    if len(people) == 1:
        ground.enrol(run_id, people[0], at)
        return
    asked = service.PartyEnrolment(run_id=run_id, person_ids=[one.id for one in people], wait=wait)
    with ground.when(at):
        service.enrol_party(ground.session, ground.signs_in(people[0]), asked, at)
