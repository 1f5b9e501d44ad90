"""Checking a certificate by the code printed on it: anyone may, so no name is told in full."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.errors import NotFound
from backend.night_school.certificates.issuing import learners
from backend.night_school.certificates.models import Certificate
from backend.people.masking import mask_name


def check(session: Session, code: str, now: datetime) -> dict[str, Any]:
    """What the code stands for; spaces, dashes and small letters do not matter. Raises NotFound."""
    plain = "".join(char for char in code if char.isalnum()).upper()
    found = learners(session, Certificate.code == plain, now=now)
    if not found:
        raise NotFound()
    said = ("code", "title", "place_name", "starts_on", "ends_on", "lessons", "came", "issued_on")
    return {name: found[0][name] for name in said} | {"name": mask_name(found[0]["name"])}
