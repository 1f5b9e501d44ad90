"""What may stand in addresses: ids of a size the tables can hold, names of pictures, secrets."""

from typing import Any

from werkzeug.routing import BaseConverter, IntegerConverter

LARGEST_ID = 2**53 - 1  # what JavaScript counts exactly


class IdConverter(IntegerConverter):
    """`<id:run_id>`."""

    regex = r"[1-9]\d{0,15}"

    def __init__(self, map: Any) -> None:
        super().__init__(map, min=1, max=LARGEST_ID)


def id_parameter(_converter: IdConverter) -> dict[str, Any]:
    """How the OpenAPI document describes such an id."""
    return {"type": "integer", "format": "int64", "minimum": 1, "maximum": LARGEST_ID}


class PictureConverter(BaseConverter):
    """`<picture:name>`: a plain file name, nothing that could leave the folder."""

    regex = r"[A-Za-z0-9][A-Za-z0-9_-]{0,70}\.(?:svg|png|jpg|webp)"


class SecretConverter(BaseConverter):
    """`<secret:token>`: 256 bits as `secrets.token_urlsafe` writes them."""

    regex = r"[A-Za-z0-9_-]{43}"


def secret_parameter(_converter: SecretConverter) -> dict[str, Any]:
    """How the OpenAPI document describes such a secret."""
    return {"type": "string", "pattern": f"^{SecretConverter.regex}$"}


def picture_parameter(_converter: PictureConverter) -> dict[str, Any]:
    """How the OpenAPI document describes such a name."""
    return {"type": "string", "pattern": f"^{PictureConverter.regex}$"}


CONVERTERS = {
    "id": (IdConverter, id_parameter),
    "picture": (PictureConverter, picture_parameter),
    "secret": (SecretConverter, secret_parameter),
}
"""By the name used in routes, with its description."""
