"""Starting the stand-in: how it fits itself to the product, and where it refuses."""

import os
import subprocess
import sys
from dataclasses import asdict
from typing import Any

import httpx
import pytest

from backend import config
from backend.wechat.errors import CodeInvalid
from backend.wechat.standin.app import create_standin
from backend.wechat.standin.settings import APPID, SECRET, StandinRefused, StandinSettings
from tests.standin import RunningStandin, free_port, wait_until
from tests.wechat.samples import ALICE


@pytest.mark.parametrize(
    "settings",
    [
        {"app_env": "production"},
        {"secret": "0123456789abcdef0123456789abcdef"},
        {"host": "0.0.0.0"},
        {"host": "192.168.1.7"},
        {"host": "example.org"},
        {"callback_url": "http://127.0.0.1:8000/push"},
        {"callback_url": "http://127.0.0.1:8000/push", "push_token": "t", "push_aes_key": "short"},
    ],
)
def test_it_refuses_to_exist_where_it_could_do_harm(settings: dict[str, Any]) -> None:
    with pytest.raises(StandinRefused):
        StandinSettings(**settings)


def test_it_fits_itself_to_the_products_settings() -> None:
    product = config.load(
        {
            "APP_ENV": "test",
            "WX_APPID": "wx-district",
            "WX_SECRET": "standin-district",
            "WX_TEMPLATES": "booked=T-BOOKED,lesson=T-LESSON",
        }
    )
    settings = StandinSettings.beside(product, token_seconds=600)
    assert (settings.appid, settings.secret) == ("wx-district", "standin-district")
    assert {template.template_id for template in settings.templates} == {
        "T-BOOKED",
        "standin-offered",
        "standin-changed",
        "T-LESSON",
    }
    production = config.Settings(**{**asdict(product), "app_env": "production"})
    with pytest.raises(StandinRefused, match="production"):
        StandinSettings.beside(production)


def command(*arguments: str) -> list[str]:
    return [
        sys.executable,
        "-c",
        "from backend.wechat.standin.command import command; command()",
        *arguments,
    ]


def test_the_command_serves_it_with_gunicorn() -> None:
    port = free_port()
    environ = os.environ | {"APP_ENV": "test", "WX_APPID": APPID, "WX_SECRET": SECRET}
    process = subprocess.Popen(command("--port", str(port)), env=environ, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: is_up(url), seconds=20)
        running = RunningStandin(url, create_standin(StandinSettings()).extensions["standin"])
        client = running.client()
        assert client.code_to_session(running.login_code(ALICE)).openid == ALICE
        running.fail("/wxaapi/newtmpl/gettemplate", "reset")
        assert client.templates()
        assert running.calls("/wxaapi/newtmpl/gettemplate") == 2
        with pytest.raises(CodeInvalid):
            client.code_to_session("made-up")
        client.close()
        running.close()
    finally:
        process.terminate()
        assert process.wait(10) == 0


def is_up(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("arguments", "environ", "said"),
    [
        (["--host", "0.0.0.0"], {}, "loopback"),
        ([], {"WX_SECRET": "0123456789abcdef0123456789abcdef"}, "standin"),
    ],
)
def test_the_command_refuses_with_a_sentence(
    arguments: list[str], environ: dict[str, str], said: str
) -> None:
    done = subprocess.run(
        command(*arguments),
        env=os.environ | {"APP_ENV": "test"} | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
