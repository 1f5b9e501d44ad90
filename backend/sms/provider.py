"""The application's one provider of text messages, made at first use from the settings."""

import threading
from typing import Protocol

from flask import Flask, current_app

from backend import config
from backend.sms.aliyun import BASE, AliyunSms
from backend.sms.facts import Unanswered
from backend.sms.plain import PlainSms


class SmsProvider(Protocol):
    """Whoever brings a text to a phone. It must not be called inside a database transaction."""

    def send_code(self, phone: str, code: str, minutes: int) -> None:
        """Send a sign-in code that is good for so many minutes.

        `phone` is eleven digits in China, else `+…` (E.164). Raises SmsFailed.
        """

    def send_unanswered(self, phone: str, facts: Unanswered) -> None:
        """Tell a duty office that somebody is still looked for, naming nobody. Raises SmsFailed."""

    def close(self) -> None:
        """Close the kept connections."""


_making = threading.Lock()


def current() -> SmsProvider | None:
    """The provider of the application at work; None where none is set up."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with _making:
        if "sms" not in app.extensions:
            app.extensions["sms"] = _make(config.current())
    provider: SmsProvider | None = app.extensions["sms"]
    return provider


def _make(settings: config.Settings) -> SmsProvider | None:
    if settings.sms_provider == "standin":
        return PlainSms(settings.sms_api_base)
    if settings.sms_provider == "aliyun":
        return AliyunSms(
            settings.sms_key_id, settings.sms_key_secret, settings.sms_sign, settings.sms_template,
            settings.sms_duty_template, base_url=settings.sms_api_base or BASE,
        )  # fmt: skip
    return None
