"""What must hold of cases in which nobody answered."""

from backend.checking import Check

CHECKS = (
    Check(
        "welfare-steps-are-raised",
        "no rung of an open case is due for long without being raised",
        """
        SELECT s.id AS welfare_step, s.case_id AS welfare_case, s.due_at
        FROM welfare_step s JOIN welfare_case c ON c.id = s.case_id
        WHERE c.closed_at IS NULL AND s.raised_at IS NULL AND s.done_at IS NULL
          AND s.due_at < :late
        """,
    ),
    Check(
        "duty-texts-go-out",
        "no text message to a duty office waits for long while somebody is looked for",
        """
        SELECT t.case_id AS welfare_case, t.due_at, t.attempts
        FROM duty_text t JOIN welfare_case c ON c.id = t.case_id
        WHERE c.closed_at IS NULL AND t.sent_at IS NULL AND t.given_up_at IS NULL
          AND t.due_at < :late
        """,
    ),
    Check(
        "runs-end-after-their-cases",
        "no run was closed while somebody on it is looked for",
        """
        SELECT r.id AS delivery_run, c.id AS welfare_case
        FROM welfare_case c JOIN delivery_stop s ON s.booking_id = c.booking_id
        JOIN delivery_run r ON r.id = s.run_id
        WHERE c.closed_at IS NULL AND r.back_at > c.recorded_at
        """,
    ),
    Check(
        "welfare-cases-are-theirs",
        "a case is about whom the meal was ordered for",
        """
        SELECT c.id AS welfare_case, b.id AS booking
        FROM welfare_case c JOIN booking b ON b.id = c.booking_id
        WHERE b.person_id <> c.person_id
        """,
    ),
    Check(
        "welfare-food-is-accounted-for",
        "a meal that a neighbour has was given to a neighbour with a name, while that is kept",
        """
        SELECT c.id AS welfare_case
        FROM welfare_case c JOIN person p ON p.id = c.person_id
        WHERE c.food = 'neighbour' AND c.food_with IS NULL AND p.deleted_at IS NULL
          AND c.closed_at > :late
        """,
    ),
)
