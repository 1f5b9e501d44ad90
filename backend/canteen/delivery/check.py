"""What must hold between orders that are brought, their stops, and runs."""

from backend.booking.models import HELD
from backend.checking import Check

_HELD = (("held", HELD),)

CHECKS = (
    Check(
        "everybody-has-a-stop",
        "each order that is brought has a stop, in a run or waiting, once orders are closed",
        """
        SELECT b.id AS booking, p.id AS meal_service
        FROM kitchen_sheet k JOIN bookable p ON p.id = k.meal_service_id
        JOIN booking b ON b.bookable_id = p.id JOIN meal_order o ON o.booking_id = b.id
        LEFT JOIN delivery_stop s ON s.booking_id = b.id
        WHERE o.mode = 'delivery' AND b.state IN :held AND s.id IS NULL
          AND p.cancelled_at IS NULL AND k.frozen_at < :late AND b.created_at < :late
          AND (p.ends_at > :late OR EXISTS (
            SELECT 1 FROM delivery_stop e WHERE e.meal_service_id = p.id))
        """,
        _HELD,
    ),
    Check(
        "stops-tie-out",
        "a stop, its run and its order are of one meal; no two of a run are the same in number",
        """
        SELECT s.id AS stop, s.run_id AS run, s.booking_id AS booking
        FROM delivery_stop s JOIN booking b ON b.id = s.booking_id
        LEFT JOIN delivery_run r ON r.id = s.run_id
        LEFT JOIN delivery_stop o ON o.run_id = s.run_id AND o.seq = s.seq AND o.id <> s.id
        WHERE s.meal_service_id <> b.bookable_id OR r.meal_service_id <> s.meal_service_id
          OR o.id IS NOT NULL
        """,
    ),
    Check(
        "nobody-carries-for-nothing",
        "a stop that is still open is of an order that stands, is to be brought and was not yet",
        """
        SELECT s.id AS stop, b.id AS booking, b.state, o.mode
        FROM delivery_stop s JOIN booking b ON b.id = s.booking_id
        JOIN meal_order o ON o.booking_id = b.id
        WHERE s.state = 'todo'
          AND (b.state NOT IN :held OR b.state = 'attended' OR o.mode <> 'delivery')
        """,
        _HELD,
    ),
)
