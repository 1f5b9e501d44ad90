"""What must hold between runs, their stops, and what was handed over."""

from backend.checking import Check

CHECKS = (
    Check(
        "closed-runs-are-settled",
        "no bag of a run that is back is neither handed over, nor failed, nor gone",
        """
        SELECT r.id AS run, s.id AS stop
        FROM delivery_run r JOIN delivery_stop s ON s.run_id = r.id
        WHERE r.back_at IS NOT NULL AND s.state = 'todo'
        """,
    ),
    Check(
        "stops-done-were-served",
        "each stop that is done has its meal handed over at the door under the same key",
        """
        SELECT s.id AS stop, s.booking_id AS booking
        FROM delivery_stop s
        LEFT JOIN meal_served m
          ON m.booking_id = s.booking_id AND m.key = s.key AND m.way = 'door'
          AND m.undone_at IS NULL
        WHERE s.state = 'done' AND m.id IS NULL
        """,
    ),
    Check(
        "photos-are-of-their-stop",
        "a photo that proves a meal was taken at that order's stop",
        """
        SELECT m.id AS served, p.id AS photo
        FROM meal_served m JOIN delivery_photo p ON p.id = m.photo_id
        JOIN delivery_stop s ON s.id = p.stop_id
        WHERE s.booking_id <> m.booking_id
        """,
    ),
)
