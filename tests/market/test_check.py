"""What `xingfu check` asks of markets holds, and each check finds what was broken by hand."""

from datetime import datetime

import pytest
from sqlalchemy import text

from backend import checking, clock
from backend.market import check, numbers, planning, service
from backend.market.number_facts import Wish
from backend.market.repeating import service as repeating
from backend.market.repeating.dates import Rule
from backend.market.service import Wanted

NINE = datetime(2026, 3, 14, 9, tzinfo=clock.LOCAL)

BREAKS = {
    "stalls-have-their-room": "DELETE FROM occupancy",
    "rooms-kept-for-markets": "UPDATE market_day SET cancelled_at = '2026-03-11 12:00:00+00'",
    "nobody-at-two-stalls": "UPDATE stall SET from_minute = 540, until_minute = 660",
    "market-slots-are-whole": "UPDATE stall SET until_minute = 600 WHERE from_minute = 540",
    "nobody-comes-to-a-slot-that-is-gone": "UPDATE bookable SET cancelled_at = '2026-03-11 12:00'",
    "one-slot-a-day": """
        UPDATE booking SET once_key = NULL, person_id = (SELECT min(person_id) FROM booking)
        """,
    "bookings-at-their-slot": "UPDATE booking SET starts_at = '2026-03-14 00:00:00+00'",
    "months-made-once": "UPDATE market_day SET place_id = (SELECT min(id) FROM place)",
    "numbers-have-no-gaps": "UPDATE stall SET last_number = last_number + 1",
    "one-number-a-desk": "UPDATE ticket SET stage = 'called', desk = 1",
    "stages-of-numbers-in-order": "UPDATE ticket SET stage = 'served', ended_at = taken_at",
    "moved-numbers-are-linked": "UPDATE ticket SET stage = 'moved', moved_to_id = id",
    "who-came-is-checked-in": "UPDATE booking SET state = 'confirmed'",
    "visits-have-a-home": "UPDATE stall SET at_home = true",
    "visits-end-as-they-say": """
        INSERT INTO home_visit (booking_id, outcome, ended_at)
        SELECT min(id), 'nobody', '2026-03-14 12:00:00+00' FROM booking
        """,
    "hours-of-who-stood-there": """
        INSERT INTO stall_hours
        SELECT s.id, p.id, 540, 600, '', f.id, '2026-03-14 12:00:00+00'
        FROM stall s, provider p, staff f WHERE p.name = '没出摊'
        """,
}


def broken(session) -> set[str]:
    """The names of the market's checks that do not hold."""
    found = checking.run(session.connection(), check.CHECKS, clock.now())
    return {one.check.name for one in found if one.rows}


def test_every_check_is_broken_by_a_test() -> None:
    assert set(BREAKS) == {one.name for one in check.CHECKS}


@pytest.mark.parametrize("name", BREAKS)
def test_the_check_finds_what_is_broken(session, planner, market, make, now, name: str) -> None:
    make.provider("没出摊")
    room = make.room(market.place)
    first, _second = (
        planning.add_stall(session, planner, market.day.id, plan, now)
        for plan in (
            market.plan(room_id=room.id, walk_up_percent=0),
            market.plan(from_minute=660, until_minute=720),
        )
    )
    planning.open_day(session, planner, market.day.id, None, now)
    repeating.set_up(session, planner, market.day.id, Rule(2, 5), now)
    for minute, who_name in ((540, "甲"), (555, "乙"), (570, "还没来")):
        who = make.resident(who_name)
        starts_at = NINE.replace(minute=minute - 540)
        wanted = Wanted(stall_id=first, person_id=who.person.id, starts_at=starts_at)
        service.book(session, who.me, wanted, now)
        if who_name != "还没来":
            code = numbers.code_of(first, NINE)
            numbers.take(session, who.me, Wish(first, who.person.id, code), NINE)
    assert broken(session) == set()
    session.execute(text(BREAKS[name]))
    assert name in broken(session)
