"""What scenes are played on: the loaded district, its staff, and residents who have time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking
from backend.demo.calendar import moment, monday
from backend.demo.catalogue import Catalogue, Offer
from backend.demo.enrolments import Rolls
from backend.demo.people import Resident
from backend.demo.places import Community, District
from backend.demo.rows import Rows
from backend.night_school import publishing, service
from backend.night_school.models import Audience, Term
from backend.night_school.planning.opening import plan_class
from backend.night_school.planning.plan import Hour, Plan
from backend.people.models import Consent, Relation
from backend.people.queries import Resident as SignedIn
from backend.places.models import Place
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Staff, StaffRole

LESSONS = 8
LENGTH = 90  # minutes
OWN_CENTRE = 0  # of the demo worker

SATURDAY, SUNDAY = 5, 6
AFTER_LUNCH, LATER = 14 * 60, 16 * 60  # no class of the timetable meets then at the weekend


@dataclass(slots=True)
class Ground:
    """The district as it was written, and who is still free to take part in a scene."""

    session: Session
    now: datetime
    rows: Rows
    district: District
    catalogue: Catalogue
    residents: list[Resident]
    rolls: Rolls
    _taken: set[int] = field(default_factory=set)
    _teaching: set[tuple[int, int, int]] = field(default_factory=set)
    _owners: dict[int, Resident] = field(default_factory=dict)
    _acting: list[tuple[Resident, Resident, Relation]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._taken = {row["person_id"] for row in self.rows.of(Booking)}
        by_id = {one.id: one for one in self.residents}
        self._owners = {one.account_id: one for one in self.residents if one.account_id}
        for consent in self.rows.of(Consent):
            if consent.get("given_at") and not consent.get("withdrawn_at"):
                owner, person = self._owners[consent["account_id"]], by_id[consent["person_id"]]
                self._acting.append((owner, person, consent["relation"]))

    @property
    def today(self) -> date:
        return clock.today(self.now)

    @property
    def present_term(self) -> int:
        """The id of the term under way."""
        return int(self.rows.of(Term)[-1]["id"])

    def at(self, days: int, minute: int) -> datetime:
        """`minute` minutes after midnight, `days` from today."""
        return moment(self.today + timedelta(days=days), minute)

    def weekend(self, weeks: int) -> date:
        """The Monday before the weekend that many weeks ahead."""
        return monday(self.today) + timedelta(weeks=weeks)

    def centre(self, number: int) -> Community:
        return self.district.centres[number]

    def offer(self, code: str) -> Offer:
        return next(one for one in self.catalogue.offers if one.code == code)

    def staff(self, username: str) -> SignedInStaff:
        """Somebody of the team, as if signed in."""
        found = next(one for one in self.rows.of(Staff) if one["username"] == username)
        roles = [one for one in self.rows.of(StaffRole) if one["staff_id"] == found["id"]]
        places = [self.rows.get(Place, one["place_id"]) for one in roles]
        scopes = tuple(
            Scope(role["role"], place["id"], place["path"], place["name"])
            for role, place in zip(roles, places, strict=True)
        )
        return SignedInStaff(found["id"], found["name"], scopes, username)

    @contextmanager
    def when(self, at: datetime) -> Iterator[datetime]:
        """What happens inside happened then: the audit reads the clock."""
        with clock.frozen(at):
            yield at

    def free(self, count: int, *fits: Callable[[Resident], bool]) -> list[Resident]:
        """Residents without a booking for whom somebody can act; nobody is given twice."""
        acted_for = {person.id for _owner, person, _relation in self._acting}
        found = [
            one for one in self.residents
            if (one.account_id or one.id in acted_for) and one.id not in self._taken
            and all(fit(one) for fit in fits)
        ][:count]  # fmt: skip
        if len(found) < count:
            raise LookupError(f"only {len(found)} of {count} residents fit")
        self._taken |= {one.id for one in found}
        return found

    def pair(self, relation: Relation, *fits: Callable[[Resident], bool]) -> tuple[Resident, ...]:
        """Somebody, and the one of their household they may act for; both free, both fitting."""
        for owner, person, how in self._acting:
            both = (owner, person)
            free = not self._taken & {one.id for one in both}
            if how == relation and free and all(fit(one) for fit in fits for one in both):
                self._taken |= {one.id for one in both}
                return both
        raise LookupError(f"no two free residents for whom {relation} is true")

    def near(self, centre: int) -> Callable[[Resident], bool]:
        """Whether somebody lives in the street of a centre."""
        street = self.centre(centre).street_id
        return lambda one: one.home.street_id == street

    def aged(self, low: int, high: int = 120) -> Callable[[Resident], bool]:
        return lambda one: low <= one.age(self.today) <= high

    def family_of(self, resident: Resident) -> Resident | None:
        """Another one who may act for them, if there is one."""
        return next((owner for owner, person, _how in self._acting if person is resident), None)

    def signs_in(self, resident: Resident) -> SignedIn:
        """Who taps for somebody: they themselves, or one who may act for them."""
        if resident.account_id is not None:
            return SignedIn(resident.account_id, resident.id)
        owner = next(owner for owner, person, _how in self._acting if person is resident)
        assert owner.account_id is not None
        return SignedIn(owner.account_id, owner.id)

    def plan(
        self, code: str, centre: int, *hours: tuple[int, int], capacity: int | None = None,
        opens: datetime, closes: datetime | None = None, weeks: int = 1,
        minimum: int | None = None, audience: Audience | None = None, published: bool = True,
        planned: datetime | None = None,
    ) -> int:  # fmt: skip
        """A class as the manager plans and publishes it a day before sign-up opens.

        `hours` are weekday and minute after midnight; the first lesson is `weeks` ahead. With
        `planned` they did so at another moment.
        """
        offer, place = self.offer(code), self.centre(centre)
        assert place.centre is not None
        me = self.staff("manager")
        at = planned or min(opens - timedelta(days=1), self.now - timedelta(hours=2))
        asked = Plan(
            course_id=offer.id, term_id=self.present_term, place_id=place.id,
            room_id=place.centre.rooms[offer.room], teacher_id=self._teacher(offer, hours),
            hours=tuple(Hour(weekday, minute, LENGTH) for weekday, minute in hours),
            lessons=LESSONS, capacity=capacity or offer.capacity, price_fen=offer.price_fen,
            audience=audience or offer.audience, min_age=offer.min_age, max_age=offer.max_age,
            home_place_id=None, opens_at=opens, closes_at=closes,
            first_day=self.weekend(weeks), minimum=minimum,
        )  # fmt: skip
        with self.when(at):
            run_id = plan_class(self.session, me, asked, at)
            if published:
                publishing.publish(self.session, me, run_id, at)
        return run_id

    def _teacher(self, offer: Offer, hours: tuple[tuple[int, int], ...]) -> int:
        """Somebody of the subject who teaches nowhere else at these hours of the scenes."""
        teacher = next(
            one for one in self.catalogue.teachers[offer.category]
            if one != self.catalogue.own_classes
            and not any((one, *hour) in self._teaching for hour in hours)
        )  # fmt: skip
        self._teaching |= {(teacher, *hour) for hour in hours}
        return teacher

    def enrol(self, run_id: int, resident: Resident, at: datetime, *, wait: bool = False) -> int:
        """Somebody signs up on the phone; the booking's id."""
        asked = service.Enrolment(run_id=run_id, person_id=resident.id, wait=wait)
        with self.when(at):
            return service.enrol(self.session, self.signs_in(resident), asked, at).booking_id
