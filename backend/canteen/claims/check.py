"""What must hold between frozen claims, their lines, and what was decided."""

from backend.checking import Check

CHECKS = (
    Check(
        "claims-are-their-lines",
        "a frozen claim is the sum of its lines, numbered without gaps; a draft has none",
        """
        SELECT c.id AS claim, c.fen, coalesce(sum(l.fen), 0) AS lines
        FROM meal_claim c LEFT JOIN meal_claim_line l ON l.claim_id = c.id
        GROUP BY c.id, c.fen, c.meals, c.corrections, c.frozen_at
        HAVING (c.frozen_at IS NULL AND count(l.seq) > 0)
          OR (c.frozen_at IS NOT NULL AND (
            c.fen <> coalesce(sum(l.fen), 0) OR c.meals + c.corrections <> count(l.seq)
            OR coalesce(max(l.seq), 0) <> count(l.seq)
            OR c.meals <> sum(CASE WHEN l.why = 'meal' THEN 1 ELSE 0 END)))
        """,
    ),
    Check(
        "claims-never-ask-twice",
        "of a meal a layer was never asked for less than nothing, nor for more than it ever gave",
        """
        SELECT l.booking_id AS booking, c.payer, sum(l.fen) AS asked
        FROM meal_claim_line l JOIN meal_claim c ON c.id = l.claim_id
        GROUP BY l.booking_id, c.payer
        HAVING sum(l.fen) < 0 OR sum(CASE WHEN l.why = 'meal' THEN 1 ELSE 0 END) > 1
        """,
    ),
    Check(
        "claims-have-their-days",
        "a claim's own meals are of its days and canteens, and all its days are its layer's",
        """
        SELECT l.claim_id AS claim, l.booking_id AS booking FROM meal_claim_line l
        JOIN meal_claim c ON c.id = l.claim_id
        LEFT JOIN meal_claim_day d ON d.claim_id = c.id AND d.payer = c.payer
          AND d.canteen_id = l.canteen_id AND d.day = l.day
        WHERE l.why = 'meal' AND d.day IS NULL
        UNION ALL
        SELECT d.claim_id AS claim, NULL AS booking FROM meal_claim_day d
        JOIN meal_claim c ON c.id = d.claim_id
        WHERE d.payer <> c.payer OR d.day NOT BETWEEN c.first_day AND c.last_day
        """,
    ),
    Check(
        "one-claim-per-meal",
        "nobody's meal at two canteens is decided to be claimed at both",
        """
        SELECT b.person_id AS person, s.day, s.meal FROM meal_judgement j
        JOIN booking b ON b.id = j.booking_id JOIN meal_service s ON s.id = b.bookable_id
        JOIN meal_served v ON v.booking_id = b.id AND v.undone_at IS NULL
        WHERE j.claims AND CAST(j.flags AS VARCHAR) LIKE '%two_canteens%'
        GROUP BY b.person_id, s.day, s.meal HAVING count(*) > 1
        """,
    ),
)
