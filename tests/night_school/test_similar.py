"""Where else: which runs are offered instead of one, and in what order."""

from datetime import timedelta

import pytest

from backend.db import db
from backend.errors import NotFound
from backend.night_school import similar
from backend.night_school.models import CourseCategory
from backend.places.models import PlaceKind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def one(make):
    """The run that is not to be: singing, in 春晖社区, for those of 50 to 70."""
    return make.run(min_age=50, max_age=70)


def ids(one, now):
    return [row["id"] for row in similar.list_similar(db.session, one.id, now)]


@pytest.mark.parametrize(
    ("given", "offered"),
    [
        ({}, True),
        ({"taken": 29}, True),
        ({"taken": 30}, False),
        ({"waiting": 1}, False),
        ({"capacity": None}, True),
        ({"opens_in": HOUR}, False),
        ({"closes_in": timedelta()}, False),
        ({"cancelled": True}, False),
        ({"published_at": None}, False),
        ({"min_age": 71}, False),
        ({"min_age": 70}, True),
        ({"max_age": 49}, False),
        ({"max_age": 50}, True),
        ({"kept": True}, False),
    ],
)
def test_what_is_offered(make, one, given, offered) -> None:
    now, given = make.now, dict(given)
    if given.pop("cancelled", False):
        given["cancelled_at"] = now
    if "opens_in" in given:
        given["opens_at"] = now + given.pop("opens_in")
    if "closes_in" in given:
        given["closes_at"] = now + given.pop("closes_in")
    if given.pop("kept", False):
        given["home_place_id"] = make.place().id
    other = make.run(place=make.place(), **given)
    assert ids(one, now) == ([other.id] if offered else [])


def test_the_same_course_first_then_the_same_shelf_and_near(make, one) -> None:
    singing = make.once("course", make.course)
    shelf = make.course("合唱")
    other_shelf = make.add(CourseCategory(code="clay", name="陶艺", name_en="Clay", sort=2))
    clay = make.course("陶艺", category_id=other_shelf.id)
    next_door = make.place(name="和睦社区")
    far_street = make.place(PlaceKind.STREET, name="安宁街道")
    far = make.place(parent=far_street, name="东湖社区")
    like_far = make.run(course=shelf, place=far)
    like_near = make.run(course=shelf, place=next_door)
    same_far = make.run(course=singing, place=far)
    same_near = make.run(course=singing, place=next_door, lead=9 * DAY)
    like_here = make.run(course=shelf)
    make.run(course=clay)
    assert ids(one, make.now) == [same_near.id, same_far.id, like_here.id, like_near.id]
    assert like_far.id not in ids(one, make.now)


def test_at_most_six_and_never_itself(make, one) -> None:
    for _ in range(8):
        make.run()
    found = ids(one, make.now)
    assert len(found) == similar.MOST
    assert one.id not in found


def test_of_what_nobody_sees_nothing_is_told(make) -> None:
    draft = make.run(published_at=None)
    for ident in (draft.id, 98765):
        with pytest.raises(NotFound):
            similar.list_similar(db.session, ident, make.now)
