"""The application's one WeChat client, made at first use from the settings."""

import threading

from flask import Flask, current_app

from backend import config
from backend.wechat.client import WeChatClient
from backend.wechat.tokens import DatabaseTokens

_making = threading.Lock()


def current() -> WeChatClient:
    """The client of the application at work; its connections are kept open and shared."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with _making:
        client = app.extensions.get("wechat")
        if client is None:
            settings = config.current()
            client = app.extensions["wechat"] = WeChatClient(
                settings.wx_api_base,
                settings.wx_appid,
                settings.wx_secret,
                tokens=DatabaseTokens(app, settings.wx_appid),
                state=settings.wx_state,
            )
    assert isinstance(client, WeChatClient)
    return client
