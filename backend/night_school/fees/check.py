"""What must hold between enrolments and their fees."""

from backend.checking import Check

CHECKS = (
    Check(
        "fees-are-of-classes",
        "a fee is of an enrolment in a class",
        """
        SELECT f.booking_id AS booking FROM fee f JOIN booking b ON b.id = f.booking_id
        LEFT JOIN course_run r ON r.id = b.bookable_id WHERE r.id IS NULL
        """,
    ),
    Check(
        "fees-say-how-they-were-paid",
        "a fee that was paid says how, and who of staff marked it",
        """
        SELECT booking_id AS booking, state FROM fee
        WHERE state IN ('paid', 'short', 'over') AND (method IS NULL OR staff_id IS NULL)
        """,
    ),
)
