"""Files that come in by a form, and what is carried from a preview to its confirmation."""

from collections.abc import Mapping
from datetime import datetime

from flask import request
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer

from backend import clock, config
from backend.errors import Invalid
from backend.spreadsheets import Line
from backend.staff.meanwhile import Original

PREVIEW_LASTS = 3600


def uploaded(name: str) -> bytes:
    """The bytes of the file in a field. Raises Invalid where none was chosen."""
    file = request.files.get(name)
    packed = b"" if file is None else file.read()
    if file is not None:
        file.close()
    if not packed:
        raise Invalid({name: [_("请先选择文件。")]})
    return packed


def dump_lines(purpose: str, lines: list[Line]) -> str:
    """The lines of a sheet as a signed text for a hidden field: web servers keep no uploads."""
    return _signer(purpose).dumps([[one.number, one.cells] for one in lines])


def load_lines(purpose: str, signed: str) -> list[Line]:
    """The lines again. Raises Invalid where the text is not ours, or older than an hour."""
    try:
        found = _signer(purpose).loads(signed, max_age=PREVIEW_LASTS)
    except BadData as error:
        raise Invalid({"file": [_("预览已过期，请重新上传。")]}) from error
    return [Line(number, cells) for number, cells in found]


def dump_original(purpose: str, stood: Mapping[str, str]) -> str:
    """How things stand as a form is opened, as a signed text for its field `original`."""
    return _signer(purpose).dumps([clock.rfc3339(clock.now()), dict(stood)])


def load_original(purpose: str) -> Original | None:
    """That of the post; None without one. Raises Invalid where the text is not ours."""
    signed = request.form.get("original")
    if signed is None:
        return None
    try:
        at, stood = _signer(purpose).loads(signed)
    except BadData as error:
        raise Invalid(sentence=_("页面已过期，请刷新后再提交。")) from error
    return Original(datetime.fromisoformat(at), stood)


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(config.current().secret_key, salt=f"console:{purpose}")
