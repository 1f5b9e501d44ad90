"""A district-year of night school, written by the database itself: what statistics are made of."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from bench import seed

STREETS, COMMUNITIES, COURSES = 12, 156, 36

PLACES = (
    """
    INSERT INTO place (id, kind, parent_id, path, code, name)
    SELECT 1, 'district', NULL::bigint, '/1/', 'd', '幸福区'
    UNION ALL
    SELECT 1 + n, 'street', 1, '/1/' || 1 + n || '/', 's' || n, n || '号街道'
    FROM generate_series(1, :streets) n
    """,
    """
    INSERT INTO place (id, kind, parent_id, path, code, name)
    SELECT 100 + n, 'community', s, '/1/' || s || '/' || 100 + n || '/', 'c' || n, n || '号社区'
    FROM generate_series(1, :communities) n, LATERAL (SELECT 2 + n % :streets) street(s)
    """,
)
"""A district's streets and communities."""

_WRITTEN = (
    *PLACES,
    """
    INSERT INTO course_category (id, code, name, name_en, sort)
    SELECT n, 'k' || n, n || '类', 'Category ' || n, n FROM generate_series(1, 6) n
    """,
    """
    INSERT INTO course (id, code, category_id, title, summary)
    SELECT n, 'k' || n, 1 + n % 6, n || '号课程', '零基础也能学' FROM generate_series(1, :courses) n
    """,
    """
    INSERT INTO term (id, name, starts_on, ends_on) VALUES
        (1, '春季学期', '2025-02-17', '2025-07-11'), (2, '秋季学期', '2025-09-01', '2026-01-16')
    """,
    """
    INSERT INTO bookable (id, kind, title, place_id, starts_at, ends_at, capacity, taken, waiting,
        published_at)
    SELECT n, 'course_run', '班级', 101 + n % :communities, first, first + interval '70 days',
        32, :enrolled, CASE WHEN n % 5 = 0 THEN 10 ELSE 0 END, first - interval '30 days'
    FROM generate_series(1, :runs) n,
        LATERAL (SELECT CASE n % 2 WHEN 0 THEN timestamptz '2025-02-18 11:00+00'
                 ELSE '2025-09-02 11:00+00' END + n % 14 * interval '1 day') start(first)
    """,
    """
    INSERT INTO course_run (id, course_id, term_id, price_fen, audience, weekday, from_minute)
    SELECT id, 1 + id / 7 % :courses, 1 + id % 2, 0, 'everyone', id % 7, 1140 FROM bookable
    """,
    """
    INSERT INTO lesson (id, run_id, number, starts_at, ends_at)
    SELECT (b.id - 1) * :lessons + n, b.id, n, b.starts_at + (n - 1) * interval '7 days',
        b.starts_at + (n - 1) * interval '7 days' + interval '90 minutes'
    FROM bookable b, generate_series(1, :lessons) n
    """,
    """
    INSERT INTO person (id, name, birth_date, created_at)
    SELECT n, '居民' || n, date '1940-01-01' + n * 7919 % 27000, now()
    FROM generate_series(1, :people) n
    """,
    """
    INSERT INTO booking (bookable_id, person_id, state, starts_at, ends_at, queue_no, code,
        short_code, created_at)
    SELECT b.id, 1 + (b.id * 37 + n * 1009) % :people,
        CASE WHEN n > :enrolled THEN 'waiting' ELSE 'confirmed' END, b.starts_at, b.ends_at,
        CASE WHEN n > :enrolled THEN n - :enrolled END, b.id || '-' || n, '123456',
        b.published_at + n * interval '1 hour'
    FROM bookable b, LATERAL generate_series(1, :enrolled + b.waiting) n
    """,
    """
    INSERT INTO booking_event (booking_id, at, state) SELECT id, created_at, state FROM booking
    """,
    """
    INSERT INTO attendance (lesson_id, booking_id, presence, taken_by, at)
    SELECT l.id, b.id, CASE WHEN dice < 82 THEN 'present' WHEN dice < 88 THEN 'late'
        WHEN dice < 90 THEN 'left_early' WHEN dice < 94 THEN 'excused' ELSE 'absent' END,
        'tap', l.starts_at
    FROM lesson l JOIN booking b ON b.bookable_id = l.run_id AND b.state = 'confirmed',
        LATERAL (SELECT (b.id * 31 + l.number * 17) % 100) thrown(dice)
    ORDER BY l.starts_at, l.id
    """,
)


@dataclass(frozen=True, slots=True)
class Size:
    """How large a year is; the defaults are a district's."""

    runs: int = 5_000
    enrolled: int = 30
    lessons: int = 10
    people: int = 50_000


def write(connection: Connection, size: Size) -> None:
    """All tables, and the year in them: as many bookings and marks as `size` comes to."""
    seed.create_tables(connection)
    values = {
        "streets": STREETS, "communities": COMMUNITIES, "courses": COURSES, "runs": size.runs,
        "enrolled": size.enrolled, "lessons": size.lessons, "people": size.people,
    }  # fmt: skip
    for statement in _WRITTEN:
        asked = {name: value for name, value in values.items() if f":{name}" in statement}
        connection.execute(text(statement), asked)
    seed.settle(connection)
