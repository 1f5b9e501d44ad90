"""The rooms of a district and their reservations of two weeks, written by the database itself."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from backend import clock
from bench import seed, year
from bench.seed import Resident, Town

ROOMS, RESERVATIONS = 800, 60_000
Hour = tuple[int, datetime]
"""A room and when an hour begins."""

KEEPING = 20
"""Every so many-th room wants a gap after each use, and limits what people have."""
HOURS = (9, 10, 11, 13, 14, 15)
"""Each room is reserved at these hours of a day, or two or four later."""
_WEEK = ", ".join(
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
)  # fmt: skip
_OPEN = ", ".join(["'09:00-21:00'"] * 7)

_WRITTEN = (
    *year.PLACES,
    """
    INSERT INTO venue (id, place_id, code, name, address, latitude, longitude, step_free)
    SELECT n, 100 + n, 'v' || n, n || '号社区党群服务中心', '幸福路' || n || '号',
        31.1 + n % 13 * 0.01, 121.3 + n / 13 * 0.01, n % 2 = 0
    FROM generate_series(1, :communities) n
    """,
    """
    INSERT INTO room (id, place_id, venue_id, name, capacity, functions, equipment, step_free)
    SELECT n, 101 + n % :communities, 1 + n % :communities, n || '室', 8 + n % 5 * 8,
        CASE n % 3 WHEN 0 THEN '["meeting"]'::jsonb WHEN 1 THEN '["dance", "music"]'::jsonb
        ELSE '["reading", "calligraphy"]'::jsonb END,
        CASE n % 2 WHEN 0 THEN '["projector", "whiteboard"]'::jsonb ELSE '["sound"]'::jsonb END,
        true
    FROM generate_series(1, :rooms) n
    """,
    "INSERT INTO atom (id, place_id, name) SELECT id, place_id, name FROM room",
    "INSERT INTO room_atom (room_id, atom_id) SELECT id, id FROM room",
    """
    INSERT INTO bookable (id, kind, title, place_id, starts_at, ends_at, taken, waiting,
        published_at)
    SELECT id, 'room', name, place_id, '2000-01-01', '2100-01-01', 75, 0, now() FROM room
    """,
    "INSERT INTO open_room (id, room_id) SELECT id, id FROM room",
    f"INSERT INTO room_rules (place_id, {_WEEK}, horizon_days) VALUES (1, {_OPEN}, 14)",
    f"""
    INSERT INTO room_rules (place_id, {_WEEK}, max_minutes)
    SELECT 100 + n * 5, {_OPEN}, 180 FROM generate_series(1, 30) n
    """,
    """
    INSERT INTO room_rules (room_id, buffer_after, person_live, household_live,
        person_week_minutes)
    SELECT n * 20, 30, 10, 20, 1200 FROM generate_series(1, 40) n
    """,
    """
    INSERT INTO booking (id, bookable_id, person_id, quantity, state, starts_at, ends_at, code,
        short_code, created_at)
    SELECT n, room, 1 + n % :people, 1, 'confirmed', start, start + interval '1 hour', 'b' || n,
        '123456', now()
    FROM generate_series(1, :reservations) n,
        LATERAL (SELECT 1 + n % :rooms, (n - 1) / :rooms) r(room, k),
        LATERAL (SELECT (ARRAY[9, 10, 11, 13, 14, 15])[1 + k % 6] + room % 3 * 2) h(hour),
        LATERAL (SELECT CAST(:midnight AS timestamptz) + (1 + k / 6) * interval '1 day'
            + hour * interval '1 hour') s(start)
    """,
    """
    INSERT INTO reservation (booking_id, title, headcount)
    SELECT id, '合唱排练', 8 FROM booking
    """,
    """
    INSERT INTO occupancy (atom_id, starts_at, ends_at, occupant_kind, occupant_id)
    SELECT bookable_id, starts_at, ends_at, 'reservation', id FROM booking
    """,
    "SELECT setval(pg_get_serial_sequence('booking', 'id'), :reservations)",
)  # fmt: skip


def midnight(now: datetime) -> datetime:
    """From which the days count."""
    return clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)


def write(connection: Connection, people: int, now: datetime) -> list[Resident]:
    """The whole of it; and so many residents who are signed in."""
    seed.create_tables(connection)
    values = {
        "streets": year.STREETS, "communities": year.COMMUNITIES, "rooms": ROOMS,
        "reservations": RESERVATIONS, "people": people, "midnight": midnight(now),
    }  # fmt: skip
    places, rest = _WRITTEN[: len(year.PLACES)], _WRITTEN[len(year.PLACES) :]
    for statement in places:
        _run(connection, statement, values)
    town = Town(1, range(101, 101 + year.COMMUNITIES), 0, 0, 0)
    residents = seed.residents(connection, town, people, now)
    for statement in rest:
        _run(connection, statement, values)
    seed.settle(connection)
    return residents


def _run(connection: Connection, statement: str, values: dict[str, object]) -> None:
    asked = {name: value for name, value in values.items() if f":{name}" in statement}
    connection.execute(text(statement), asked)


def free_hours(now: datetime) -> list[Hour]:
    """Hours that nobody has reserved, most of them far apart; nothing else counts there."""
    return [
        (room, midnight(now) + timedelta(days=day, hours=hour))
        for day in range(1, 13)
        for hour in range(9, 21)
        for room in range(1, ROOMS + 1)
        if room % KEEPING and hour not in _reserved(room)
    ]


def kept_hours(now: datetime) -> list[Hour]:
    """The same of rooms that want gaps and limit what one has; none is near to another."""
    return [
        (room, midnight(now) + timedelta(days=day, hours=hour))
        for day in range(1, 13)
        for hour in range(9, 21, 2)
        for room in range(KEEPING, ROOMS + 1, KEEPING)
        if not _reserved(room) & {hour - 1, hour, hour + 1}
    ]


def _reserved(room: int) -> set[int]:
    return {hour + room % 3 * 2 for hour in HOURS}
