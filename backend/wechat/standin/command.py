"""`xingfu wechat-standin`: serve the stand-in with gunicorn, in one process with many threads."""

from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from backend import clock, config
from backend.wechat.standin.app import create_standin
from backend.wechat.standin.settings import StandinRefused, StandinSettings

THREADS = 32  # slow answers on demand must not starve the pages


class _Server(BaseApplication):  # type: ignore[misc]
    """One worker, because the stand-in's memory is the worker's memory."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


@click.command("wechat-standin")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--residents",
    type=click.Path(dir_okay=False, path_type=Path),
    help="JSON list of {openid, name, phone, note}; may appear or change while running.",
)
@click.option("--return-url", default="", help="Sign-in address of the residents' app.")
@click.option("--origin", default="", help="Browser origin that may ask for login codes.")
@click.option("--callback-url", default="", help="Where to push subscription events.")
@click.option("--sent-events", is_flag=True, help="Also push an event for each message sent.")
@click.option("--token-seconds", default=7200, show_default=True, type=click.IntRange(1, 7200))
def command(
    host: str,
    port: int,
    residents: Path | None,
    return_url: str,
    origin: str,
    callback_url: str,
    sent_events: bool,
    token_seconds: int,
) -> None:
    """Serve a stand-in of WeChat's servers, with a page for each resident's phone.

    App id, secret, push keys and template ids are the product's own settings (WX_APPID, WX_SECRET,
    WX_PUSH_TOKEN, WX_PUSH_AES_KEY, WX_TEMPLATES). Refuses to start in production, on an address
    others can reach, or with a secret that does not start with "standin".
    """
    product = config.load()
    clock.shift(product.clock_shift)
    try:
        settings = StandinSettings.beside(
            product,
            host=host,
            residents=residents,
            return_url=return_url,
            origin=origin,
            callback_url=callback_url,
            push_sent_events=sent_events,
            token_seconds=token_seconds,
        )
    except StandinRefused as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(f"WeChat stand-in: the residents' phones are at http://{host}:{port}/")
    options = {
        "bind": f"{host}:{port}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": THREADS,
        "keepalive": 30,
        "timeout": 60,
        "loglevel": "warning",
    }
    _Server(create_standin(settings), options).run()
