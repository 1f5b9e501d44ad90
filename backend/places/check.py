"""What must hold in the tree of places and for the use of rooms."""

from backend.checking import Check

CHECKS = (
    Check(
        "paths-follow-the-tree",
        "a place's path is its parent's and its own id",
        """
        SELECT p.id AS place, p.path, above.path AS parents_path
        FROM place p LEFT JOIN place above ON above.id = p.parent_id
        WHERE p.path <> coalesce(above.path, '/') || p.id || '/'
        """,
    ),
    Check(
        "rooms-used-once",
        "no part of a room is in use twice at the same time",
        """
        SELECT o.id AS occupancy, other.id AS overlaps, o.atom_id AS atom
        FROM occupancy o JOIN occupancy other
          ON other.atom_id = o.atom_id AND other.id > o.id
         AND other.starts_at < o.ends_at AND o.starts_at < other.ends_at
        """,
    ),
)
