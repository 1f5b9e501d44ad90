"""Pictures of courses, venues and rooms: raster only, known by their bytes, named by hash."""

import hashlib
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend import config
from backend.db import table_of
from backend.errors import Invalid, NotFound
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.tables.reading import get_row
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


def of_row(session: Session, table: Table, ident: int) -> str | None:
    """The name of the row's picture, if it has one and can have one."""
    if table.pictures is None:
        return None
    kept = table_of(table.pictures)
    return session.execute(select(kept.c.picture).where(kept.c.id == ident)).scalar_one_or_none()


def set_picture(
    session: Session, me: SignedInStaff, table: Table, ident: int, packed: bytes
) -> None:
    """Give a row its picture. Raises NotAllowed, NotFound, Invalid."""
    if table.pictures is None:
        raise NotFound()
    check_may_edit(me, table)
    get_row(session, me, table, ident)
    before, name = of_row(session, table, ident), keep(packed)
    kept = table_of(table.pictures)
    session.execute(update(kept).where(kept.c.id == ident).values(picture=name))
    audit.record(
        session, me.staff_id, "table.picture", table.subject, ident,
        before={"picture": before}, after={"picture": name},
    )  # fmt: skip
