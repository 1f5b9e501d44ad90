"""Photos of bags that were handed over: checked, made small, without what cameras write into them.

They lie encrypted with their stop, for dispatchers alone, and are forgotten after some days.
"""

import base64
import io
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from backend import config
from backend.canteen.carrying.models import DeliveryPhoto
from backend.canteen.delivery.models import DeliveryStop
from backend.canteen.models import Canteen, MealService
from backend.db import table_of
from backend.errors import Invalid, NotFound
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff

LONGEST_SIDE = 1280
QUALITY = 70
MOST_PIXELS = 80_000_000
"""What telephones take at most; a small file can claim to be far larger, and fill the memory."""

KINDS = ("JPEG", "PNG", "WEBP")

_photo, _stop = table_of(DeliveryPhoto), table_of(DeliveryStop)
_service = table_of(MealService)
_BROKEN = (
    UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError,
)  # fmt: skip
_NO_PHOTO = _("这不是照片，或者照片已损坏，请重新拍一张。")


def prepare(packed: bytes) -> bytes:
    """The photo as a small upright JPEG; place, time and device are not in it any more.

    Raises Invalid where it is no photo.
    """
    try:
        with Image.open(io.BytesIO(packed), formats=KINDS) as photo:
            if photo.width * photo.height > MOST_PIXELS:
                raise Invalid({"photo": [_NO_PHOTO]})
            photo.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(photo).convert("RGB")
    except _BROKEN as error:
        raise Invalid({"photo": [_NO_PHOTO]}) from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    clean = Image.new("RGB", upright.size)  # pixels alone, none of what came with them
    clean.paste(upright)
    made = io.BytesIO()
    clean.save(made, "JPEG", quality=QUALITY, optimize=True)
    return made.getvalue()


def keep(session: Session, stop_id: int, photo: bytes, staff_id: int, at: datetime) -> int:
    """Write a prepared photo of a stop; its id."""
    return int(
        session.execute(
            insert(_photo)
            .values(
                stop_id=stop_id, jpeg=base64.b64encode(photo).decode(), staff_id=staff_id, at=at
            )
            .returning(_photo.c.id)
        ).scalar_one()
    )  # fmt: skip


def read(session: Session, me: SignedInStaff, stop_id: int) -> bytes:
    """The last photo of a stop, for who dispatches there.

    Raises NotFound, also once it is forgotten.
    """
    jpeg = session.scalar(
        select(_photo.c.jpeg)
        .join(_stop, _stop.c.id == _photo.c.stop_id)
        .join(_service, _service.c.id == _stop.c.meal_service_id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(Place, Place.id == Canteen.place_id)
        .where(_photo.c.stop_id == stop_id, me.covers(Permission.DISPATCH_MEALS, Place.path))
        .order_by(_photo.c.id.desc())
        .limit(1)
    )
    if jpeg is None:
        raise NotFound()
    return base64.b64decode(jpeg)


def photographed(session: Session, run_id: int) -> set[int]:
    """Of which stops of a run there is a photo still."""
    found = select(_photo.c.stop_id).join(_stop, _stop.c.id == _photo.c.stop_id)
    return set(session.scalars(found.where(_stop.c.run_id == run_id)))


def forget(session: Session, now: datetime) -> int:
    """Forget photos past their days; how many."""
    before = now - timedelta(days=config.current().delivery_photo_days)
    return int(session.connection().execute(delete(_photo).where(_photo.c.at < before)).rowcount)
