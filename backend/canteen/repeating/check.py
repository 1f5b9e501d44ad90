"""What must hold between standing orders and the meals they were made into."""

from backend.checking import Check

CHECKS = (
    Check(
        "standing-meals-are-theirs",
        "a meal made by a standing order is booked for the same person and meal",
        """
        SELECT m.id AS standing_meal, b.id AS booking
        FROM standing_meal m JOIN booking b ON b.id = m.booking_id
        JOIN person p ON p.id = m.person_id
        WHERE b.bookable_id <> m.meal_service_id
           OR (b.person_id <> m.person_id AND p.merged_into_id IS NULL)
        """,
    ),
    Check(
        "standing-orders-are-in-use",
        "standing orders follow when two entries are merged, and end with whoever is deleted",
        """
        SELECT s.id AS standing_order, s.person_id AS person
        FROM standing_order s JOIN person p ON p.id = s.person_id
        WHERE s.ended_at IS NULL
          AND (p.merged_into_id IS NOT NULL OR p.deleted_at IS NOT NULL)
        """,
    ),
)
