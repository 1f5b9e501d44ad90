"""What must hold between runs, lessons, rooms and attendance."""

from backend.checking import Check

CHECKS = (
    Check(
        "runs-are-whole",
        "a bookable of the night school has its course run",
        """
        SELECT o.id AS bookable FROM bookable o LEFT JOIN course_run r ON r.id = o.id
        WHERE o.kind = 'course_run' AND r.id IS NULL
        """,
    ),
    Check(
        "terms-apart",
        "no two terms share a day",
        """
        SELECT t.id AS term, other.id AS overlaps FROM term t
        JOIN term other ON other.id > t.id
         AND other.starts_on <= t.ends_on AND t.starts_on <= other.ends_on
        """,
    ),
    Check(
        "attendance-in-own-class",
        "attendance is of a booking of the same class as the lesson",
        """
        SELECT a.id AS attendance, l.run_id AS run, b.bookable_id AS booked
        FROM attendance a JOIN lesson l ON l.id = a.lesson_id JOIN booking b ON b.id = a.booking_id
        WHERE b.bookable_id <> l.run_id
        """,
    ),
    Check(
        "excuses-in-own-class",
        "somebody is excused from lessons of the class they booked",
        """
        SELECT e.id AS excuse, l.run_id AS run, b.bookable_id AS booked
        FROM excuse e JOIN lesson l ON l.id = e.lesson_id JOIN booking b ON b.id = e.booking_id
        WHERE b.bookable_id <> l.run_id
        """,
    ),
    Check(
        "uploads-in-own-class",
        "what a device uploaded and was applied, or waits as a conflict, is of the lesson's class",
        """
        SELECT e.id AS entry, l.run_id AS run, b.bookable_id AS booked
        FROM uploaded_entry e JOIN lesson l ON l.id = e.lesson_id
        JOIN booking b ON b.id = e.booking_id
        WHERE e.outcome IN ('done', 'conflict') AND b.bookable_id <> l.run_id
        """,
    ),
    Check(
        "lessons-have-their-room",
        "a lesson that takes place occupies every part of its room for its whole time",
        """
        SELECT l.id AS lesson, l.room_id AS room, a.atom_id AS atom
        FROM lesson l JOIN room_atom a ON a.room_id = l.room_id
        LEFT JOIN occupancy o ON o.atom_id = a.atom_id AND o.occupant_kind = 'lesson'
         AND o.occupant_id = l.id AND o.starts_at <= l.starts_at AND o.ends_at >= l.ends_at
        WHERE l.cancelled_at IS NULL AND o.id IS NULL
        """,
    ),
    Check(
        "rooms-kept-for-lessons",
        "no room is kept for a lesson that was cancelled or is not there",
        """
        SELECT o.id AS occupancy, o.occupant_id AS lesson
        FROM occupancy o LEFT JOIN lesson l ON l.id = o.occupant_id
        WHERE o.occupant_kind = 'lesson' AND (l.id IS NULL OR l.cancelled_at IS NOT NULL)
        """,
    ),
)
