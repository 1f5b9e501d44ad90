"""The parts of one running stand-in, put together."""

from collections.abc import Callable
from datetime import datetime

from flask import current_app

from backend.wechat.standin.faults import Faults
from backend.wechat.standin.issuer import TokenIssuer
from backend.wechat.standin.pusher import Pusher
from backend.wechat.standin.residents import Residents
from backend.wechat.standin.settings import StandinSettings
from backend.wechat.standin.state import State
from backend.wechat.standin.texts import Texts


class World:
    """Everything the doors and pages of one stand-in share."""

    def __init__(self, settings: StandinSettings, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self.now = now
        self.templates = {template.template_id: template for template in settings.templates}
        self.residents = Residents(settings.residents)
        self.state = State(settings, self.residents, now)
        self.texts = Texts(now)
        self.issuer = TokenIssuer(settings.token_seconds, now)
        self.faults = Faults(now)
        self.pusher = Pusher(settings, now)

    def answer_popup(self, openid: str, answers: dict[str, str]) -> None:
        """What `wx.requestSubscribeMessage` does: note each tap, then push them together."""
        for template_id, status in answers.items():
            self.state.answer_popup(openid, template_id, accepted=status == "accept")
        self.pusher.popup(openid, answers)

    def switch_off(self, openid: str, template_id: str) -> None:
        """What refusing a template in WeChat's settings does."""
        self.state.switch_off(openid, template_id)
        self.pusher.change(openid, template_id)


def world() -> World:
    """The stand-in that answers the present request."""
    here = current_app.extensions["standin"]
    assert isinstance(here, World)
    return here
