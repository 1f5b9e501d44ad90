"""What every console page is wrapped in: CSRF tokens, a strict CSP, no caching.

The residents' API signs in with a header, so it needs no CSRF token and gets none.
"""

from flask import Flask, Request, Response, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer

from admin.blueprint import pages

csrf = CSRFProtect()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",  # qr-scanner starts its worker from a blob
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


class ConsoleSessions(SecureCookieSessionInterface):
    """Flask's signed cookie for the console; elsewhere there is none to open, verify or send."""

    def __init__(self, app: Flask) -> None:
        self._signs = super().get_signing_serializer(app)  # Flask makes one for each request

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        return self._signs

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        inside = request.path.startswith(f"{pages.url_prefix}/")
        return super().open_session(app, request) if inside else None


def register(app: Flask) -> None:
    """Check tokens on the console's posts only."""
    app.session_interface = ConsoleSessions(app)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the sign-in
    csrf.init_app(app)


KEPT_BY_BROWSERS = {"admin.static": 24 * 3600, "admin.kept_script": 365 * 24 * 3600}
"""For how many seconds; nothing else is kept, least of all on a shared tablet."""


@pages.before_request
def check_token() -> None:
    """A post without our token is not from our page: 400. Larger than its door takes: 413."""
    view = current_app.view_functions.get(request.endpoint or "")
    if (largest := getattr(view, "largest", None)) is not None:
        request.max_content_length = largest  # the token stands in the form: it is read here
    if request.endpoint != "admin.static":
        csrf.protect()


@pages.after_request
def add_headers(response: Response) -> Response:
    """Nothing from elsewhere, no inline script, nothing kept by a shared tablet's browser."""
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    seconds = KEPT_BY_BROWSERS.get(request.endpoint or "")
    response.headers["Cache-Control"] = f"public, max-age={seconds}" if seconds else "no-store"
    return response
