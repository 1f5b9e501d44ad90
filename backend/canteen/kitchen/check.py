"""What must hold between a meal's orders, its money, and the sheet it is cooked from."""

from backend.booking.models import HELD
from backend.checking import Check

_HELD = (("held", HELD),)

CHECKS = (
    Check(
        "meals-have-their-sheet",
        "no meal is without its sheet for longer than the grace period after orders closed",
        """
        SELECT b.id AS meal_service, b.closes_at
        FROM bookable b JOIN meal_service m ON m.id = b.id
        LEFT JOIN kitchen_sheet k ON k.meal_service_id = b.id
        WHERE b.closes_at < :late AND b.cancelled_at IS NULL AND k.meal_service_id IS NULL
        """,
    ),
    Check(
        "sheets-add-up",
        "a sheet says as many orders and portions as its lines do",
        """
        SELECT k.meal_service_id AS meal_service, k.orders, k.portions,
          count(DISTINCT l.booking_id) AS orders_of_lines,
          coalesce(sum(l.portions), 0) AS portions_of_lines
        FROM kitchen_sheet k LEFT JOIN kitchen_line l ON l.meal_service_id = k.meal_service_id
        GROUP BY k.meal_service_id, k.orders, k.portions
        HAVING k.orders <> count(DISTINCT l.booking_id)
          OR k.portions <> coalesce(sum(l.portions), 0)
        """,
    ),
    Check(
        "nobody-drops-off-the-sheet",
        "each line of an order that stands and was made before orders closed is on the sheet",
        """
        SELECT b.id AS booking, o.menu_item_id AS menu_item
        FROM kitchen_sheet k JOIN booking b ON b.bookable_id = k.meal_service_id
        JOIN bookable p ON p.id = k.meal_service_id
        JOIN meal_order m ON m.booking_id = b.id AND m.revision = 1
        JOIN meal_line o ON o.booking_id = b.id
        LEFT JOIN kitchen_line l ON l.booking_id = b.id AND l.menu_item_id = o.menu_item_id
        WHERE b.state IN :held AND b.created_at < p.closes_at AND l.id IS NULL
        """,
        _HELD,
    ),
    Check(
        "closed-meals-are-paid",
        "no money is only held for a meal whose orders closed longer ago than the grace period",
        """
        SELECT h.id AS hold, b.id AS booking, p.closes_at
        FROM meal_hold h JOIN booking b ON b.id = h.booking_id
        JOIN bookable p ON p.id = b.bookable_id
        WHERE h.state = 'open' AND p.closes_at < :late
        """,
    ),
)
