"""Pictures of courses, by the names the catalogue gives."""

from pathlib import Path

from flask import Response, send_from_directory

from backend import config
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import public

blueprint = Blueprint("pictures", __name__, url_prefix="/pictures", description="图片")

KEPT_SECONDS = 7 * 86_400
# A drawing is a document: opened by itself, it must not run anything.
_HARMLESS = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@blueprint.get("/<picture:name>")
@public(why="everybody may see what is on offer")
@blueprint.answers_file("image/*")
def get_picture(name: str) -> Response:
    """A picture, kept by clients for a week."""
    folder = Path(config.current().static_dir).resolve()
    response = send_from_directory(folder, name, max_age=KEPT_SECONDS)
    response.headers["Content-Security-Policy"] = _HARMLESS
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
