"""Photos as telephones take them."""

import io

from PIL import Image

MAKER = "Telephone of Zhao"


def a_photo(
    width: int = 400, height: int = 300, kind: str = "JPEG", *, turned: bool = False
) -> bytes:
    """A photo with what a camera writes into it; `turned`: the telephone was held upright."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = MAKER
    exif.get_ifd(0x8825)[1] = "N"  # the part that says where
    if turned:
        exif[0x0112] = 6
    made = io.BytesIO()
    image.save(made, kind, exif=exif)
    return made.getvalue()
