"""What must hold between orders and what was handed over."""

from backend.checking import Check

CHECKS = (
    Check(
        "meals-served-once",
        "an order is noted as eaten exactly if it was handed over and that was not taken back",
        """
        SELECT b.id AS booking, b.state, v.id AS served
        FROM meal_order o JOIN booking b ON b.id = o.booking_id
        LEFT JOIN meal_served v ON v.booking_id = b.id AND v.undone_at IS NULL
        WHERE (b.state = 'attended') <> (v.id IS NOT NULL)
        """,
    ),
    Check(
        "meals-are-seen-to",
        "orders of a meal that is over for longer than the grace period were taken, or are missed, "
        "unless their eater is being looked for",
        """
        SELECT b.id AS booking, b.ends_at
        FROM meal_order o JOIN booking b ON b.id = o.booking_id
        JOIN bookable m ON m.id = b.bookable_id
        LEFT JOIN welfare_case c ON c.booking_id = b.id AND c.closed_at IS NULL
        WHERE b.state = 'confirmed' AND m.cancelled_at IS NULL AND m.ends_at < :late
          AND c.id IS NULL
        """,
    ),
)
