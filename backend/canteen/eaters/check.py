"""What must hold of those who eat."""

from backend.checking import Check

CHECKS = (
    Check(
        "diets-are-in-use",
        "nobody's diet stays with an entry that was merged away or deleted",
        """
        SELECT d.person_id AS person FROM diet d JOIN person p ON p.id = d.person_id
        WHERE p.merged_into_id IS NOT NULL OR p.deleted_at IS NOT NULL
        """,
    ),
    Check(
        "categories-are-in-use",
        "circumstances follow when two entries are merged, and proofs go with whoever is deleted",
        """
        SELECT c.id AS person_category, c.person_id AS person
        FROM person_category c JOIN person p ON p.id = c.person_id
        WHERE p.merged_into_id IS NOT NULL OR (p.deleted_at IS NOT NULL AND c.proof <> '')
        """,
    ),
)
