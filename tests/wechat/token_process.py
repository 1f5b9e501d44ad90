"""Run by a test as a process of its own: wait for a file to appear, then get the access token."""

import sys
import time
from pathlib import Path

from flask import Flask

from backend import config
from backend.db import db, engine_options
from backend.wechat.client import WeChatClient
from backend.wechat.tokens import AccessToken, DatabaseTokens, Fetch


class Spoken(DatabaseTokens):
    """Prints what it hands out."""

    def get(self, fetch: Fetch) -> AccessToken:
        token = super().get(fetch)
        print(token.version, token.value, flush=True)
        return token


def token_app(database_url: str) -> Flask:
    """The least application the token row needs."""
    settings = config.load({"APP_ENV": "test", "DATABASE_URL": database_url})
    app = Flask("tokens")
    app.extensions["settings"] = settings
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings),
    )
    db.init_app(app)
    return app


def main(database_url: str, url: str, appid: str, secret: str, gate: str) -> None:
    client = WeChatClient(url, appid, secret, tokens=Spoken(token_app(database_url), appid))
    print("ready", flush=True)
    while not Path(gate).exists():
        time.sleep(0.005)
    client.templates()


if __name__ == "__main__":
    main(*sys.argv[1:])
