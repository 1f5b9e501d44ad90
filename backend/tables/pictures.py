"""Pictures of courses: raster only, known by their bytes, kept under the hash of what they are."""

import hashlib
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend import config
from backend.errors import Invalid, NotFound
from backend.night_school.models import Course
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.tables.table import Table
from backend.tables.writing import check_may_edit

LARGEST = 400 * 1024
_KINDS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}


def keep(packed: bytes) -> str:
    """Store a picture; its name. An SVG can carry scripts and is refused. Raises Invalid."""
    kind = next((name for start, name in _KINDS.items() if packed.startswith(start)), None)
    if kind is None:
        raise Invalid({"picture": [_("请选择 PNG 或 JPEG 图片。")]})
    if len(packed) > LARGEST:
        raise Invalid({"picture": [_("图片太大，请不要超过 400 KB。")]})
    name = f"{hashlib.sha256(packed).hexdigest()[:20]}.{kind}"
    folder = Path(config.current().static_dir)
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{name}.part"
    beside.write_bytes(packed)
    beside.replace(folder / name)  # whoever reads it meanwhile sees all of it or nothing
    return name


def of_course(session: Session, course_id: int) -> str | None:
    """The name of the course's picture."""
    return session.execute(
        select(Course.picture).where(Course.id == course_id)
    ).scalar_one_or_none()


def set_picture(
    session: Session, me: SignedInStaff, table: Table, course_id: int, packed: bytes
) -> None:
    """Give a course its picture. Raises NotAllowed, NotFound, Invalid."""
    if not table.pictures:
        raise NotFound()
    check_may_edit(me, table)
    before = session.execute(select(Course.picture).where(Course.id == course_id)).first()
    if before is None:
        raise NotFound()
    name = keep(packed)
    session.execute(update(Course).where(Course.id == course_id).values(picture=name))
    audit.record(
        session, me.staff_id, "table.picture", table.subject, course_id,
        before={"picture": before.picture}, after={"picture": name},
    )  # fmt: skip
