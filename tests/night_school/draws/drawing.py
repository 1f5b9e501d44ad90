"""A draw on its way: set up, opened, applied for, closed, drawn, each by the real verb."""

from datetime import datetime, timedelta
from typing import Any

from backend.db import db, transactional
from backend.night_school.draws import closing, desk, publishing, service
from backend.night_school.draws.desk import Rules
from backend.night_school.draws.service import Application
from backend.night_school.models import CourseRun
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests.factories import Make, Signed

DAY = timedelta(days=1)
NUMBER = "0512162330"


class Drawing:
    """One draw in the community of `make`; the clock is moved by handing on later moments."""

    def __init__(self, make: Make, **rules: Any) -> None:
        self.make = make
        self.now = make.now
        self.place = make.once("community", make.place)
        someone = make.staff(Role.MANAGER, self.place)
        scope = Scope(Role.MANAGER, self.place.id, self.place.path, self.place.name)
        self.me = SignedInStaff(someone.id, someone.name, (scope,))
        self.rules = Rules(
            **{
                "title": "春季热门班摇号", "number_name": "双色球第2026031期红球",
                "opens_at": self.now + DAY, "closes_at": self.now + 3 * DAY,
                "number_at": self.now + 4 * DAY,
            }
            | rules
        )  # fmt: skip
        self.open_at, self.closed_at = self.now + 2 * DAY, self.now + 3 * DAY
        self.drawn_at = self.now + 5 * DAY

    def run(self, capacity: int | None = 1, **given: Any) -> CourseRun:
        """A run that is still to open."""
        lead = {"lead": 20 * DAY, "opens_at": self.now + 2 * DAY}
        return self.make.run(capacity=capacity, **lead | given)

    def set_up(self, *runs: CourseRun) -> int:
        """A draw of these runs, nothing more."""
        term_id = runs[0].term_id
        self.id = self.does(desk.new_draw, term_id, self.place.id, self.rules, self.now)
        self.does(desk.set_runs, self.id, [run.id for run in runs], self.now)
        return self.id

    def open(self, *runs: CourseRun) -> int:
        """Committed and published."""
        self.set_up(*runs)
        self.does(desk.seal, self.id, self.now)
        self.does(desk.publish, self.id, self.now)
        return self.id

    def does(self, verb: Any, *args: Any) -> Any:
        """A member of staff does it, in a transaction."""
        return transactional(lambda: verb(db.session(), self.me, *args))()

    def apply(
        self, who: Signed, *runs: CourseRun, at: datetime | None = None, **given: Any
    ) -> None:
        """`who` applies for these runs, the dearest first; for `people` if they are given."""
        people = given.pop("people", [who.person])
        asked = Application(
            person_ids=[one.id for one in people], run_ids=[run.id for run in runs], **given
        )
        at = at or self.open_at
        transactional(lambda: service.apply(db.session(), who.me, self.id, asked, at))()

    def withdraw(self, who: Signed, at: datetime | None = None) -> None:
        at = at or self.open_at
        transactional(lambda: service.withdraw(db.session(), who.me, self.id, who.person.id, at))()

    def close(self) -> None:
        transactional(lambda: closing.fix(db.session(), self.id, self.closed_at))()

    def conduct(self) -> dict[str, Any]:
        def both() -> Any:
            publishing.give_number(db.session(), self.id, NUMBER, self.drawn_at)
            return publishing.finish(db.session(), self.id, self.drawn_at)

        return transactional(both)()
