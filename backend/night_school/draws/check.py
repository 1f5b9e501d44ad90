"""What must hold between draws, applications and the bookings that came of them."""

from backend.checking import Check

CHECKS = (
    Check(
        "wishes-in-own-draw",
        "a wish is for a run of the draw it was made in",
        """
        SELECT w.application_id AS application, w.rank, w.run_id AS run
        FROM draw_wish w JOIN draw_application a ON a.id = w.application_id
        JOIN course_run r ON r.id = w.run_id
        WHERE r.draw_id IS NULL OR r.draw_id <> a.draw_id
        """,
    ),
    Check(
        "drawn-runs-have-a-draw",
        "a run is in draw mode until its draw is drawn, and then no more",
        """
        SELECT r.id AS run, r.mode, d.id AS draw, d.drawn_at
        FROM course_run r JOIN draw d ON d.id = r.draw_id
        WHERE (r.mode = 'draw') = (d.drawn_at IS NOT NULL)
        """,
    ),
    Check(
        "draws-with-a-number",
        "what has its number is drawn within the grace period (is the scheduler running?)",
        """
        SELECT d.id AS draw, d.public_number, d.drawn_at, w.asked_at
        FROM draw d LEFT JOIN draw_work w ON w.draw_id = d.id
        WHERE (d.public_number IS NOT NULL AND d.drawn_at IS NULL) <> (w.draw_id IS NOT NULL)
            OR w.asked_at < :late
        """,
    ),
    Check(
        "drawn-bookings-fit",
        "a booking that came of a wish is of the wish's run",
        """
        SELECT w.application_id AS application, w.run_id AS run, b.id AS booking
        FROM draw_wish w JOIN booking b ON b.id = w.booking_id
        WHERE b.bookable_id <> w.run_id
        """,
    ),
    Check(
        "households-are-whole",
        "who keeps together in a draw is not alone, and in one draw",
        """
        SELECT together, count(*) AS people, min(draw_id) AS draw FROM draw_application
        WHERE together IS NOT NULL
        GROUP BY together HAVING count(*) < 2 OR min(draw_id) <> max(draw_id)
        """,
    ),
)
