"""The application factory: joins the rules, the residents' API and the staff console."""

from datetime import timedelta
from typing import Any

import structlog
from flask import Flask, Response, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

import backend.canteen.carrying.telling
import backend.canteen.ordering.messages
import backend.canteen.repeating.telling
import backend.canteen.repeating.telling_made
import backend.canteen.repeating.telling_rests
import backend.canteen.serving.telling
import backend.market.messages
import backend.market.moving.messages
import backend.market.number_messages
import backend.market.rehoming.messages
import backend.models
import backend.night_school.messages.wording
import backend.standing.messages
import backend.venues.messages  # noqa: F401 - these bring the words of their reminders
from backend import clock, config, health, logs
from backend.db import db, engine_options
from backend.languages import Languages, choose_language
from backend.routing import LateRule

log = structlog.get_logger(__name__)

MAX_BODY = 1024 * 1024
SLOW_SECONDS = 1.0


def create_app(settings: config.Settings | None = None) -> Flask:
    """The application at work on `settings` (default: read from the environment)."""
    settings = settings or config.load()
    app = Flask("backend", static_folder=None)
    app.url_rule_class = LateRule
    app.extensions["settings"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings),
        MAX_CONTENT_LENGTH=MAX_BODY,
        BABEL_DEFAULT_LOCALE="zh",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.production,
    )
    clock.shift(settings.clock_shift)
    logs.configure(settings)
    db.init_app(app)
    Languages(app, locale_selector=choose_language)
    _identify_requests(app)
    health.register(app)
    _open_doors(app)
    if settings.clock_shift:
        _tell_shift(app, settings.clock_shift)
    return app


def _open_doors(app: Flask) -> None:
    # Imported here: both stand on the rules, the rules never on them.
    import admin
    import miniprogram_api

    miniprogram_api.register(app)
    admin.register(app)
    app.add_url_rule("/", "front_page", _lead)


def _lead() -> BaseResponse:
    """From the bare address phones come to the residents' client, others to the console.

    Tablets count as others: they are what staff work with.
    """
    agent = request.headers.get("User-Agent", "")
    phone = "Mobi" in agent and "iPad" not in agent and "Tablet" not in agent
    response = redirect("/m/" if phone else "/admin/")
    response.headers.update({"Vary": "User-Agent", "Cache-Control": "no-store"})
    return response


def _tell_shift(app: Flask, by: timedelta) -> None:
    """Tell clients in a rehearsal how far ahead it is: they count from the `Date` of an answer."""
    inner = app.wsgi_app
    told = ("X-Clock-Shift", str(round(by.total_seconds())))

    def telling(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, told], *more)

        return inner(environ, start)

    app.wsgi_app = telling  # type: ignore[method-assign]


def _identify_requests(app: Flask) -> None:
    """Give every request an id that its logs, its answer and its refusals carry."""

    @app.before_request
    def begin() -> None:
        g.request_id = logs.request_id(request.headers.get("X-Request-ID", ""))
        g.began = clock.monotonic()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.request_id
        seconds = clock.monotonic() - g.began
        if response.status_code >= 500 or seconds > SLOW_SECONDS:
            log.warning(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                seconds=round(seconds, 3),
            )
        return response
