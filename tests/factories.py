"""Makers of rows. Each fills in what a test does not name, so that the row is valid."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from itertools import count
from typing import Any

from sqlalchemy import select

from backend.db import Model, db
from backend.market.models import (
    MarketDay,
    PaperKind,
    Provider,
    ProviderKind,
    ProviderPaper,
    Service,
    Stall,
    StallProvider,
)
from backend.night_school.draws.models import Draw
from backend.night_school.models import (
    Course,
    CourseCategory,
    CourseRun,
    Lesson,
    RunHour,
    Teacher,
    Term,
)
from backend.notices.models import Notice
from backend.people import crypto, signin
from backend.people.models import Account, Consent, Identity, IdentityKind, Person
from backend.people.queries import Resident
from backend.places.models import (
    Atom,
    CalendarDay,
    Closure,
    Place,
    PlaceKind,
    Room,
    RoomAtom,
    Venue,
)
from backend.staff.models import Role, Staff, StaffRole
from backend.venues.groups.models import Group, GroupMember
from backend.venues.models import OpeningDay, RoomRules
from backend.venues.rooms import open_room
from backend.venues.sheet import WEEKDAYS
from tests.canteen.makers import CanteenMakers

_numbers = count(1)


def _each_commits_once(make: type["Make"]) -> type["Make"]:
    """Every maker commits as it returns, not for each row on the way: that takes twice as long."""
    for name, maker in [*vars(CanteenMakers).items(), *vars(make).items()]:
        if callable(maker) and not name.startswith("_"):
            setattr(make, name, _committing(maker))
    return make


def _committing(maker: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(maker)
    def made(self: "Make", *args: Any, **given: Any) -> Any:
        self._depth += 1
        try:
            row = maker(self, *args, **given)
        finally:
            self._depth -= 1
        if not self._depth:
            db.session.commit()
        return row

    return made


@_each_commits_once
class Make(CanteenMakers):
    """Rows around the moment `now`; all are committed, so doors see them."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._once: dict[str, Any] = {}
        self._depth = 0

    def add(self, row: Any) -> Any:
        """Write one row; committed, since a door ends whatever was begun before it."""
        db.session.add(row)
        db.session.flush()
        return row

    def once(self, name: str, maker: Any) -> Any:
        """The same row for everybody who asks by `name`."""
        if name not in self._once:
            self._once[name] = maker()
        return self._once[name]

    def place(
        self, kind: str = PlaceKind.COMMUNITY, parent: Place | None = None, **given: Any
    ) -> Place:
        """A place below `parent`; by default a community below one street of one district."""
        if parent is None and kind != PlaceKind.DISTRICT:
            above = list(PlaceKind)[list(PlaceKind).index(PlaceKind(kind)) - 1]
            parent = self.once(above, lambda: self.place(above))
        number = next(_numbers)
        names = {"district": "幸福区", "street": "和平街道", "community": "春晖社区",
                 "estate": "翠园小区", "building": "3号楼"}  # fmt: skip
        row = self.add(
            Place(
                **{
                    "kind": kind, "name": names[kind], "code": f"p{number}", "path": f"new{number}",
                    "parent_id": parent.id if parent else None,
                }
                | given
            )
        )  # fmt: skip
        row.path = f"{parent.path if parent else '/'}{row.id}/"
        db.session.flush()
        return row

    def room(
        self, place: Place | None = None, atoms: list[Atom] | None = None, **given: Any
    ) -> Room:
        """A room of one atom, or of those given, in the place's venue."""
        place = place or self.once("community", self.place)
        if "venue_id" not in given:
            given["venue_id"] = self.once(f"venue {place.id}", lambda: self.venue(place)).id
        room = self.add(Room(**{"place_id": place.id, "name": "201教室", "capacity": 30} | given))
        for atom in atoms or [self.add(Atom(place_id=place.id, name=room.name))]:
            self.add(RoomAtom(room_id=room.id, atom_id=atom.id))
        return room

    def venue(self, place: Place | None = None, **given: Any) -> Venue:
        """The house of a community."""
        place = place or self.once("community", self.place)
        names = {"name": f"{place.name}党群服务中心", "code": f"v{next(_numbers)}"}
        return self.add(Venue(**{"place_id": place.id} | names | given))

    def open_room(
        self, place: Place | None = None, atoms: list[Atom] | None = None, **given: Any
    ) -> Room:
        """A room that residents can reserve, as soon as there are rules with hours."""
        room = self.room(place, atoms, **given)
        open_room(db.session(), room.id, room.place_id, room.name)
        db.session.flush()
        return room

    def rules(self, scope: Place | Venue | Room, **given: Any) -> RoomRules:
        """Rules for all below a place, for a venue or for a room: open from 9 to 21 every day."""
        of = {"room": "room_id", "venue": "venue_id", "place": "place_id"}[scope.__tablename__]
        hours = dict.fromkeys(WEEKDAYS, "09:00-21:00")
        return self.add(RoomRules(**{of: scope.id} | hours | given))

    def opening_day(self, venue: Venue | None = None, **given: Any) -> OpeningDay:
        """A day on which a venue is closed for once."""
        venue = venue or self.venue()
        other = {"day": date(2026, 5, 20), "hours": "", "reason": "选举投票日"}
        return self.add(OpeningDay(**{"venue_id": venue.id} | other | given))

    def group(self, *people: Person, **given: Any) -> Group:
        """A registered group of these people, led by the first."""
        place = self.once("community", self.place)
        named = {"place_id": place.id, "name": f"晚霞舞蹈队{next(_numbers)}"}
        staff = self.once("registrar", self.staff)
        row = self.add(Group(**named | {"staff_id": staff.id, "registered_at": self.now} | given))
        for one in people:
            self.add(
                GroupMember(
                    group_id=row.id, person_id=one.id, leads=one is people[0], since=self.now
                )
            )
        return row

    def closure(self, place: Place | None = None, **given: Any) -> Closure:
        """A week in May in which a place is closed."""
        place = place or self.once("community", self.place)
        days = {"starts_on": date(2026, 5, 11), "ends_on": date(2026, 5, 17)}
        return self.add(Closure(**{"place_id": place.id, "reason": "装修"} | days | given))

    def day(self, on: date = date(2026, 5, 20), **given: Any) -> CalendarDay:
        """A day off that only the district knows of."""
        return self.add(CalendarDay(**{"day": on, "kind": "off", "name": "社区运动会"} | given))

    def person(self, name: str = "王秀英", *, phone: str | None = None, **given: Any) -> Person:
        """A person of 66, without an account."""
        hashes = {}
        if phone:
            hashes = {
                "phone": phone,
                "phone_hash": crypto.phone_hash(phone),
                "last_four_hash": crypto.last_four_hash(phone),
            }
        return self.add(
            Person(
                **{"name": name, "birth_date": date(1960, 2, 1), "created_at": self.now}
                | hashes
                | given
            )
        )

    def resident(self, name: str = "王秀英", **given: Any) -> "Signed":
        """A person with an account and a token."""
        person = self.person(name, **given)
        account = self.add(Account(person_id=person.id, created_at=self.now))
        openid = f"openid-{account.id}"
        self.add(
            Identity(
                account_id=account.id, kind=IdentityKind.WECHAT, subject=openid,
                created_at=self.now,
            )
        )  # fmt: skip
        token = signin.issue_token(db.session(), account, self.now, is_new=False).token
        db.session.flush()
        return Signed(person, account, token, openid)

    def consent(self, account: Account, person: Person, **given: Any) -> Consent:
        """`account` may act for `person`."""
        return self.add(
            Consent(
                **{
                    "account_id": account.id, "person_id": person.id, "relation": "parent",
                    "requested_at": self.now, "given_at": self.now,
                }
                | given
            )
        )  # fmt: skip

    def course(self, title: str = "声乐基础", **given: Any) -> Course:
        """A course of the catalogue."""
        category = self.once(
            "category",
            lambda: self.add(
                CourseCategory(code=f"c{next(_numbers)}", name="音乐", name_en="Music", sort=1)
            ),
        )
        return self.add(
            Course(
                **{
                    "code": f"course{next(_numbers)}", "title": title, "category_id": category.id,
                    "summary": "零基础也能学", "picture": "music.svg",
                }
                | given
            )
        )  # fmt: skip

    def run(
        self, *, capacity: int | None = 30, lessons: int = 2, lead: timedelta = timedelta(days=7),
        course: Course | None = None, place: Place | None = None, **given: Any,
    ) -> CourseRun:  # fmt: skip
        """A published run, open for sign-up; its first lesson starts `lead` after `now`."""
        place = place or self.once("community", self.place)
        course = course or self.once("course", self.course)
        term = self.once(
            "term",
            lambda: (
                db.session.scalars(  # terms do not overlap: the demo's own serves as well
                    select(Term).where(
                        Term.starts_on <= date(2026, 7, 1), Term.ends_on >= date(2026, 3, 1)
                    )
                ).first()
                or self.add(
                    Term(
                        name=f"2026年春季{next(_numbers)}",
                        starts_on=date(2026, 3, 1),
                        ends_on=date(2026, 7, 1),
                    )
                )
            ),
        )
        first = given.pop("starts_at", self.now + lead)
        length = timedelta(minutes=90)
        run = self.add(
            CourseRun(
                **{
                    "title": course.title, "place_id": place.id, "capacity": capacity,
                    "starts_at": first, "ends_at": first + timedelta(weeks=lessons - 1) + length,
                    "published_at": self.now - timedelta(days=1),
                    "opens_at": self.now - timedelta(hours=1), "closes_at": first,
                    "cancel_until": first - timedelta(days=1), "promote_until": first,
                    "course_id": course.id, "term_id": term.id, "weekday": 2,
                    "from_minute": 1140, "price_fen": 0,
                }
                | given
            )
        )  # fmt: skip
        self.add(
            RunHour(
                run_id=run.id, weekday=run.weekday, from_minute=run.from_minute, minutes=90
            )
        )  # fmt: skip
        for number in range(lessons):
            starts_at = first + timedelta(weeks=number)
            self.add(
                Lesson(
                    run_id=run.id, number=number + 1, starts_at=starts_at,
                    ends_at=starts_at + length, room_id=given.get("room_id"),
                )
            )  # fmt: skip
        return run

    def draw(self, *runs: CourseRun, **given: Any) -> Draw:
        """A draw of these runs that takes applications for two days."""
        draw = self.add(
            Draw(
                **{
                    "term_id": runs[0].term_id, "place_id": runs[0].place_id, "title": "春季摇号",
                    "number_name": "双色球第2026031期", "number_at": self.now + timedelta(days=3),
                    "opens_at": self.now - timedelta(hours=1),
                    "closes_at": self.now + timedelta(days=2), "created_at": self.now,
                    "commitment": "0" * 64, "published_at": self.now - timedelta(days=1),
                }
                | given
            )
        )  # fmt: skip
        for run in runs:
            run.mode, run.draw_id = "draw", draw.id
            run.apply_from, run.apply_until = draw.opens_at, draw.closes_at
        db.session.flush()
        return draw

    def notice(self, place: Place | None = None, **given: Any) -> Notice:
        """A notice that shows now, until staff end it."""
        place = place or self.once("community", self.place)
        return self.add(
            Notice(
                **{
                    "place_id": place.id, "title": "活动中心停水", "body": "请自带饮用水。",
                    "published_at": self.now - timedelta(hours=1),
                }
                | given
            )
        )  # fmt: skip

    def teacher(self, name: str = "陈国栋", **given: Any) -> Teacher:
        """A partner who teaches."""
        return self.add(Teacher(**{"name": name, "organisation": "区文化馆"} | given))

    def service(self, name: str = "理发", **given: Any) -> Service:
        """Something done for a neighbour in a quarter of an hour."""
        return self.add(
            Service(**{"code": f"s{next(_numbers)}", "name": name, "minutes": 15} | given)
        )

    def provider(self, name: str = "李师傅", **given: Any) -> Provider:
        """A person who serves at markets."""
        return self.add(Provider(**{"name": name, "kind": ProviderKind.PERSON} | given))

    def paper(self, provider: Provider, **given: Any) -> ProviderPaper:
        """A health certificate for good."""
        return self.add(
            ProviderPaper(**{"provider_id": provider.id, "kind": PaperKind.HEALTH} | given)
        )

    def market_day(self, place: Place | None = None, **given: Any) -> MarketDay:
        """A market three days from now."""
        place = place or self.once("community", self.place)
        plan = {"day": date(2026, 3, 14), "title": "三月幸福集市", "spot": "中心广场"}
        return self.add(MarketDay(**{"place_id": place.id} | plan | given))

    def stall(
        self, day: MarketDay, service: Service | None = None, *people: Provider, **given: Any
    ) -> Stall:
        """A stall from 9 to 11 with a break: seven slots of 15 minutes, half of them kept."""
        service = service or self.once("service", self.service)
        stall = self.add(
            Stall(
                **{
                    "market_day_id": day.id, "service_id": service.id, "from_minute": 540,
                    "until_minute": 660, "breaks": [[600, 615]], "slot_minutes": 15,
                    "at_once": 2, "walk_up_percent": 50,
                }
                | given
            )
        )  # fmt: skip
        for one in people:
            self.add(StallProvider(stall_id=stall.id, provider_id=one.id))
        return stall

    def staff(
        self, role: str = Role.WORKER, place: Place | None = None, *, name: str = "王敏",
        **given: Any,
    ) -> Staff:  # fmt: skip
        """A member of staff who has chosen a password and holds `role` at `place`."""
        place = place or self.once("community", self.place)
        number = next(_numbers)
        someone = self.add(
            Staff(
                **{
                    "username": f"staff{number}", "name": name, "password_hash": "never fits",
                    "must_change_password": False, "created_at": self.now,
                }
                | given
            )
        )  # fmt: skip
        self.add(StaffRole(staff_id=someone.id, role=role, place_id=place.id))
        return someone


class Signed:
    """A resident with an account: `token` signs in, `me` is what services take."""

    def __init__(self, person: Person, account: Account, token: str, openid: str) -> None:
        self.person = person
        self.account = account
        self.token = token
        self.openid = openid
        self.me = Resident(account.id, person.id)


def fresh(row: Model) -> Any:
    """The row as the database has it now."""
    db.session.expire_all()
    return db.session.get_one(type(row), row.id)
