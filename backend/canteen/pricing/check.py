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
)
