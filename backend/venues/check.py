"""What must hold between rooms, reservations and the use of rooms."""

from backend.checking import Check

CHECKS = (
    Check(
        "open-rooms-are-whole",
        "a bookable room has its room, and every room can be booked at most once",
        """
        SELECT o.id AS bookable FROM bookable o LEFT JOIN open_room r ON r.id = o.id
        WHERE o.kind = 'room' AND r.id IS NULL
        """,
    ),
    Check(
        "reservations-are-whole",
        "a booking of a room says what it is for",
        """
        SELECT b.id AS booking FROM booking b JOIN open_room r ON r.id = b.bookable_id
        LEFT JOIN reservation n ON n.booking_id = b.id WHERE n.booking_id IS NULL
        """,
    ),
    Check(
        "reservations-have-their-room",
        "a reservation that stands uses every part of its room for its whole time",
        """
        SELECT b.id AS booking, r.room_id AS room, a.atom_id AS atom
        FROM booking b JOIN open_room r ON r.id = b.bookable_id
        JOIN room_atom a ON a.room_id = r.room_id
        LEFT JOIN occupancy o ON o.atom_id = a.atom_id AND o.occupant_kind = 'reservation'
         AND o.occupant_id = b.id AND o.starts_at = b.starts_at AND o.ends_at = b.ends_at
        WHERE b.state IN ('confirmed', 'attended') AND o.id IS NULL
        """,
    ),
    Check(
        "rooms-let-go",
        "nobody who did not come keeps a room beyond the grace period (is the scheduler running?)",
        """
        SELECT booking_id AS booking, no_show_at FROM reservation WHERE no_show_at < :late
        """,
    ),
    Check(
        "requests-decided",
        "no request for a room is open beyond the grace period after its start",
        """
        SELECT id AS booking, starts_at FROM booking WHERE state = 'requested' AND starts_at < :late
        """,
    ),
    Check(
        "group-reservations-in-members-names",
        "what is reserved for a group and not over is in the name of one of its members",
        """
        SELECT b.id AS booking, n.group_id AS "group", b.person_id AS person
        FROM reservation n JOIN booking b ON b.id = n.booking_id
        WHERE n.group_id IS NOT NULL AND b.state IN ('requested', 'confirmed', 'attended')
          AND b.ends_at > :late AND NOT EXISTS (
            SELECT 1 FROM group_member m WHERE m.group_id = n.group_id
              AND m.person_id = b.person_id AND m.removed_at IS NULL)
        """,
    ),
    Check(
        "rooms-kept-for-reservations",
        "no room is kept for a reservation that ended or is not there",
        """
        SELECT o.id AS occupancy, o.occupant_id AS booking, b.state
        FROM occupancy o LEFT JOIN booking b ON b.id = o.occupant_id
        WHERE o.occupant_kind = 'reservation'
          AND (b.id IS NULL OR b.state IN ('cancelled', 'declined', 'requested'))
        """,
    ),
    Check(
        "blocks-have-their-rooms",
        "a staff block uses every part of its rooms for its whole time, or goes around others",
        """
        SELECT k.id AS block, r.room_id AS room, a.atom_id AS atom
        FROM room_block k JOIN room_block_room r ON r.block_id = k.id
        JOIN room_atom a ON a.room_id = r.room_id
        LEFT JOIN occupancy o ON o.atom_id = a.atom_id AND o.occupant_kind = 'block'
         AND o.occupant_id = k.id AND o.starts_at = k.starts_at AND o.ends_at = k.ends_at
        WHERE o.id IS NULL AND NOT k.around
        """,
    ),
    Check(
        "blocks-within-their-time",
        "what a staff block uses lies within its time",
        """
        SELECT k.id AS block, o.id AS occupancy
        FROM room_block k JOIN occupancy o ON o.occupant_kind = 'block' AND o.occupant_id = k.id
        WHERE o.starts_at < k.starts_at OR o.ends_at > k.ends_at
        """,
    ),
    Check(
        "rooms-kept-for-blocks",
        "no room is kept for a staff block that is not there",
        """
        SELECT o.id AS occupancy, o.occupant_id AS block
        FROM occupancy o LEFT JOIN room_block k ON k.id = o.occupant_id
        WHERE o.occupant_kind = 'block' AND k.id IS NULL
        """,
    ),
    Check(
        "tries-of-people",
        "whom a refused try is noted of is no entry that was merged into another",
        """
        SELECT t.id AS try, t.person_id AS person
        FROM refused_try t JOIN person p ON p.id = t.person_id
        WHERE p.merged_into_id IS NOT NULL
        """,
    ),
    Check(
        "series-have-dates",
        "a series has dates, and each booking of one is a reservation",
        """
        SELECT s.id AS series, d.booking_id AS booking
        FROM series s LEFT JOIN series_date d ON d.series_id = s.id
        LEFT JOIN reservation r ON r.booking_id = d.booking_id
        WHERE d.id IS NULL OR (d.booking_id IS NOT NULL AND r.booking_id IS NULL)
        """,
    ),
    Check(
        "series-are-one-persons",
        "the dates of a series are reserved for the person, or the group, it is for",
        """
        SELECT d.series_id AS series, b.id AS booking, b.person_id AS person, r.group_id AS "group"
        FROM series s JOIN series_date d ON d.series_id = s.id
        JOIN booking b ON b.id = d.booking_id JOIN reservation r ON r.booking_id = b.id
        WHERE COALESCE(r.group_id, 0) <> COALESCE(s.group_id, 0)
        OR (s.group_id IS NULL AND b.person_id <> s.person_id)
        """,
    ),
)
