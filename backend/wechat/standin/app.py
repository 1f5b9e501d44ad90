"""The stand-in as a Flask application of its own."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response

from backend import clock
from backend.wechat.standin.answers import Refused, refusal
from backend.wechat.standin.api import api
from backend.wechat.standin.doors import doors
from backend.wechat.standin.pages import pages
from backend.wechat.standin.settings import StandinSettings
from backend.wechat.standin.sms import sms
from backend.wechat.standin.world import World


def create_standin(settings: StandinSettings, now: Callable[[], datetime] = clock.now) -> Flask:
    """A stand-in with a memory of its own; one process must serve all its requests."""
    app = Flask("backend.wechat.standin")
    here = World(settings, now)
    app.extensions["standin"] = here
    app.register_error_handler(Refused, _refuse)
    here.faults.register(app, spared=("/_test/", "/phone/", "/number/", "/static/"))
    app.register_blueprint(api)
    app.register_blueprint(doors)
    app.register_blueprint(sms)
    app.register_blueprint(pages)
    return app


def _refuse(error: Refused) -> Response:
    return refusal(error)
