"""What must hold of appeals and of what does not count any more."""

from backend.checking import Check

CHECKS = (
    Check(
        "granted-appeals-count-no-more",
        "what was granted does not weigh any more",
        """
        SELECT a.id AS appeal, a.booking_id AS booking, a.occasion_id AS occasion
        FROM standing_appeal a
        LEFT JOIN standing_waiver w
          ON w.booking_id = a.booking_id AND w.occasion_id = a.occasion_id
        WHERE a.state = 'granted' AND w.id IS NULL
        """,
    ),
    Check(
        "appeals-in-own-class",
        "what was said about a lesson is said about one of the class that was booked",
        """
        SELECT a.id AS appeal, l.run_id AS run, b.bookable_id AS booked
        FROM standing_appeal a JOIN booking b ON b.id = a.booking_id
        JOIN course_run r ON r.id = b.bookable_id JOIN lesson l ON l.id = a.occasion_id
        WHERE a.occasion_id <> 0 AND l.run_id <> b.bookable_id
        """,
    ),
)
