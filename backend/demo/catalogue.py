"""The demo's catalogue: eight categories, 36 courses (`catalogue.json`), and who teaches them."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.demo import names
from backend.demo.rows import Rows, dice
from backend.demo.staff import SIGN_INS, Team
from backend.night_school.models import Course, CourseCategory, Teacher
from backend.people.models import Gender

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
TEACHERS_EACH = 3  # of every category; one more teaches music


@dataclass(frozen=True, slots=True)
class Offer:
    """A course as it may be offered: where, at which parts of the day, to whom."""

    id: int
    code: str
    category: str
    title: str
    when: tuple[str, ...]
    room: str
    audience: str
    min_age: int | None
    max_age: int | None
    capacity: int
    price_fen: int
    lessons: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The courses, and the teachers' ids by category; `own_classes` is who has a sign-in."""

    offers: list[Offer]
    teachers: dict[str, list[int]]
    own_classes: int


def build(rows: Rows, team: Team, now: datetime) -> Catalogue:
    """Write categories, courses and teachers."""
    written = json.loads((HERE / "catalogue.json").read_text(encoding="utf-8"))
    categories = {
        category["code"]: rows.add(CourseCategory, sort=number, **category)
        for number, category in enumerate(written["categories"], 1)
    }
    offers = []
    for course in written["courses"]:
        told = {name: course.pop(name) for name in ("summary", "description", "bring")}
        course_id = rows.add(
            Course, code=course["code"], category_id=categories[course["category"]],
            title=course["title"], picture=f"{course['code']}.svg", **told,
        )  # fmt: skip
        when = tuple(course.pop("when"))
        offers.append(Offer(id=course_id, when=when, **course))
    return Catalogue(offers, *_teachers(rows, list(categories), team))


def _teachers(rows: Rows, categories: list[str], team: Team) -> tuple[dict[str, list[int]], int]:
    rng = dice("teachers")
    own = rows.add(
        Teacher, name=next(one.name for one in SIGN_INS if one.username == "teacher"),
        organisation=names.ORGANISATIONS["music"][0], staff_id=team.teacher,
        intro="声乐专业毕业，带过八年社区合唱团，最会教“五音不全”的学员开口。",
    )  # fmt: skip
    teachers: dict[str, list[int]] = {"music": [own]}
    for category in categories:
        for organisation in names.ORGANISATIONS[category][:TEACHERS_EACH]:
            gender = rng.choice(list(Gender))
            name = names.surname(rng) + names.given(rng, gender, rng.randint(1962, 1996))
            teachers.setdefault(category, []).append(
                rows.add(
                    Teacher, name=name, organisation=organisation, staff_id=None,
                    intro=f"从教{rng.randint(4, 26)}年，耐心细致，深受街坊喜爱。",
                )
            )  # fmt: skip
    return teachers, own
