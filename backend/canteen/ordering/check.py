"""What must hold between orders, their lines, portions, and money held for them."""

from backend.booking.models import HELD
from backend.checking import Check

_HELD = (("held", HELD),)

CHECKS = (
    Check(
        "portions-counted",
        "`taken` of a dish is the sum of the portions in orders and guests' sales that stand",
        """
        SELECT i.id AS menu_item, i.taken, coalesce(sum(l.portions), 0) AS ordered
        FROM menu_item i LEFT JOIN (
          SELECT l.menu_item_id, l.portions FROM meal_line l
          JOIN booking b ON b.id = l.booking_id WHERE b.state IN :held
          UNION ALL
          SELECT g.menu_item_id, g.portions FROM guest_line g
          JOIN guest_sale s ON s.id = g.sale_id WHERE s.undone_at IS NULL
        ) l ON l.menu_item_id = i.id
        GROUP BY i.id, i.taken HAVING i.taken <> coalesce(sum(l.portions), 0)
        """,
        _HELD,
    ),
    Check(
        "orders-have-dishes",
        "every booking of a meal is an order of dishes on its menu, once per person",
        """
        SELECT b.id AS booking FROM booking b JOIN meal_service s ON s.id = b.bookable_id
        LEFT JOIN meal_line l ON l.booking_id = b.id LEFT JOIN menu_item i ON i.id = l.menu_item_id
        WHERE l.id IS NULL OR i.meal_service_id <> s.id
          OR coalesce(b.once_key, '') <> 'meal:' || CAST(s.id AS VARCHAR)
        """,
    ),
    Check(
        "orders-tie-out",
        "an order is the sum of its lines, and of what delivery costs",
        """
        SELECT o.booking_id AS booking, o.list_fen, o.pays_fen
        FROM meal_order o JOIN meal_line l ON l.booking_id = o.booking_id
        GROUP BY o.booking_id, o.list_fen, o.discount_fen, o.subsidy_fen, o.fee_fen, o.pays_fen
        HAVING o.list_fen <> sum(l.list_fen) OR o.discount_fen <> sum(l.discount_fen)
          OR o.subsidy_fen <> sum(l.subsidy_fen) OR o.pays_fen <> sum(l.pays_fen) + o.fee_fen
        """,
    ),
    Check(
        "subsidies-tie-out",
        "what others pay of a line is the sum of their shares, by a rule",
        """
        SELECT l.id AS line, l.subsidy_fen, coalesce(sum(s.fen), 0) AS shares
        FROM meal_line l JOIN meal_order o ON o.booking_id = l.booking_id
        LEFT JOIN meal_share s ON s.line_id = l.id
        GROUP BY l.id, l.subsidy_fen, o.subsidy_version_id
        HAVING l.subsidy_fen <> coalesce(sum(s.fen), 0)
          OR (l.subsidy_fen > 0 AND o.subsidy_version_id IS NULL)
        """,
    ),
    Check(
        "meals-are-paid",
        "what an order that stands costs is held or charged; of any other nothing is held",
        """
        SELECT o.booking_id AS booking, b.state, o.pays_fen, coalesce(h.fen, 0) AS held
        FROM meal_order o JOIN booking b ON b.id = o.booking_id
        LEFT JOIN (
          SELECT booking_id, sum(fen) AS fen,
                 sum(CASE WHEN state = 'open' THEN fen ELSE 0 END) AS open_fen
          FROM meal_hold WHERE state IN ('open', 'charged') GROUP BY booking_id
        ) h ON h.booking_id = o.booking_id
        WHERE (b.state IN :held AND coalesce(h.fen, 0) <> o.pays_fen)
          OR (b.state NOT IN :held AND coalesce(h.open_fen, 0) <> 0)
        """,
        _HELD,
    ),
)
