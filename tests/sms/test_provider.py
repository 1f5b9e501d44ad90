"""Which provider the settings choose, and that rehearsals stay out of production."""

import pytest
from flask import Flask

from backend import config
from backend.app import create_app
from backend.sms import provider
from backend.sms.aliyun import AliyunSms
from backend.sms.plain import PlainSms
from tests import settings
from tests.test_doors import PRODUCTION

ALIYUN = {
    "SMS_PROVIDER": "aliyun", "SMS_KEY_ID": "id", "SMS_KEY_SECRET": "secret", "SMS_SIGN": "幸福区",
    "SMS_TEMPLATE": "SMS_1",
}  # fmt: skip


def chosen(app: Flask) -> object:
    with app.app_context():
        made = provider.current()
        assert provider.current() is made
    if made is not None:
        made.close()
    return type(made)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, type(None)),
        ({"sms_provider": "standin", "sms_api_base": "http://127.0.0.1:9"}, PlainSms),
        ({name.lower(): value for name, value in ALIYUN.items()}, AliyunSms),
    ],
)
def test_the_settings_choose(given: dict[str, str], kind: type, tmp_path) -> None:
    app = create_app(settings.for_tests(database_url=f"sqlite:///{tmp_path / 'x.db'}", **given))
    assert chosen(app) is kind


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"SMS_PROVIDER": "standin", "SMS_API_BASE": "http://127.0.0.1:9"}, "SMS_PROVIDER"),
        ({**ALIYUN, "SMS_API_BASE": "https://sms.example.com"}, "SMS_API_BASE"),
        ({"SMS_PROVIDER": "aliyun", "SMS_KEY_ID": "id"}, "SMS_KEY_SECRET, SMS_SIGN, SMS_TEMPLATE"),
        ({"SMS_PROVIDER": "pigeon"}, "none, standin, aliyun"),
    ],
)
def test_production_refuses_to_start(given: dict[str, str], said: str) -> None:
    with pytest.raises(config.ConfigError, match=said):
        config.load(PRODUCTION | given)


def test_production_starts_with_a_real_provider_or_none() -> None:
    assert config.load(PRODUCTION | ALIYUN).sms_provider == "aliyun"
    assert config.load(PRODUCTION).sms_provider == "none"


def test_the_standin_needs_its_address() -> None:
    with pytest.raises(config.ConfigError, match="SMS_API_BASE"):
        config.load({"SMS_PROVIDER": "standin"})
