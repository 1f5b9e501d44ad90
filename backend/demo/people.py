"""6,000 residents in households: who lives with whom, who has a phone, who signs in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from backend.booking.rules import age_on
from backend.demo import names
from backend.demo.places import Community, District
from backend.demo.rows import Rows, dice
from backend.people import crypto
from backend.people.models import Account, Gender, Identity, IdentityKind, Person

PHONES = "1540"
"""Every demo phone begins with 1540: no operator has been given 154, so nobody has the number."""

AT_CENTRES = 0.6  # of the households live in the communities with a full centre

# how many households of each shape: (adults, children, grandparents) in them
SHAPES = {
    (2, 1, 2): 400, (2, 1, 0): 500, (2, 2, 0): 100, (0, 0, 2): 220, (0, 0, 1): 260, (2, 0, 0): 500,
    (1, 0, 0): 400,
}  # fmt: skip
TWICE = 6
"""So many of those who live alone at a great age stand in the books a second time."""


@dataclass(slots=True)
class Resident:
    """A person as the other parts of the demo need to know them."""

    id: int
    name: str
    born: date
    gender: Gender
    home: Community
    account_id: int | None = None
    parents: tuple["Resident", ...] = ()  # of a child, or of a grown-up: those they look after
    spouse: "Resident | None" = None

    def age(self, today: date) -> int:
        """Whole years on `today`."""
        return age_on(self.born, today)


class _Town:
    """Moves people in, one household after the other."""

    def __init__(self, rows: Rows, district: District, now: datetime, today: date) -> None:
        self.rows, self.district, self.now, self.today = rows, district, now, today
        self.rng = dice("people")
        self.residents: list[Resident] = []
        self.phones = self._all_phones()

    def _all_phones(self) -> list[str]:
        # Two blocks of numbers, so that the last four digits are not unique: as in life.
        return [f"{PHONES}{number:07}" for number in self.rng.sample(range(20_000), 6_000)]

    def household(self, adults: int, children: int, old: int) -> list[Resident]:
        rng = self.rng
        home = rng.choice(
            self.district.centres if rng.random() < AT_CENTRES else self.district.communities
        )
        estate = rng.choice(home.estates)
        flat = (
            f"{rng.randint(1, self.district.buildings[estate])}号楼{rng.randint(1, 4)}单元"
            f"{rng.randint(1, 18)}0{rng.randint(1, 4)}室"
        )
        family = names.surname(rng)
        where = (home, estate, flat)
        grandparents = self._couple(where, family, old, (62, 90) if adults == 0 else (61, 76))
        grown = self._couple(where, family, adults, (31, 46) if children else (22, 58))
        for adult in grown[:1]:
            adult.parents = tuple(grandparents)
        young = []
        for _ in range(children):
            child = self.move_in(
                where, family, rng.choice(list(Gender)), self._born(5, 14), phone=0.08
            )
            child.parents = tuple(grown)
            young.append(child)
        return [*grandparents, *grown, *young]

    def _couple(
        self, where: tuple[Community, int, str], family: str, count: int, ages: tuple[int, int]
    ) -> list[Resident]:
        """One or two people; the first of two carries the family's name."""
        if not count:
            return []
        low, high = ages
        first_age = self.rng.randint(low, high)
        genders = [Gender.MALE, Gender.FEMALE]
        if count == 1:
            genders = [self.rng.choice(genders)]
        people = []
        for number, gender in enumerate(genders):
            age = first_age if not number else first_age - self.rng.randint(0, 3)
            age = max(age, low)
            surname = names.surname(self.rng) if number else family
            has_phone = 0.97 if age < 60 else 0.92 if age < 75 else 0.7
            people.append(
                self.move_in(where, surname, gender, self._born(age, age), phone=has_phone)
            )
        if len(people) == 2:
            people[0].spouse, people[1].spouse = people[1], people[0]
        return people

    def _born(self, youngest: int, oldest: int) -> date:
        """A birthday that makes somebody from `youngest` to `oldest` whole years old today."""
        first = _years_before(self.today, oldest + 1) + timedelta(days=1)
        last = _years_before(self.today, youngest)
        return first + timedelta(days=self.rng.randrange((last - first).days + 1))

    def move_in(
        self, where: tuple[Community, int, str], surname: str, gender: Gender, born: date, *,
        phone: float,
    ) -> Resident:  # fmt: skip
        """A new entry in the books; `phone` is the chance that it has one."""
        home, estate, flat = where
        name = surname + names.given(self.rng, gender, born.year)
        number = self.phones.pop() if self.rng.random() < phone else None
        person_id = self.rows.add(
            Person, name=name, birth_date=born, gender=gender, home_place_id=estate, address=flat,
            created_at=self.now - timedelta(days=self.rng.randint(30, 700), minutes=len(flat)),
            **_phone(number),
        )  # fmt: skip
        resident = Resident(person_id, name, born, gender, home)
        self.residents.append(resident)
        return resident


def _years_before(day: date, years: int) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28 if leap_day else day.day)


def _phone(number: str | None) -> dict[str, str | None]:
    if number is None:
        return {"phone": None, "phone_hash": None, "last_four_hash": None}
    return {
        "phone": number,
        "phone_hash": crypto.phone_hash(number),
        "last_four_hash": crypto.last_four_hash(number),
    }


def build(rows: Rows, district: District, now: datetime, today: date) -> list[Resident]:
    """6,000 entries, 1,500 of them over 60, two thirds with an account."""
    town = _Town(rows, district, now, today)
    shapes = [shape for shape, count in SHAPES.items() for _ in range(count)]
    alone = (0, 0, 1)
    for _ in range(TWICE):
        shapes.remove(alone)
    town.rng.shuffle(shapes)
    for shape in shapes:
        town.household(*shape)
    _open_accounts(rows, town.residents, today)
    _enter_twice(town)
    return town.residents


def _open_accounts(rows: Rows, residents: list[Resident], today: date) -> None:
    rng = dice("accounts")
    for resident in residents:
        age = resident.age(today)
        chance = 0.0 if age < 18 else 0.95 if age < 60 else 0.8 if age < 75 else 0.35
        person = rows.get(Person, resident.id)
        if person["phone"] is None or rng.random() >= chance:
            continue
        since = person["created_at"] + timedelta(days=rng.randint(0, 25))
        resident.account_id = rows.add(
            Account, person_id=resident.id, language="zh", created_at=since
        )
        subjects = {
            IdentityKind.WECHAT: f"demo-{resident.id:05}",
            IdentityKind.PHONE: person["phone_hash"],
        }
        for kind, subject in subjects.items():
            rows.add(
                Identity, account_id=resident.account_id, kind=kind, subject=subject,
                created_at=since,
            )  # fmt: skip


def _enter_twice(town: _Town) -> None:
    """Some who sign in themselves were also entered at the desk: for staff to find and merge."""
    rng: Random = town.rng
    signed_in = [
        one for one in town.residents
        if one.account_id and one.age(town.today) > 60 and one.home in town.district.centres[:2]
    ]  # fmt: skip
    for number, resident in enumerate(rng.sample(signed_in, TWICE)):
        first = town.rows.get(Person, resident.id)
        by_phone = number % 2 == 0
        person_id = town.rows.add(
            Person, name=resident.name, gender=resident.gender,
            birth_date=resident.born, home_place_id=first["home_place_id"], address=None,
            note="服务大厅登记", created_at=town.now - timedelta(days=number + 2, hours=3),
            **_phone(first["phone"] if by_phone else None),
        )  # fmt: skip
        town.residents.append(
            Resident(person_id, resident.name, resident.born, resident.gender, resident.home)
        )
