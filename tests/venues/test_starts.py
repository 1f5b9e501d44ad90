"""Free starts against an oracle that walks minute by minute; hours, uses, rules at random."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backend import clock
from backend.places.holidays import ServingCalendar
from backend.places.models import OccupantKind
from backend.venues import errors, rules, starts
from backend.venues.asked import MINUTE, Asked, RuleSet, Use
from backend.venues.hours import Opening, write_hours

FIRST, DAYS = date(2026, 2, 27), 3
"""Over the end of a month."""

MIDNIGHT = datetime.combine(FIRST, time(), clock.LOCAL)


@st.composite
def week(draw: st.DrawFn) -> tuple[str, ...]:
    """Hours of seven days: none, one or two spans, also past midnight."""
    quarters = draw(st.lists(st.integers(0, 110), min_size=0, max_size=4, unique=True).map(sorted))
    spans = [(a * 15, b * 15) for a, b in zip(quarters[::2], quarters[1::2], strict=False)]
    spans = [(a, b) for a, b in spans if a < 1440 and b <= spans[0][0] + 1440]
    return (write_hours(spans),) * 7


ruleset = st.builds(
    RuleSet,
    grid_minutes=st.sampled_from([15, 20, 30, 60]), min_minutes=st.sampled_from([15, 30, 45, 60]),
    max_minutes=st.sampled_from([60, 90, 240]), buffer_before=st.sampled_from([0, 10, 30]),
    buffer_after=st.sampled_from([0, 15, 45]), lead_minutes=st.sampled_from([0, 120]),
    horizon_days=st.sampled_from([0, 1, 14]), whole_day=st.booleans(),
)  # fmt: skip


@st.composite
def uses(draw: st.DrawFn) -> list[Use]:
    """A few uses, which may overlap: they are of different parts of the room."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        at = MIDNIGHT + draw(st.integers(0, 4 * DAYS * 24)) * 15 * MINUTE
        length = draw(st.integers(1, 16)) * 15 * MINUTE
        kind = draw(st.sampled_from(list(OccupantKind)))
        buffers = draw(st.sampled_from([(0, 0), (0, 30), (45, 15)]))
        if kind != OccupantKind.RESERVATION:
            buffers = (0, 0)
        found.append(Use(at, at + length, kind, number, *buffers))
    return found


def fits(spans, used, ruled, now, begins, ends) -> bool:
    """The oracle: is every minute open and free, gaps included? Nothing of the rules' own code."""
    minutes = int((ends - begins).total_seconds()) // 60
    inside = [one for one in spans if one.starts_at <= begins and ends <= one.ends_at]
    if not inside or begins <= now or begins < now + timedelta(minutes=ruled.lead_minutes):
        return False
    if (begins.astimezone(clock.LOCAL).date() - clock.today(now)).days > ruled.horizon_days:
        return False
    if ruled.whole_day:
        if not any((one.starts_at, one.ends_at) == (begins, ends) for one in inside):
            return False
    else:
        [span] = inside
        grid = range(0, 3 * 1440, ruled.grid_minutes)
        if int((begins - span.starts_at).total_seconds()) // 60 not in grid:
            return False
        if ends != span.ends_at and int((ends - span.starts_at).total_seconds()) // 60 not in grid:
            return False
        if not ruled.min_minutes <= minutes <= ruled.max_minutes:
            return False
    for use in used:
        before = after = 0
        if use.kind != "block":
            before = max(use.buffer_after, ruled.buffer_before)
            after = max(use.buffer_before, ruled.buffer_after)
        if use.ends_at <= begins:
            taken = (use.starts_at, use.ends_at + timedelta(minutes=before))
        else:
            taken = (use.starts_at - timedelta(minutes=after), use.ends_at)
        minute = begins
        while minute < ends:
            if taken[0] <= minute < taken[1]:
                return False
            minute += timedelta(minutes=5)  # every bound lies on five minutes
    return True


