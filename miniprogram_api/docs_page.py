"""The API's page at `/mp/v1/docs`: the document, to read and to try.

Opened with `?code=…`, it signs in with that `wx.login` code by the same door as every client, and
calls as that resident. Codes come from WeChat, or from whatever stands in for it.
"""

from flask import Blueprint, Flask, Response, make_response, render_template

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)

blueprint = Blueprint(
    "api_docs", __name__, static_folder="static", static_url_path="/static",
    template_folder="templates",
)  # fmt: skip


@blueprint.get("/docs")
def docs() -> Response:
    """The page; its script does the rest."""
    response = make_response(render_template("api_docs.html"))
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"  # the address may hold a code
    return response


def register(app: Flask, prefix: str) -> None:
    """Add the page and its assets under `prefix`."""
    app.register_blueprint(blueprint, url_prefix=prefix)
