"""The rules of booking as tables: just before, at and just after each edge."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.booking import errors, rules
from backend.booking.rules import DESK_MAY_OVERRULE, RULES, Facts
from backend.errors import NotFound

NOW = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
FIRST_LESSON = datetime(2026, 3, 18, 11, 0, tzinfo=UTC)  # 19:00
SECOND = timedelta(seconds=1)
INSTANT = timedelta(microseconds=1)


def facts(**given: object) -> Facts:
    """A published, open run for everybody, and a person of 66 who may book it."""
    return Facts(
        **{
            "now": NOW, "bookable_id": 7, "title": "声乐基础", "starts_at": FIRST_LESSON,
            "published_at": NOW - timedelta(days=1), "cancelled_at": None,
            "opens_at": NOW - timedelta(hours=1), "closes_at": FIRST_LESSON,
            "birth_date": date(1960, 2, 1), "home_path": "/1/4/17/301/",
            "live_booking_id": None,
        }
        | given
    )  # fmt: skip


def refusal(asked: Facts, *, overruled: bool = False) -> type[Exception] | None:
    try:
        rules.check(asked, overruled=overruled)
    except Exception as error:
        return type(error)
    return None


MOMENTS = [
    ({"published_at": None}, NotFound),
    ({"published_at": NOW + INSTANT}, NotFound),
    ({"published_at": NOW}, None),
    ({"cancelled_at": NOW - timedelta(days=3)}, errors.Cancelled),
    ({"opens_at": NOW + INSTANT}, errors.NotYetOpen),
    ({"opens_at": NOW}, None),
    ({"opens_at": NOW - SECOND}, None),
    ({"opens_at": None}, None),
    ({"closes_at": NOW + INSTANT}, None),
    ({"closes_at": NOW}, errors.Closed),
    ({"closes_at": NOW - SECOND}, errors.Closed),
    ({"closes_at": None}, None),
    ({"live_booking_id": 5}, errors.AlreadyBooked),
]


@pytest.mark.parametrize(("given", "expected"), MOMENTS)
def test_moments(given: dict[str, object], expected: type[Exception] | None) -> None:
    assert refusal(facts(**given)) is expected


AGES = [  # what counts is the day of the first meeting, 18 March 2026
    ({"min_age": 18}, date(2008, 3, 17), None),
    ({"min_age": 18}, date(2008, 3, 18), None),
    ({"min_age": 18}, date(2008, 3, 19), errors.TooYoung),
    ({"max_age": 12}, date(2013, 3, 19), None),
    ({"max_age": 12}, date(2013, 3, 18), errors.TooOld),
    ({"min_age": 60, "max_age": 75}, date(1966, 3, 18), None),
    ({"min_age": 60, "max_age": 75}, date(1966, 3, 19), errors.TooYoung),
    ({"min_age": 60, "max_age": 75}, date(1950, 3, 18), errors.TooOld),
    ({"min_age": 60, "max_age": 75}, date(1950, 3, 19), None),
    ({"min_age": 18}, None, errors.BirthDateUnknown),
    ({"max_age": 12}, None, errors.BirthDateUnknown),
    ({}, None, None),
]


@pytest.mark.parametrize(("limits", "birth_date", "expected"), AGES)
def test_ages(
    limits: dict[str, int], birth_date: date | None, expected: type[Exception] | None
) -> None:
    assert refusal(facts(birth_date=birth_date, **limits)) is expected


def test_a_run_under_way_asks_for_the_age_of_today() -> None:
    begun = facts(starts_at=NOW - timedelta(days=30), closes_at=None, min_age=18)
    assert refusal(begun) is None
    today_18 = facts(
        starts_at=NOW - timedelta(days=30), closes_at=None, min_age=18,
        birth_date=date(2008, 3, 11),
    )  # fmt: skip
    assert refusal(today_18) is None
    tomorrow_18 = facts(
        starts_at=NOW - timedelta(days=30), closes_at=None, min_age=18,
        birth_date=date(2008, 3, 12),
    )  # fmt: skip
    assert refusal(tomorrow_18) is errors.TooYoung


def test_the_day_of_an_age_is_the_day_in_shanghai() -> None:
    late_evening = datetime(2026, 3, 17, 16, 30, tzinfo=UTC)  # 00:30 on the 18th
    asked = facts(starts_at=late_evening, min_age=18, birth_date=date(2008, 3, 18))
    assert refusal(asked) is None


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 28), 19),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2008, 12, 31), date(2026, 12, 30), 17),
        (date(2008, 12, 31), date(2026, 12, 31), 18),
        (date(2026, 3, 11), date(2026, 3, 11), 0),
    ],
)
def test_age_in_whole_years(birth: date, day: date, age: int) -> None:
    assert rules.age_on(birth, day) == age


HOMES = [
    (4, "/1/4/17/301/", None),
    (17, "/1/4/17/301/", None),
    (17, "/1/4/17/", None),
    (17, "/1/4/170/", errors.LivesElsewhere),  # no id is the beginning of another's
    (7, "/1/4/17/", errors.LivesElsewhere),
    (5, "/1/4/17/301/", errors.LivesElsewhere),
    (17, "/1/4/", errors.LivesElsewhere),  # only the street is known
    (4, None, errors.LivesElsewhere),
    (None, None, None),
]


@pytest.mark.parametrize(("limit", "home", "expected"), HOMES)
def test_homes(limit: int | None, home: str | None, expected: type[Exception] | None) -> None:
    assert refusal(facts(home_place_id=limit, home_path=home)) is expected


@pytest.mark.parametrize(
    ("place", "until", "home", "expected"),
    [
        (17, NOW + SECOND, "/1/4/17/301/", None),
        (17, NOW + SECOND, "/1/4/18/", errors.NeighboursFirst),
        (17, NOW + SECOND, None, errors.NeighboursFirst),
        (17, NOW, "/1/4/18/", None),  # exactly at the end everybody may
        (None, None, None, None),
    ],
)
def test_neighbours_first(
    place: int | None, until: datetime | None, home: str | None, expected: type[Exception] | None
) -> None:
    asked = facts(priority_place_id=place, priority_until=until, home_path=home)
    assert refusal(asked) is expected


def test_who_must_wait_longer_is_told_the_later_moment_first() -> None:
    later = NOW + timedelta(hours=2)
    asked = facts(opens_at=NOW + SECOND, priority_place_id=99, priority_until=later)
    first, second = rules.reasons(asked)
    assert (type(first), first.data) == (errors.NeighboursFirst, {"opens_at": later})
    assert type(second) is errors.NotYetOpen


def test_all_reasons_come_in_the_order_of_the_rules() -> None:
    asked = facts(opens_at=NOW + SECOND, min_age=70, max_age=60, home_place_id=9, live_booking_id=5)
    found = [type(reason) for reason in rules.reasons(asked)]
    assert found == [
        errors.AlreadyBooked, errors.TooYoung, errors.TooOld, errors.LivesElsewhere,
        errors.NotYetOpen,
    ]  # fmt: skip


def test_an_unknown_birth_date_is_one_reason() -> None:
    asked = facts(birth_date=None, min_age=18, max_age=60)
    assert [type(reason) for reason in rules.reasons(asked)] == [errors.BirthDateUnknown]


def test_refusals_carry_the_facts_a_client_may_show() -> None:
    for given, data in [
        ({"opens_at": NOW + SECOND}, {"opens_at": NOW + SECOND}),
        ({"closes_at": NOW}, {"closes_at": NOW}),
        ({"min_age": 70}, {"min_age": 70}),
        ({"max_age": 60}, {"max_age": 60}),
        ({"live_booking_id": 5}, {"booking_id": 5}),
        ({"needed": "书法入门"}, {"course": "书法入门"}),
        ({"again_at": FIRST_LESSON}, {"starts_at": FIRST_LESSON}),
        ({"most": 2, "in_term": 3}, {"most": 2}),
        ({"comes_from": NOW + SECOND}, {"opens_at": NOW + SECOND}),
    ]:
        assert [reason.data for reason in rules.reasons(facts(**given))] == [data]


@pytest.mark.parametrize(
    ("given", "without_reason", "with_reason"),
    [
        ({"closes_at": NOW}, errors.Closed, None),
        ({"opens_at": NOW + SECOND}, errors.NotYetOpen, None),
        ({"min_age": 70}, errors.TooYoung, None),
        ({"max_age": 60}, errors.TooOld, None),
        ({"min_age": 70, "birth_date": None}, errors.BirthDateUnknown, None),
        ({"home_place_id": 9}, errors.LivesElsewhere, None),
        ({"priority_place_id": 9, "priority_until": NOW + SECOND}, errors.NeighboursFirst, None),
        ({"needed": "书法入门"}, errors.CourseNeeded, None),
        ({"again_at": FIRST_LESSON}, errors.OncePerYear, None),
        ({"most": 2, "in_term": 2}, errors.EnoughThisTerm, None),
        ({"most": 2, "in_term": 1}, None, None),
        ({"comes_from": NOW + INSTANT}, errors.MissedOften, None),
        ({"comes_from": NOW}, None, None),
        ({"published_at": None}, NotFound, NotFound),
        ({"cancelled_at": NOW}, errors.Cancelled, errors.Cancelled),
        ({"live_booking_id": 5}, errors.AlreadyBooked, errors.AlreadyBooked),
    ],
)
def test_what_the_desk_may_set_aside(
    given: dict[str, object],
    without_reason: type[Exception] | None,
    with_reason: type[Exception] | None,
) -> None:
    assert refusal(facts(**given)) is without_reason
    assert refusal(facts(**given), overruled=True) is with_reason


def test_the_desk_sets_nothing_aside_that_is_no_rule() -> None:
    assert set(RULES) >= DESK_MAY_OVERRULE
