"""What must hold between subsidy rules and the orders they applied to."""

from backend.checking import Check

CHECKS = (
    Check(
        "subsidies-have-their-rule",
        "an order with a subsidy names the published version that applied, one without names none",
        """
        SELECT o.booking_id AS booking, o.subsidy_fen, o.subsidy_version_id AS version
        FROM meal_order o LEFT JOIN subsidy_version v ON v.id = o.subsidy_version_id
        WHERE (o.subsidy_fen > 0) <> (v.published_at IS NOT NULL)
        """,
    ),
    Check(
        "subsidies-have-their-payers",
        "what layers pay towards a line adds up to its subsidy",
        """
        SELECT l.id AS line, l.subsidy_fen, COALESCE(SUM(s.fen), 0) AS paid
        FROM meal_line l LEFT JOIN meal_share s ON s.line_id = l.id
        GROUP BY l.id, l.subsidy_fen HAVING l.subsidy_fen <> COALESCE(SUM(s.fen), 0)
        """,
    ),
)