@settings(max_examples=60, deadline=None)
@given(week(), uses(), ruleset, st.integers(-60, 26 * 60))
def test_the_starts_are_those_of_the_oracle(hours, used, ruled, minutes_in) -> None:
    now = MIDNIGHT + timedelta(minutes=minutes_in // 5 * 5)
    opening = Opening(hours, None, ServingCalendar(), {}, "/")
    days = list(opening.between(FIRST, FIRST + timedelta(days=DAYS - 1)))
    for day in starts.of_days(days, used, ruled, now):
        for start in day.starts:
            [span] = [one for one in day.spans if one.starts_at <= start.starts_at < one.ends_at]
            lengths = [
                length
                for length in range(5, int((span.ends_at - start.starts_at) / MINUTE) + 1, 5)
                if fits([span], used, ruled, now, start.starts_at,
                        start.starts_at + length * MINUTE)
            ]  # fmt: skip
            assert start.minutes == max(lengths, default=0)
            assert (start.why is None) == bool(lengths)
        listed = {start.starts_at for start in day.starts}
        for span in day.spans:  # and no start is left out
            begins = span.starts_at
            while begins < span.ends_at:
                ends = min(begins + ruled.max_minutes * MINUTE, span.ends_at)
                while ends > begins:
                    if fits([span], used, ruled, now, begins, ends):
                        assert begins in listed
                    ends -= 5 * MINUTE
                begins += 5 * MINUTE * (1 if ruled.grid_minutes % 15 else 3)


@settings(max_examples=40, deadline=None)
@given(week(), uses(), ruleset, st.integers(0, 300), st.integers(1, 40))
def test_a_start_on_show_can_be_had_for_all_its_minutes(
    hours, used, ruled, quarter, quarters
) -> None:
    """The list and the verb judge alike: what is shown free passes the rules of making."""
    opening = Opening(hours, None, ServingCalendar(), {}, "/")
    days = list(opening.between(FIRST, FIRST + timedelta(days=DAYS - 1)))
    shown = [start for day in starts.of_days(days, used, ruled, MIDNIGHT) for start in day.starts]
    assume(shown)
    start = shown[quarter % len(shown)]
    length = start.minutes or quarters * 15
    asked = Asked(
        now=MIDNIGHT, starts_at=start.starts_at, ends_at=start.starts_at + length * MINUTE,
        rules=ruled, days=days, uses=used,
    )  # fmt: skip
    refusals = rules.reasons(asked, rules.OF_TIME)
    if start.minutes:
        assert refusals == []


@settings(max_examples=60, deadline=None)
@given(week(), uses(), ruleset, st.integers(-60, 26 * 60), st.sampled_from([None, 50, 90]))
def test_each_start_says_what_the_rules_say_of_it_alone(hours, used, ruled, late, minutes) -> None:
    """Starts that look alike are judged together; the refusals are those of judging each."""
    now = MIDNIGHT + timedelta(minutes=late // 5 * 5)
    opening = Opening(hours, None, ServingCalendar(), {}, "/")
    for day in opening.between(FIRST, FIRST + timedelta(days=DAYS - 1)):
        for span in day.spans:
            only = replace(day, spans=(span,))
            [found] = starts.of_days([only], used, ruled, now, minutes)
            offered = starts.slots(span, ruled, now, minutes)
            for start, slot in zip(found.starts, offered, strict=True):
                asked = Asked(
                    now=now, starts_at=slot.starts_at, ends_at=slot.ends_at, rules=ruled,
                    days=[only], uses=used,
                )  # fmt: skip
                first = next(iter(rules.reasons(asked, rules.OF_TIME)), None)
                assert type(start.why) is type(first)
                assert first is None or start.why.data == first.data


def day_of(text: str, used=(), minutes=None, **ruled):
    opening = Opening((text,) * 7, None, ServingCalendar(), {}, "/")
    return starts.of_days(
        [opening.on(FIRST)], used, RuleSet(**ruled), MIDNIGHT - timedelta(hours=1), minutes
    )[0]  # fmt: skip


def at(hour: int, minute: int = 0) -> datetime:
    return MIDNIGHT + timedelta(hours=hour, minutes=minute)


def test_closed_and_full_are_told_apart() -> None:
    assert day_of("").state == "closed"
    lesson = Use(at(9), at(12), OccupantKind.LESSON, 1)
    full = day_of("09:00-12:00", [lesson])
    assert full.state == "full"
    assert {type(start.why) for start in full.starts} == {errors.InUse}
    assert str(full.starts[0].why) == "这个时间夜校上课。"
    assert day_of("09:00-12:00").state == "free"


def test_each_start_says_why_not() -> None:
    used = [Use(at(10), at(11), OccupantKind.RESERVATION, 1, 0, 30)]
    day = day_of("09:00-13:00", used, minutes=60, grid_minutes=30, buffer_after=15)
    told = {
        f"{start.starts_at:%H:%M}": start.why and type(start.why).__name__ for start in day.starts
    }
    assert told == {
        "09:00": "TooClose", "09:30": "InUse", "10:00": "InUse", "10:30": "InUse",
        "11:00": "TooClose", "11:30": None, "12:00": None, "12:30": "AcrossClosing",
    }  # fmt: skip
    assert [start.minutes for start in day.starts if start.minutes] == [90, 60]


def test_a_block_wants_no_gap() -> None:
    used = [Use(at(10), at(11), OccupantKind.BLOCK, 1)]
    day = day_of("09:00-13:00", used, minutes=60, buffer_after=30, buffer_before=30)
    assert [f"{start.starts_at:%H:%M}" for start in day.starts if start.minutes] == [
        "09:00", "11:00", "11:30", "12:00",
    ]  # fmt: skip


def test_gaps_reach_into_closed_time() -> None:
    """The room is aired after closing: the last hour is free to its end."""
    day = day_of("09:00-11:00", minutes=60, buffer_after=60, buffer_before=60)
    assert [start.minutes for start in day.starts if start.minutes] == [120, 90, 60]


def test_a_whole_day_room_has_one_start_a_span() -> None:
    day = day_of("09:00-12:00 14:00-21:00", whole_day=True, max_minutes=60)
    assert [(start.starts_at, start.minutes) for start in day.starts] == [
        (at(9), 180), (at(14), 420),
    ]  # fmt: skip
