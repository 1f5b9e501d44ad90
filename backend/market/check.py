"""What must hold between market days, stalls, their people and their rooms."""

from backend.checking import Check

CHECKS = (
    Check(
        "stalls-have-their-room",
        "a stall that stands uses every part of its room for its whole opening",
        """
        SELECT s.id AS stall, a.atom_id AS atom
        FROM stall s JOIN market_day d ON d.id = s.market_day_id
        JOIN room_atom a ON a.room_id = s.room_id
        LEFT JOIN occupancy o ON o.atom_id = a.atom_id AND o.occupant_kind = 'market'
         AND o.occupant_id = d.id
        WHERE d.cancelled_at IS NULL AND s.closed_at IS NULL AND o.id IS NULL
        """,
    ),
    Check(
        "rooms-kept-for-markets",
        "no room is kept for a market that was cancelled or is not there",
        """
        SELECT o.id AS occupancy, o.occupant_id AS market_day
        FROM occupancy o LEFT JOIN market_day d ON d.id = o.occupant_id
        WHERE o.occupant_kind = 'market' AND (d.id IS NULL OR d.cancelled_at IS NOT NULL)
        """,
    ),
    Check(
        "nobody-at-two-stalls",
        "a person is at one stall at a time, an organisation at one market",
        """
        SELECT p.provider_id AS provider, s.id AS stall, t.id AS other_stall
        FROM stall_provider p JOIN stall s ON s.id = p.stall_id
        JOIN market_day d ON d.id = s.market_day_id
        JOIN stall_provider q ON q.provider_id = p.provider_id AND q.stall_id > p.stall_id
        JOIN stall t ON t.id = q.stall_id JOIN market_day e ON e.id = t.market_day_id
        JOIN provider w ON w.id = p.provider_id
        WHERE d.day = e.day AND d.cancelled_at IS NULL AND e.cancelled_at IS NULL
          AND s.closed_at IS NULL AND t.closed_at IS NULL
          AND s.from_minute < t.until_minute AND t.from_minute < s.until_minute
          AND (w.kind = 'person' OR d.id <> e.id)
        """,
    ),
    Check(
        "market-slots-are-whole",
        "a slot that can be booked belongs to a stall and lies within its opening",
        """
        SELECT b.id AS bookable FROM bookable b LEFT JOIN market_slot m ON m.id = b.id
        LEFT JOIN stall s ON s.id = m.stall_id
        WHERE b.kind = 'market' AND (m.id IS NULL OR b.cancelled_at IS NULL AND (
          m.minute < s.from_minute OR m.minute + s.slot_minutes > s.until_minute))
        """,
    ),
    Check(
        "nobody-comes-to-a-slot-that-is-gone",
        "a slot that was cancelled has nobody who is still to come to it",
        """
        SELECT b.id AS booking, p.id AS slot FROM booking b JOIN bookable p ON p.id = b.bookable_id
        WHERE p.kind = 'market' AND p.cancelled_at < b.starts_at
          AND b.state IN ('requested', 'waiting', 'offered', 'confirmed')
        """,
    ),
    Check(
        "bookings-at-their-slot",
        "a live booking at a market stands at the time, and under the day, of its slot",
        """
        SELECT b.id AS booking FROM booking b JOIN bookable p ON p.id = b.bookable_id
        JOIN market_slot m ON m.id = p.id JOIN stall s ON s.id = m.stall_id
        JOIN market_day d ON d.id = s.market_day_id
        WHERE b.state IN ('requested', 'waiting', 'offered', 'confirmed', 'attended')
          AND (b.starts_at <> p.starts_at OR b.ends_at <> p.ends_at
            OR b.once_key <> 'market:' || s.service_id || ':' || CAST(d.day AS VARCHAR))
        """,
    ),
    Check(
        "one-slot-a-day",
        "a person has one live booking per service and day",
        """
        SELECT b.person_id AS person, s.service_id AS service, d.day AS day
        FROM booking b JOIN market_slot m ON m.id = b.bookable_id
        JOIN stall s ON s.id = m.stall_id JOIN market_day d ON d.id = s.market_day_id
        WHERE b.state IN ('requested', 'waiting', 'offered', 'confirmed', 'attended')
        GROUP BY b.person_id, s.service_id, d.day HAVING count(*) > 1
        """,
    ),
    Check(
        "numbers-have-no-gaps",
        "the queue numbers of a stall run from 1 to the last one given",
        """
        SELECT s.id AS stall, s.last_number AS last, count(t.id) AS given, max(t.number) AS highest
        FROM stall s LEFT JOIN ticket t ON t.stall_id = s.id
        GROUP BY s.id, s.last_number
        HAVING count(t.id) <> s.last_number OR coalesce(max(t.number), 0) <> s.last_number
        """,
    ),
    Check(
        "one-number-a-desk",
        "at most one number is called at a desk at a time",
        """
        SELECT stall_id AS stall, desk, count(*) AS called FROM ticket
        WHERE stage = 'called' GROUP BY stall_id, desk HAVING count(*) > 1 OR desk IS NULL
        """,
    ),
    Check(
        "stages-of-numbers-in-order",
        "a number waits, is called at a desk, and ends, at times that follow each other",
        """
        SELECT id AS ticket, stage FROM ticket
        WHERE called_at < taken_at OR ended_at < taken_at OR ended_at < called_at
          OR (ended_at IS NULL) <> (stage IN ('waiting', 'called'))
          OR (stage = 'called' AND (called_at IS NULL OR desk IS NULL))
          OR (stage IN ('served', 'no_show') AND called_at IS NULL)
          OR (stage = 'waiting' AND (called_at IS NOT NULL OR desk IS NOT NULL))
        """,
    ),
    Check(
        "moved-numbers-are-linked",
        "a number handed on names one of the same person, market and service at another stall",
        """
        SELECT t.id AS ticket, n.id AS moved_to FROM ticket t JOIN stall s ON s.id = t.stall_id
        LEFT JOIN ticket n ON n.id = t.moved_to_id LEFT JOIN stall m ON m.id = n.stall_id
        WHERE t.stage = 'moved' AND (m.id IS NULL OR m.id = s.id OR s.closed_at IS NULL
          OR m.market_day_id <> s.market_day_id OR m.service_id <> s.service_id
          OR coalesce(n.person_id, 0) <> coalesce(t.person_id, 0))
        """,
    ),
    Check(
        "who-came-is-checked-in",
        "whoever took a number with a booking has come to it",
        """
        SELECT t.id AS ticket, b.id AS booking, b.state FROM ticket t
        JOIN booking b ON b.id = t.booking_id WHERE b.state <> 'attended'
        """,
    ),
    Check(
        "hours-of-who-stood-there",
        "hours are put right only of those who are at the stall",
        """
        SELECT h.stall_id AS stall, h.provider_id AS provider FROM stall_hours h
        LEFT JOIN stall_provider p ON p.stall_id = h.stall_id AND p.provider_id = h.provider_id
        WHERE p.provider_id IS NULL
        """,
    ),
    Check(
        "visits-have-a-home",
        "every booking of a stall that makes home visits has its visit, and no other booking has",
        """
        SELECT b.id AS booking, s.id AS stall
        FROM booking b JOIN market_slot m ON m.id = b.bookable_id JOIN stall s ON s.id = m.stall_id
        LEFT JOIN home_visit v ON v.booking_id = b.id
        WHERE (v.booking_id IS NOT NULL AND NOT s.at_home)
          OR (v.booking_id IS NULL AND s.at_home
              AND b.state IN ('requested', 'confirmed', 'attended', 'missed'))
        """,
    ),
    Check(
        "visits-end-as-they-say",
        "a visit that was done was attended, one that found nobody at home was missed",
        """
        SELECT v.booking_id AS booking, v.outcome, b.state
        FROM home_visit v JOIN booking b ON b.id = v.booking_id
        WHERE (v.outcome = 'done' AND b.state <> 'attended')
          OR (v.outcome = 'nobody' AND b.state <> 'missed')
        """,
    ),
    Check(
        "months-made-once",
        "what was made of a template in a month is a market at its place",
        """
        SELECT m.template_id AS template, m.month AS month FROM market_template_month m
        JOIN market_template t ON t.id = m.template_id
        JOIN market_day d ON d.id = m.market_day_id
        LEFT JOIN market_move v ON v.market_day_id = d.id
        WHERE d.place_id <> t.place_id AND v.id IS NULL
        """,
    ),
)
