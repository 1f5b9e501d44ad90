"""What is kept of a photo: its pixels, small and upright; for dispatchers, for some days."""

import io
import struct
import zlib
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select

from backend.canteen.carrying import photos
from backend.canteen.carrying.models import DeliveryPhoto
from backend.errors import Invalid, NotFound
from backend.staff.models import Role
from tests.canteen.photos import MAKER, a_photo
from tests.canteen.runs import carried


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_becomes_small_and_upright_and_says_nothing_of_the_camera(kind) -> None:
    made = photos.prepare(a_photo(4000, 3000, kind, turned=True))
    image = Image.open(io.BytesIO(made))
    assert (image.format, image.size) == ("JPEG", (960, 1280))
    assert not image.getexif()
    assert MAKER.encode() not in made
    assert len(made) < 300_000


def huge() -> bytes:
    """A PNG of a few bytes that claims to be 60,000 pixels wide and high."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    "packed",
    [b"no photo", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + bytes(40),
     a_photo()[:900], huge()],
    ids=["text", "pdf", "svg", "gif", "half", "huge"],
)  # fmt: skip
def test_what_is_no_photo_is_refused(packed) -> None:
    with pytest.raises(Invalid) as refused:
        photos.prepare(packed)
    assert "photo" in refused.value.errors


def test_dispatchers_see_it_until_it_is_forgotten(make, session, now) -> None:
    lunch = carried(make, session)
    courier = lunch.staff()
    lunch.run(courier, "王秀英")
    stop_id = lunch.stops["王秀英"].id
    photos.keep(session, stop_id, photos.prepare(a_photo()), courier.id, now)
    session.commit()
    boss = lunch.me(lunch.staff(Role.DISPATCHER), Role.DISPATCHER)
    assert photos.read(session, boss, stop_id).startswith(b"\xff\xd8")
    with pytest.raises(NotFound):
        photos.read(session, lunch.me(courier), stop_id)
    assert photos.forget(session, now + timedelta(days=59)) == 0
    assert photos.forget(session, now + timedelta(days=61)) == 1
    assert session.scalar(select(func.count(DeliveryPhoto.id))) == 0
