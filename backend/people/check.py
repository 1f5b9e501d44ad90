"""What must hold between persons, accounts and consent."""

from backend.checking import Check

CHECKS = (
    Check(
        "merged-is-unused",
        "no account signs in as a person who was merged into another",
        """
        SELECT a.id AS account, p.id AS person, p.merged_into_id AS merged_into
        FROM account a JOIN person p ON p.id = a.person_id
        WHERE p.merged_into_id IS NOT NULL AND a.closed_at IS NULL
        """,
    ),
    Check(
        "merged-has-no-bookings",
        "bookings follow when two entries for one human are merged",
        """
        SELECT b.id AS booking, p.id AS person, p.merged_into_id AS merged_into
        FROM booking b JOIN person p ON p.id = b.person_id WHERE p.merged_into_id IS NOT NULL
        """,
    ),
    Check(
        "phones-findable",
        "a phone that is kept can be found by its hash, and a hash has its phone",
        """
        SELECT id AS person FROM person
        WHERE (phone IS NULL) <> (phone_hash IS NULL)
           OR (phone IS NULL) <> (last_four_hash IS NULL)
        """,
    ),
    Check(
        "deleted-is-nameless",
        "whoever deleted their account has no name, phone, address or sign-in left",
        """
        SELECT p.id AS person FROM person p
        WHERE p.deleted_at IS NOT NULL
          AND (p.name <> '' OR p.birth_date IS NOT NULL OR p.gender IS NOT NULL
               OR p.phone IS NOT NULL OR p.address IS NOT NULL OR p.id_number IS NOT NULL
               OR p.home_place_id IS NOT NULL OR p.note IS NOT NULL
               OR EXISTS (SELECT 1 FROM account a
                          WHERE a.person_id = p.id AND a.closed_at IS NULL))
        """,
    ),
)
