"""Statistics against a district counted by hand: cuts, terms, reach, small groups."""

from collections import Counter
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from backend import clock
from backend.booking.rules import age_on
from backend.db import db
from backend.errors import Invalid, NotFound
from backend.night_school.models import Lesson, Term
from backend.night_school.statistics import counting, periods, report
from backend.night_school.statistics.figures import Band, Figures, Group
from backend.night_school.statistics.privacy import Hidden, veil
from backend.places.models import PlaceKind
from tests.console import me_of
from tests.factories import Make
from tests.night_school.small_district import District

FEW, GUARD = Hidden.FEW, Hidden.GUARD


@pytest.fixture
def district(make: Make) -> District:
    return District(make)


def read(district: District, who=None, **asked) -> report.Report:
    return report.read(db.session(), me_of(who or district.manager), asked, district.make.now)


def table(found: report.Report, code: str) -> dict[str, report.Line]:
    (one,) = [each for each in found.tables if each.code == code]
    return {line.name: line for line in one.lines}


def values(shown, *codes: str) -> tuple:
    return tuple(shown[code] for code in codes)


COUNTS = ("runs", "cancelled", "places", "lessons", "enrolled", "waiting")
MARKS = ("came", "absent", "excused", "unknown")
RATES = ("fill_rate", "attendance_rate", "no_show_rate")


def test_the_present_term_of_the_district_beside_the_one_before(district: District) -> None:
    found = read(district)
    assert (found.place.name, found.period.name) == ("幸福区", "2026年春季学期")
    assert found.versus.name == "2025年秋季学期"
    now, then = found.total.now, found.total.then
    assert values(now, *COUNTS) == (4, 1, 19, 4, 16, 3)
    assert values(now, *MARKS) == (6, 3, 2, 1)
    assert values(now, *RATES) == (63.2, 54.5, 27.3)
    assert now["people"] == 17
    assert values(then, *COUNTS) == (1, 0, 8, 2, 3, 0)
    assert values(then, *RATES) == (37.5, 100.0, 0.0)


def test_by_age_on_the_first_day(district: District) -> None:
    bands = table(read(district), "bands")
    assert {
        name: values(line.now, "enrolled", "people", "waiting", *MARKS)
        for name, line in bands.items()
    } == {
        "18 岁以下": (GUARD, GUARD, 0, GUARD, GUARD, GUARD, GUARD),
        "35–59 岁": (5, 6, 0, 2, 3, 2, 1),
        "60–69 岁": (FEW, FEW, 3, FEW, FEW, FEW, FEW),
        "70 岁及以上": (0, 0, 0, 0, 0, 0, 0),
        "年龄未登记": (5, 5, 0, 0, 0, 0, 0),
    }
    assert values(bands["70 岁及以上"].then, "enrolled", "people", "came") == (3, 3, 3)


def test_by_course_and_category(district: District) -> None:
    found = read(district)
    courses = table(found, "courses")
    assert list(courses) == ["声乐基础", "国画入门"]
    assert values(courses["声乐基础"].now, *COUNTS, *MARKS) == (3, 1, 19, 4, 12, 3, 6, 3, 2, 1)
    assert values(courses["国画入门"].now, *COUNTS, *MARKS) == (1, 0, 0, 0, 4, 0, 0, 0, 0, 0)
    assert courses["国画入门"].now["fill_rate"] is None
    assert courses["国画入门"].above == "书画"
    categories = table(found, "categories")
    assert {name: line.now["enrolled"] for name, line in categories.items()} == {
        "音乐": 12, "书画": 4,
    }  # fmt: skip


def test_by_street_and_community_two_people_are_hidden_and_so_is_what_would_tell_them(
    district: District,
) -> None:
    found = read(district)
    streets = table(found, "streets")
    assert {name: values(line.now, "runs", "places", "enrolled", "absent")
            for name, line in streets.items()} == {
        "和平街道": (2, 10, 9, 1),
        "安宁街道": (1, 4, FEW, FEW),
        "青山街道": (1, 5, GUARD, GUARD),
    }  # fmt: skip
    communities = table(found, "communities")
    assert {name: (line.above, line.now["enrolled"]) for name, line in communities.items()} == {
        "春晖社区": ("和平街道", 5),
        "梅园社区": ("和平街道", 4),
        "东湖社区": ("安宁街道", FEW),
        "松林社区": ("青山街道", GUARD),
    }
    assert table(found, "streets")["和平街道"].place_id == district.places["和平街道"].id


def test_a_street_lists_its_communities_a_community_no_places(district: District) -> None:
    street = read(district, place_id=district.places["和平街道"].id)
    cuts = ["categories", "courses", "bands"]
    assert [each.code for each in street.tables] == ["communities", *cuts]
    assert street.total.now["enrolled"] == 9
    community = read(district, place_id=district.places["春晖社区"].id)
    assert [each.code for each in community.tables] == cuts
    assert values(community.total.now, *COUNTS, *MARKS) == (1, 1, 10, 2, 5, 3, 6, 1, 2, 1)


def test_a_class_held_at_the_street_itself_is_told_apart(district: District) -> None:
    street = district.places["和平街道"]
    run = district.run(street, district.terms.spring.id, 9)
    for _ in range(3):
        district.book(run, 40)
    names = {
        name: line.now["enrolled"] for name, line in table(read(district), "communities").items()
    }
    assert names["和平街道本级"] == 3
    assert names["春晖社区"] == 5
    estate = district.make.place(PlaceKind.ESTATE, district.places["春晖社区"])
    run = district.run(estate, district.terms.spring.id, 9)
    for _ in range(3):
        district.book(run, 40)
    assert table(read(district), "communities")["春晖社区"].now["enrolled"] == 8


