"""What must hold between guests' sales, what was on the menu, and the till."""

from backend.checking import Check

CHECKS = (
    Check(
        "guest-sales-are-their-lines",
        "a guest's sale is the sum of its lines, of dishes on the menu of its meal",
        """
        SELECT s.id AS sale, s.fen, coalesce(sum(l.fen), 0) AS lines
        FROM guest_sale s LEFT JOIN guest_line l ON l.sale_id = s.id
        LEFT JOIN menu_item i ON i.id = l.menu_item_id
        GROUP BY s.id, s.fen, s.meal_service_id
        HAVING s.fen <> coalesce(sum(l.fen), 0)
          OR sum(CASE WHEN i.meal_service_id = s.meal_service_id THEN 0 ELSE 1 END) > 0
        """,
    ),
    Check(
        "guest-sales-are-receipted",
        "a guest's cash has a receipt at the canteen that cooked, and one back if it was undone",
        """
        SELECT s.id AS sale, s.fen, coalesce(sum(r.fen), 0) AS receipts
        FROM guest_sale s JOIN meal_service m ON m.id = s.meal_service_id
        LEFT JOIN meal_receipt r ON r.guest_sale_id = s.id
        GROUP BY s.id, s.fen, s.undone_at, m.canteen_id
        HAVING count(r.id) <> CASE WHEN s.undone_at IS NULL THEN 1 ELSE 2 END
          OR coalesce(sum(r.fen), 0) <> CASE WHEN s.undone_at IS NULL THEN s.fen ELSE 0 END
          OR sum(CASE WHEN r.canteen_id = m.canteen_id THEN 0 ELSE 1 END) > 0
        """,
    ),
)
