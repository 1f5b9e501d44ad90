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
    Check(
        "replaced-dishes-are-settled",
        "with the layers nobody pays more for a dish that was replaced than what is cooked costs",
        """
        SELECT o.booking_id AS booking, w.fen AS worth, o.fee_fen, o.subsidy_fen,
          coalesce(c.fen, 0) AS cut, coalesce(p.fen, 0) AS paid
        FROM meal_order o JOIN booking b ON b.id = o.booking_id
        JOIN (
          SELECT l.booking_id, sum(CASE WHEN r.list_fen * l.portions < l.list_fen - l.discount_fen
            THEN r.list_fen * l.portions ELSE l.list_fen - l.discount_fen END) AS fen
          FROM meal_line l LEFT JOIN dish_replacement r ON r.menu_item_id = l.menu_item_id
          GROUP BY l.booking_id HAVING count(r.menu_item_id) > 0
        ) w ON w.booking_id = o.booking_id
        LEFT JOIN (SELECT booking_id, sum(fen) AS fen FROM meal_cut GROUP BY booking_id) c
          ON c.booking_id = o.booking_id
        LEFT JOIN (
          SELECT booking_id, -sum(fen) AS fen FROM ledger_entry
          WHERE kind IN ('charge', 'credit', 'reversal') GROUP BY booking_id
        ) p ON p.booking_id = o.booking_id
        WHERE b.state IN :held
          AND coalesce(p.fen, 0) + o.subsidy_fen - coalesce(c.fen, 0) > w.fen + o.fee_fen
        """,
        _HELD,
    ),
    Check(
        "cuts-are-of-shares",
        "no layer gives less than nothing towards what was cheaper in the end",
        """
        SELECT c.booking_id AS booking, c.part, c.payer, c.fen, coalesce(sum(s.fen), 0) AS share
        FROM meal_cut c LEFT JOIN meal_line l ON l.booking_id = c.booking_id
        LEFT JOIN meal_share s ON s.line_id = l.id AND s.part = c.part AND s.payer = c.payer
        GROUP BY c.booking_id, c.part, c.payer, c.fen HAVING c.fen > coalesce(sum(s.fen), 0)
        """,
    ),
)
