"""The text of a frozen claim, byte for byte the same whenever it is written, and its SHA-256.

A line of JSON with what it is about and the names as they stood at the freeze, then a line a meal,
with numbers instead of names.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.canteen.claims.eaten import Scope
from backend.canteen.claims.models import MealClaimLine
from backend.canteen.models import Canteen
from backend.canteen.pricing.models import SubsidyRule, SubsidyVersion
from backend.db import AnyRow, table_of

FORMAT = "xingfu-meal-claim-1"
COLUMNS = ("seq", "booking_id", "day", "meal", "canteen_id", "person_id", "version_id", "why",
           "fen")  # fmt: skip
_AT_ONCE = 5000

_line, _canteen = table_of(MealClaimLine), table_of(Canteen)
_version, _rule = table_of(SubsidyVersion), table_of(SubsidyRule)


def head_of(session: Session, claim: AnyRow, scope: Scope) -> dict[str, Any]:
    """What the claim is about, and the names of canteens and rules; its lines are written."""
    canteens = session.execute(
        select(_canteen.c.id, _canteen.c.name).where(_canteen.c.id.in_(scope.canteen_ids))
    )
    used = select(_line.c.version_id).where(_line.c.claim_id == claim.id)
    rules = session.execute(
        select(_version.c.id, _version.c.version, _rule.c.name)
        .join(_rule, _rule.c.id == _version.c.rule_id)
        .where(_version.c.id.in_(used))
    )
    return {
        "format": FORMAT, "claim": claim.id, "payer": claim.payer, "place": claim.place_name,
        "first": scope.first.isoformat(), "last": scope.last.isoformat(),
        "canteens": {str(row.id): row.name for row in canteens},
        "rules": {str(row.id): [row.name, row.version] for row in rules},
    }  # fmt: skip


def digest(session: Session, claim_id: int, head: dict[str, Any]) -> str:
    """The SHA-256 of the text."""
    found = sha256()
    for piece in write(session, claim_id, head):
        found.update(piece)
    return found.hexdigest()


def write(session: Session, claim_id: int, head: dict[str, Any]) -> Iterator[bytes]:
    """The text in pieces, UTF-8."""
    about = json.dumps(head, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    yield f"{about}\n{','.join(COLUMNS)}\n".encode()
    for rows in pages(session, claim_id):
        said = (",".join("" if one is None else str(one) for one in row) for row in rows)
        yield ("\n".join(said) + "\n").encode()


def pages(session: Session, claim_id: int) -> Iterator[Sequence[AnyRow]]:
    """The lines in their order, so many at once."""
    last = 0
    while True:
        rows = session.execute(
            select(*(_line.c[name] for name in COLUMNS))
            .where(_line.c.claim_id == claim_id, _line.c.seq > last)
            .order_by(_line.c.seq)
            .limit(_AT_ONCE)
        ).all()
        if not rows:
            return
        yield rows
        last = rows[-1].seq
