"""QR codes as drawings."""

import io

import segno
from flask import Response


def svg(text: str) -> Response:
    """`text` as a QR with its quiet zone; a quarter of it may be covered and it still reads."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="q").save(drawn, kind="svg", scale=8, border=4, light="#fff")
    return Response(drawn.getvalue(), content_type="image/svg+xml")
