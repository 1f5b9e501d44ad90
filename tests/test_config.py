"""Settings: what is read, what is refused, and that all that is wrong is said at once."""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend import config
from backend.config import ConfigError, load

KEY = base64.b64encode(b"k" * 32).decode()

PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "s" * 32,
    "LOOKUP_KEY": "l" * 32,
    "DATA_KEYS": f"k1:{KEY}",
    "WX_APPID": "wx0123456789abcdef",
    "WX_SECRET": "secret",
    "PUBLIC_URL": "https://xingfu.example.org",
}


def refused(environ: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as error:
        load(environ)
    return str(error.value)


def test_nothing_is_needed_for_a_first_look() -> None:
    settings = load({})
    assert settings.app_env == "dev"
    assert settings.database_url.startswith("sqlite:///")
    assert settings.rate_limits is True


READ: list[tuple[str, str, str, Any]] = [
    ("DATABASE_URL", "postgresql://me@db/x", "database_url", "postgresql+psycopg://me@db/x"),
    ("DATABASE_URL", "postgres://me@db/x", "database_url", "postgresql+psycopg://me@db/x"),
    ("DATABASE_URL", "sqlite:////srv/x.db", "database_url", "sqlite:////srv/x.db"),
    ("DATABASE_POOL", "64", "database_pool", 64),
    ("RATE_LIMITS", "false", "rate_limits", False),
    ("PUBLIC_URL", "https://x.org/", "public_url", "https://x.org"),
    ("CORS_ORIGINS", "https://a.org, https://b.org,", "cors_origins",
     ("https://a.org", "https://b.org")),
    ("WX_TEMPLATES", "booked=T1,offered=T2", "wx_templates", {"booked": "T1", "offered": "T2"}),
    ("CLOCK_SHIFT", "-3600", "clock_shift", timedelta(hours=-1)),
    ("DATA_KEYS", f"b:{KEY},a:{KEY}", "data_keys", (("b", b"k" * 32), ("a", b"k" * 32))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "raw", "attribute", "value"), READ)
def test_what_is_read(name: str, raw: str, attribute: str, value: Any) -> None:
    assert getattr(load({name: raw}), attribute) == value


def test_a_relative_file_is_named_by_its_whole_path() -> None:
    assert load({"DATABASE_URL": "sqlite:///x.db"}).database_url == f"sqlite:///{Path.cwd()}/x.db"


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("APP_ENV", "prod"),
        ("APP_ENV", "Production"),
        ("DATABASE_URL", "mysql://me@db/x"),
        ("DATABASE_URL", "postgresql://me@db:port/x"),
        ("DATABASE_URL", ""),
        ("DATABASE_POOL", "0"),
        ("DATABASE_POOL", "65"),
        ("DATABASE_POOL", "four"),
        ("DATABASE_POOL", "4.0"),
        ("DATABASE_POOL", "--4"),
        ("DATABASE_POOL", "٤"),
        ("DATABASE_POOL", ""),
        ("RATE_LIMITS", "yes"),
        ("RATE_LIMITS", "True"),
        ("PUBLIC_URL", "x.org"),
        ("PUBLIC_URL", "ftp://x.org"),
        ("PUBLIC_URL", "https://"),
        ("WX_TEMPLATES", "booked"),
        ("WX_TEMPLATES", "booked="),
        ("WX_TEMPLATES", "=T1"),
        ("DATA_KEYS", ""),
        ("DATA_KEYS", "k1"),
        ("DATA_KEYS", "k1:not base64"),
        ("DATA_KEYS", "k1:" + base64.b64encode(b"short").decode()),
        ("DATA_KEYS", f":{KEY}"),
        ("DATA_KEYS", f"k-1:{KEY}"),
        ("DATA_KEYS", f"{'k' * 17}:{KEY}"),
        ("DATA_KEYS", f"k1:{KEY},k1:{KEY}"),
        ("TOKEN_DAYS", "0"),
        ("OFFER_HOURS", "169"),
        ("CLOCK_SHIFT", "1h"),
        ("LOG_LEVEL", "loud"),
        ("WX_PUSH_AES_KEY", "short"),
    ],
)
def test_odd_values_are_refused_by_name(name: str, raw: str) -> None:
    assert name in refused({name: raw})


def test_all_that_is_wrong_is_said_at_once() -> None:
    message = refused({"APP_ENV": "prod", "DATABASE_POOL": "0", "RATE_LIMITS": "maybe"})
    for name in ("APP_ENV", "DATABASE_POOL", "RATE_LIMITS"):
        assert name in message


def test_a_secret_is_not_repeated_in_the_message() -> None:
    secret = base64.b64encode(b"sixteen bytes !!").decode()
    assert secret not in refused({"DATA_KEYS": f"k1:{secret}"})


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n")
    assert load({"SECRET_KEY_FILE": str(tmp_path / "key")}).secret_key == "from-a-file"
    assert "SECRET_KEY" in refused({"SECRET_KEY_FILE": str(tmp_path / "none")})


def test_production_starts_with_keys_of_its_own() -> None:
    assert load(PRODUCTION).production


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", "s" * 31),
        ("LOOKUP_KEY", None),
        ("LOOKUP_KEY", "l" * 31),
        ("DATA_KEYS", None),
        ("WX_APPID", None),
        ("WX_SECRET", None),
        ("PUBLIC_URL", None),
        ("PUBLIC_URL", "http://xingfu.example.org"),
        ("WX_API_BASE", "http://127.0.0.1:8001"),
        ("CLOCK_SHIFT", "60"),
    ],
)
def test_production_refuses_what_is_for_development(name: str, raw: str | None) -> None:
    environ = {key: value for key, value in PRODUCTION.items() if key != name}
    if raw is not None:
        environ[name] = raw
    assert name in refused(environ)


def test_a_push_token_needs_its_key() -> None:
    assert "WX_PUSH_AES_KEY" in refused({"WX_PUSH_TOKEN": "token"})
    settings = load({"WX_PUSH_TOKEN": "token", "WX_PUSH_AES_KEY": "a" * 43})
    assert settings.push_configured


def test_settings_do_not_change() -> None:
    with pytest.raises(AttributeError):
        load({}).app_env = "production"


def test_only_the_settings_read_the_environment() -> None:
    """Whoever needs a value takes it from the settings, where it was checked."""
    root = Path(config.__file__).parent.parent
    allowed = {"backend/config.py"}
    readers = set()
    for folder in ("backend", "miniprogram_api", "admin"):
        for path in (root / folder).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            if "os.environ" in source or "getenv" in source:
                readers.add(str(path.relative_to(root)))
    # These hand the environment on to a program they start.
    assert readers <= allowed | {"backend/dumps.py"}
