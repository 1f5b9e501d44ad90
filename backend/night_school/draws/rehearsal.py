"""A dry run: the fixed list dealt with a seed that is made for it and thrown away."""

import json
import secrets
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.night_school.draws import engine, publishing
from backend.night_school.draws.models import Draw


def tally(session: Session, draw_id: int) -> dict[str, Any]:
    """How places and people would fall, by run; another dry run says something else."""
    kept = session.scalars(select(Draw.entries).where(Draw.id == draw_id)).one()
    entries = json.loads(kept or "")
    result = engine.deal(entries, secrets.token_bytes(32))
    return publishing.tally_of(entries, result)