def test_staff_see_what_they_reach(district: District) -> None:
    own = read(district, district.worker)
    assert own.place.name == "春晖社区"
    assert [name for _id, name in own.places] == ["春晖社区"]
    for name in ("梅园社区", "和平街道", "幸福区"):
        with pytest.raises(NotFound):
            read(district, district.worker, place_id=district.places[name].id)


def test_a_year_lists_its_terms(district: District) -> None:
    found = read(district, period="year-2026")
    assert (found.period.name, found.versus.name) == ("2026 年全年", "2025 年全年")
    terms = table(found, "terms")
    assert terms["2026年春季学期"].now["enrolled"] == 16
    assert terms["2025年秋季学期"].then["enrolled"] == 3
    assert read(district, period="year-2026", versus="none").total.then is None


def test_from_day_to_day(district: District) -> None:
    found = read(district, since=date(2026, 2, 25), until=date(2026, 2, 25))
    assert (found.total.now["runs"], found.versus) == (2, None)
    assert read(district, since=date(2026, 2, 26)).total.now["runs"] == 0
    with pytest.raises(Invalid):
        read(district, until=date(2026, 2, 26))
    with pytest.raises(Invalid):
        read(district, since=date(2026, 2, 26), until=date(2026, 2, 25))


@pytest.mark.parametrize("asked", [{"period": "term-999999"}, {"versus": "year-1999"}])
def test_an_unknown_period_is_not_found(district: District, asked: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        read(district, **asked)


def test_marks_at_a_lesson_that_was_called_off_do_not_count(district: District) -> None:
    first = select(Lesson.id).where(Lesson.number == 1, Lesson.ends_at <= district.make.now)
    here = first.where(Lesson.run_id == min(db.session.scalars(select(Lesson.run_id))))
    db.session.execute(
        update(Lesson).where(Lesson.id.in_(here)).values(cancelled_at=district.make.now)
    )
    db.session.commit()
    total = read(district).total.now
    assert values(total, *MARKS) == (3, 2, 1, 0)
    assert total["lessons"] == 3


BIRTHS = [
    date(year, month, day)
    for year in (1956, 1958, 1966, 1968, 1991, 1993, 2008, 2010)
    for month, day in ((2, 27), (2, 28), (3, 1), (3, 2))
] + [date(1956, 2, 29), date(1968, 2, 29), date(2008, 2, 29)]


@pytest.mark.parametrize("first_day", [date(2026, 2, 28), date(2026, 3, 1), date(2028, 2, 29)])
def test_the_bands_are_those_of_whole_years(make: Make, first_day: date) -> None:
    district = District.__new__(District)
    district.make = make
    term = Term(name="学期", starts_on=date(2026, 1, 1), ends_on=date(2028, 7, 1))
    make.once("term", lambda: make.add(term))
    starts_at = datetime.combine(first_day, time(0, 30), clock.LOCAL)
    for born in BIRTHS:
        run = make.run(lessons=1, starts_at=starts_at)
        district.book(run, None, person=make.person(birth_date=born))
    found = counting.count(db.session(), "/", periods.span(first_day, first_day), make.now).cuts
    expected = Counter(_band(age_on(born, first_day)) for born in BIRTHS)
    counted = {band: each.enrolled for band, each in found[counting.Cut.BAND].items()}
    assert counted == dict(expected)


def _band(age: int) -> Band:
    for bound, band in ((18, Band.UNDER_18), (35, Band.TO_34), (60, Band.TO_59), (70, Band.TO_69)):
        if age < bound:
            return band
    return Band.FROM_70


def test_few_statements(district: District, statements: list[str]) -> None:
    me = me_of(district.manager)
    statements.clear()
    report.read(db.session(), me, {}, district.make.now)
    assert len(statements) == 7  # places, terms, two periods with what is outdated in them, courses


def group_of(ids: list[int]) -> Group:
    return sum((Group(1, one, one * one, one, one) for one in ids), Group())


@given(st.lists(st.integers(1, 10**7), max_size=12), st.lists(st.integers(1, 4), max_size=9))
def test_a_group_knows_whether_it_is_fewer_than_three(ids: list[int], again: list[int]) -> None:
    everybody = ids + [ids[number % len(ids)] for number in again if ids]
    assert group_of(everybody).is_small is (len(set(everybody)) in (1, 2))


@given(st.lists(st.integers(0, 9), max_size=8))
def test_what_is_shown_leaves_every_small_group_open(sizes: list[int]) -> None:
    groups = [group_of(list(range(1, size + 1))) for size in sizes]
    veiled = veil(groups)
    small = [number for number, size in enumerate(sizes) if 0 < size < 3]
    assert [number for number, mark in enumerate(veiled) if mark is FEW] == small
    if not small:
        assert set(veiled) <= {None}
        return
    guards = [sizes[number] for number, mark in enumerate(veiled) if mark is GUARD]
    left = sum(sizes[number] for number in small) + sum(guards)
    if len(guards) < sum(size >= 3 for size in sizes):
        # From what is left of the sum, each small group may still be of one person or of two.
        assert left >= 2 + (len(small) - 1) + 3 * len(guards)
        assert guards


def test_below_a_hidden_sum_everything_is_hidden() -> None:
    groups = [group_of([1, 2, 3]), group_of([]), group_of([4])]
    assert veil(groups, all_of_them=True) == [GUARD, None, FEW]


def test_figures_add_up() -> None:
    one = Figures(runs=1, enrolled=2, taking_part=group_of([1, 2]))
    two = Figures(runs=1, enrolled=1, taking_part=group_of([3]))
    assert one + two == Figures(runs=2, enrolled=3, taking_part=group_of([1, 2, 3]))
