"""Papers to print: a PDF opens in the browser, under a name that may be Chinese."""

from urllib.parse import quote

from flask import Response


def pdf(name: str, drawn: bytes) -> Response:
    """The PDF, to be looked at and printed or saved."""
    response = Response(drawn, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}.pdf"
    return response
