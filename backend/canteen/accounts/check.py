"""What must hold between purses, the ledger, holds, receipts and tills."""

from backend.checking import Check

CHECKS = (
    Check(
        "purses-are-their-ledger",
        "a purse's balance is the sum of its lines",
        """
        SELECT p.id AS purse, p.balance_fen, coalesce(sum(e.fen), 0) AS lines
        FROM meal_purse p LEFT JOIN ledger_entry e ON e.purse_id = p.id
        GROUP BY p.id, p.balance_fen HAVING p.balance_fen <> coalesce(sum(e.fen), 0)
        """,
    ),
    Check(
        "purses-hold-their-holds",
        "what a purse holds is the sum of its open holds",
        """
        SELECT p.id AS purse, p.held_fen, coalesce(sum(h.fen), 0) AS holds
        FROM meal_purse p LEFT JOIN meal_hold h ON h.purse_id = p.id AND h.state = 'open'
        GROUP BY p.id, p.held_fen HAVING p.held_fen <> coalesce(sum(h.fen), 0)
        """,
    ),
    Check(
        "reversals-are-pairs",
        "a reversal and what it takes back point at each other, of one purse, and cancel out",
        """
        SELECT r.id AS reversal, e.id AS line FROM ledger_entry r
        JOIN ledger_entry e ON e.id = r.reverses_id
        WHERE e.reversed_by_id IS NULL OR e.reversed_by_id <> r.id
          OR e.purse_id <> r.purse_id OR e.fen + r.fen <> 0
        UNION ALL
        SELECT e.reversed_by_id AS reversal, e.id AS line FROM ledger_entry e
        JOIN ledger_entry r ON r.id = e.reversed_by_id
        WHERE r.reverses_id IS NULL OR r.reverses_id <> e.id
        """,
    ),
    Check(
        "receipts-are-their-lines",
        "a receipt says the fen of its line",
        """
        SELECT r.id AS receipt, r.fen, e.fen AS line FROM meal_receipt r
        JOIN ledger_entry e ON e.id = r.entry_id WHERE e.fen <> r.fen
        """,
    ),
    Check(
        "receipts-have-no-gaps",
        "the receipts of a canteen are numbered without gaps",
        """
        SELECT canteen_id AS canteen, max(number) AS last, count(*) AS receipts
        FROM meal_receipt GROUP BY canteen_id HAVING max(number) <> count(*) OR min(number) <> 1
        """,
    ),
    Check(
        "tills-are-their-receipts",
        "a till was closed at the sum of its receipts, all of the same canteen and member of staff",
        """
        SELECT c.id AS till, c.expected_fen, coalesce(sum(r.fen), 0) AS receipts
        FROM till_close c LEFT JOIN meal_receipt r ON r.close_id = c.id
        GROUP BY c.id, c.expected_fen, c.canteen_id, c.staff_id
        HAVING c.expected_fen <> coalesce(sum(r.fen), 0)
          OR sum(CASE WHEN r.canteen_id = c.canteen_id AND r.staff_id = c.staff_id
                 THEN 0 ELSE 1 END) > 0
        """,
    ),
    Check(
        "closings-pay-their-lists",
        "when a canteen closes, a line pays its purse out once and no more than was listed, and a "
        "list that is done has no line left",
        """
        SELECT l.id AS line FROM meal_closing_line l JOIN ledger_entry e ON e.id = l.entry_id
        WHERE e.purse_id <> l.purse_id OR e.kind <> 'refund' OR -e.fen > l.fen
        UNION ALL
        SELECT l.id AS line FROM meal_closing_line l JOIN meal_closing c ON c.id = l.closing_id
        WHERE c.done_at IS NOT NULL AND l.done_at IS NULL
           OR c.begun_at IS NULL AND l.done_at IS NOT NULL
        """,
    ),
    Check(
        "relatives-pay-for-their-own",
        "a purse that a relative without an account paid in is on the account they are noted for",
        """
        SELECT p.id AS purse, r.id AS relative FROM meal_purse p
        JOIN meal_relative r ON r.id = p.relative_id WHERE r.account_id <> p.account_id
        """,
    ),
)
