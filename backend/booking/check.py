"""What must hold between bookables, bookings and their history."""

from backend.booking.models import HELD, LIVE
from backend.checking import Check

_HELD = (("held", HELD),)
_LIVE = (("live", LIVE),)

CHECKS = (
    Check(
        "places-counted",
        "`taken` is the sum of the places held",
        """
        SELECT o.id AS bookable, o.taken, coalesce(sum(b.quantity), 0) AS held
        FROM bookable o LEFT JOIN booking b ON b.bookable_id = o.id AND b.state IN :held
        GROUP BY o.id, o.taken HAVING o.taken <> coalesce(sum(b.quantity), 0)
        """,
        _HELD,
    ),
    Check(
        "kept-places-counted",
        "`kept_taken` is the sum of the kept places held, by people of the group alone",
        """
        SELECT o.id AS bookable, o.kept, o.kept_taken, coalesce(sum(b.on_kept), 0) AS held
        FROM bookable o LEFT JOIN booking b ON b.bookable_id = o.id AND b.state IN :held
        GROUP BY o.id, o.kept, o.kept_taken
        HAVING o.kept_taken <> coalesce(sum(b.on_kept), 0) OR o.kept_taken > o.kept
        UNION ALL
        SELECT bookable_id, 0, on_kept, quantity FROM booking
        WHERE state IN :held AND on_kept > 0 AND (NOT in_group OR on_kept > quantity)
        """,
        _HELD,
    ),
    Check(
        "kept-places-first",
        "nobody of the group sits elsewhere while a place that is kept for it is free",
        """
        SELECT o.id AS bookable, o.kept, o.kept_taken, b.id AS booking
        FROM bookable o JOIN booking b ON b.bookable_id = o.id AND b.state IN :held
        WHERE o.kept > o.kept_taken AND b.in_group AND b.on_kept < b.quantity
        """,
        _HELD,
    ),
    Check(
        "kept-places-released",
        "no place is kept for longer than the grace period after its moment",
        """
        SELECT id AS bookable, kept, kept_until FROM bookable
        WHERE kept > 0 AND kept_until < :late
        """,
    ),
    Check(
        "places-not-oversold",
        "no more places are taken than there are, with those overbooked by decision",
        """
        SELECT id AS bookable, taken, capacity, overbooked
        FROM bookable WHERE taken > capacity + overbooked
        """,
    ),
    Check(
        "line-counted",
        "`waiting` is the number of bookings that wait",
        """
        SELECT o.id AS bookable, o.waiting, count(b.id) AS counted
        FROM bookable o LEFT JOIN booking b ON b.bookable_id = o.id AND b.state = 'waiting'
        GROUP BY o.id, o.waiting HAVING o.waiting <> count(b.id)
        """,
    ),
    Check(
        "queue-numbers",
        "queue numbers run from 1 to the last one given, each once",
        """
        SELECT o.id AS bookable, o.queue_tail AS last_given, count(b.queue_no) AS numbers,
               count(DISTINCT b.queue_no) AS different, max(b.queue_no) AS highest
        FROM bookable o LEFT JOIN booking b ON b.bookable_id = o.id
        GROUP BY o.id, o.queue_tail
        HAVING count(b.queue_no) <> o.queue_tail OR count(DISTINCT b.queue_no) <> o.queue_tail
            OR coalesce(max(b.queue_no), 0) <> o.queue_tail
        """,
    ),
    Check(
        "waiting-is-numbered",
        "whoever waits has a queue number",
        "SELECT id AS booking FROM booking WHERE state = 'waiting' AND queue_no IS NULL",
    ),
    Check(
        "live-once",
        "a person has one live booking of the same thing",
        """
        SELECT person_id AS person, once_key, count(*) AS live FROM booking
        WHERE state IN :live AND once_key IS NOT NULL
        GROUP BY person_id, once_key HAVING count(*) > 1
        """,
        _LIVE,
    ),
    Check(
        "parties-are-whole",
        "people who go together are in the same state, but for those who cancelled",
        """
        SELECT party_id AS party, min(state) AS state, max(state) AS other FROM booking
        WHERE party_id IS NOT NULL AND state <> 'cancelled'
        GROUP BY party_id HAVING count(DISTINCT state) > 1
        """,
    ),
    Check(
        "next-expiry",
        "`next_expiry_at` is the first moment that an offer or wish runs out or kept places do",
        """
        SELECT o.id AS bookable, o.next_expiry_at, min(b.at) AS earliest
        FROM bookable o LEFT JOIN (
          SELECT bookable_id, CASE state WHEN 'offered' THEN offer_until ELSE offer_before END AS at
          FROM booking WHERE state IN ('offered', 'waiting')
          UNION ALL SELECT id, kept_until FROM bookable WHERE kept > 0
        ) b ON b.bookable_id = o.id
        GROUP BY o.id, o.next_expiry_at
        HAVING coalesce(o.next_expiry_at <> min(b.at),
                        NOT (o.next_expiry_at IS NULL AND min(b.at) IS NULL))
        """,
    ),
    Check(
        "transfers-are-ones-own",
        "a place is given back for another of the same person",
        """
        SELECT b.id AS booking, b.transfer_from_id AS leaves
        FROM booking b LEFT JOIN booking f ON f.id = b.transfer_from_id
        WHERE b.transfer_from_id IS NOT NULL AND (f.id IS NULL OR f.person_id <> b.person_id)
        """,
    ),
    Check(
        "transfers-hold-one",
        "whoever has changed to another place does not hold the earlier one",
        """
        SELECT b.id AS booking, f.id AS earlier
        FROM booking b JOIN booking f ON f.id = b.transfer_from_id
        WHERE b.state = 'confirmed' AND f.state = 'confirmed'
        """,
    ),
    Check(
        "offers-have-deadlines",
        "an offer has a deadline",
        "SELECT id AS booking FROM booking WHERE state = 'offered' AND offer_until IS NULL",
    ),
    Check(
        "offers-passed-on",
        "no offer or wish has run out for longer than the grace period (is the scheduler running?)",
        """
        SELECT id AS booking, bookable_id AS bookable, offer_until, offer_before
        FROM booking WHERE (state = 'offered' AND offer_until < :late)
            OR (state = 'waiting' AND offer_before < :late)
        """,
    ),
    Check(
        "history-ends-in-state",
        "the last row of a booking's history is the state it is in",
        """
        SELECT b.id AS booking, b.state, e.state AS last_recorded
        FROM booking b
        LEFT JOIN (SELECT booking_id, max(id) AS id FROM booking_event GROUP BY booking_id) last
          ON last.booking_id = b.id
        LEFT JOIN booking_event e ON e.id = last.id
        WHERE e.state IS NULL OR e.state <> b.state
        """,
    ),
    Check(
        "cancelled-is-empty",
        "what is cancelled has no confirmed, offered, waiting or requested booking",
        """
        SELECT b.id AS booking, b.state, o.id AS bookable
        FROM bookable o JOIN booking b ON b.bookable_id = o.id
        WHERE o.cancelled_at IS NOT NULL
          AND b.state IN ('requested', 'waiting', 'offered', 'confirmed')
        """,
    ),
)
