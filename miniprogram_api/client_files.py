"""The residents' client at `/m/`: the files of its H5 build, compressed beforehand, from memory.

A worker reads the whole build once, so a phone never gets half of one build and half of the next
while files are replaced. Behind nginx these files need not come from here (docs/operating.md).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, render_template, request
from werkzeug.datastructures import Accept

from backend import config
from miniprogram_api.doors import public

PREFIX = "/m"
INDEX = "index.html"
HASHED = "assets/"
"""Where the compiler puts what carries a hash of its content in its name."""

ENCODINGS = {"br": ".br", "gzip": ".gz", "identity": ""}
"""The best first, each with the ending of its files."""

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json; charset=utf-8",
    ".svg": "image/svg+xml",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""What is served, and as what; written down because the system's own table differs by machine."""

FOREVER, A_DAY, ASK_FIRST = (
    "public, max-age=31536000, immutable",
    "public, max-age=86400",
    "no-cache",
)

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'self'",
            "style-src-attr 'unsafe-inline'",  # uni-app's components set style attributes
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "worker-src 'self' blob:",  # qr-scanner starts its worker from a blob
            "object-src 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    ),
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(self)",
    "Referrer-Policy": "no-referrer",  # the address may hold a code
    "X-Content-Type-Options": "nosniff",
}

blueprint = Blueprint("client", __name__, template_folder="templates", url_prefix=PREFIX)


@dataclass(frozen=True, slots=True)
class File:
    """One file of the build: its bytes and ETag by encoding, and how long it may be kept."""

    content_type: str
    cache_control: str
    bodies: Mapping[str, tuple[bytes, str]]

    def answer(self, accepted: Accept) -> Response:
        """The smallest form of it that the caller reads; 304 if it is there already."""
        encoding = next(name for name in self.bodies if name == "identity" or accepted[name])
        body, etag = self.bodies[encoding]
        response = Response(body, content_type=self.content_type)
        response.headers["Cache-Control"] = self.cache_control
        if len(self.bodies) > 1:
            response.headers["Vary"] = "Accept-Encoding"
        if encoding != "identity":
            response.headers["Content-Encoding"] = encoding
        response.set_etag(etag)
        return response.make_conditional(request)


class Build:
    """The files of one build, by their path below `/m/`; read anew when there is a newer one.

    What the build before had under `assets/` stays: phones with its page open still ask for it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: int | None = None
        self._newest: dict[str, File] = {}
        self._files: dict[str, File] = {}

    def find(self, path: str) -> File | None:
        """The file there, or None. Whoever opens the client, or misses something, sees to it that
        this worker has the newest build."""
        if path == INDEX or path not in self._files:
            self._refresh()
        return self._files.get(path)

    def _refresh(self) -> None:
        index = self._folder / INDEX
        if not index.is_file():
            return
        made = index.stat().st_mtime_ns
        if made != self._made:
            before = {name: file for name, file in self._newest.items() if name.startswith(HASHED)}
            self._newest, self._made = _read(self._folder), made
            self._files = before | self._newest


def _read(folder: Path) -> dict[str, File]:
    found = {}
    for path in folder.rglob("*"):
        content_type = CONTENT_TYPES.get(path.suffix)
        if content_type is None:
            continue
        name = path.relative_to(folder).as_posix()
        bodies = {}
        for encoding, ending in ENCODINGS.items():
            packed = path.with_name(path.name + ending)
            if packed.is_file():
                body = packed.read_bytes()
                bodies[encoding] = body, hashlib.blake2b(body, digest_size=12).hexdigest()
        found[name] = File(content_type, _kept(name), bodies)
    return found


def _kept(name: str) -> str:
    if name.startswith(HASHED):
        return FOREVER
    return A_DAY if "/" in name else ASK_FIRST


@blueprint.get("/")
@public(why="the client itself; it asks for a sign-in where one is needed")
def get_client() -> Response:
    """The client's only page; a page that says so where it has not been built."""
    found = _build().find(INDEX)
    if found is None:
        return Response(render_template("client_missing.html"), 503)
    return found.answer(request.accept_encodings)


@blueprint.get("/<path:path>")
@public(why="the client's scripts, styles and pictures")
def get_file(path: str) -> Response:
    """A file of the client; only what is in its build can be found."""
    found = _build().find(path)
    if found is None:
        return Response("没有这个文件。", 404, content_type="text/plain; charset=utf-8")
    return found.answer(request.accept_encodings)


@blueprint.after_request
def protect(response: Response) -> Response:
    """Nothing from elsewhere, in no other site's frame; what is not there is asked for again."""
    response.headers.update(HEADERS)
    if response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    return response


def _build() -> Build:
    build = current_app.extensions["client"]
    assert isinstance(build, Build)
    return build


def register(app: Flask) -> None:
    """Serve what stands in CLIENT_DIR."""
    settings = app.extensions["settings"]
    assert isinstance(settings, config.Settings)
    app.extensions["client"] = Build(Path(settings.client_dir))
    app.register_blueprint(blueprint)
