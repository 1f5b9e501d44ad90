"""Every address says who may come in; a resident comes in by WeChat's word or by a text message."""

import ast
import base64
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from backend import config
from backend.app import create_app
from backend.db import db
from backend.people.models import AccessToken
from tests import databases, settings
from tests.api import ApiClient
from tests.standin import running_standin
from tests.test_imports import ROOT, modules

WITHOUT_A_DOOR = {
    "health.alive": "tells that the process answers, nothing else",
    "health.ready": "tells that the database is there, nothing else",
    "api-docs.openapi_json": "the document is public",
    "api_docs.docs": "the document's page",
    "api_docs.static": "the page's script and style",
    "admin.static": "the console's scripts and styles",
    "front_page": "leads to the client or the console, which asks for a sign-in",
}

PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "s" * 40,
    "LOOKUP_KEY": "l" * 40,
    "DATA_KEYS": "k1:" + base64.b64encode(b"p" * 32).decode(),
    "WX_APPID": "wx1234567890abcdef",
    "WX_SECRET": "secret",
    "PUBLIC_URL": "https://xingfu.example.cn",
    "RATE_LIMITS": "false",
    "LOG_LEVEL": "error",
}


@pytest.fixture
def production(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """The application as a district runs it, on a database of its own."""
    url = databases.new_database("sqlite", request, tmp_path_factory)
    app = create_app(config.load(PRODUCTION | {"DATABASE_URL": url}))
    databases.create_tables(app)
    yield app
    databases.dispose(app)


def doors(app: Flask) -> dict[str, str | None]:
    """By endpoint, how its door lets people in."""
    return {
        rule.endpoint: getattr(app.view_functions[rule.endpoint], "sign_in", None)
        for rule in app.url_map.iter_rules()
    }


def test_every_address_has_a_door(production: Flask) -> None:
    found = doors(production)
    assert {name for name, door in found.items() if door is None} == set(WITHOUT_A_DOOR)
    assert len(found) > 40
    for name, door in found.items():
        if door is not None and name not in WITHOUT_A_DOOR:
            assert (
                door in ("resident", "staff", "teacher") or len(door.removeprefix("public: ")) >= 10
            )


def test_residents_doors_ask_for_a_token(production: Flask) -> None:
    """Held against the running application: what says `resident` lets nobody else in."""
    http = production.test_client()
    tried = 0
    for rule in production.url_map.iter_rules():
        if doors(production)[rule.endpoint] != "resident":
            continue
        with production.test_request_context():
            path = rule.build(dict.fromkeys(rule.arguments, 1), append_unknown=False)[1]
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            refused = http.open(path, method=method, json={})
            assert (refused.status_code, refused.json["errcode"]) == (401, 40100), rule
            tried += 1
    assert tried > 20


def test_in_production_the_doors_are_the_same(production: Flask, tmp_path: Path) -> None:
    """No address exists in a demo only, where a test would not look."""
    app = create_app(settings.for_tests(database_url=f"sqlite:///{tmp_path / 'demo.db'}"))
    ours = {(rule.rule, tuple(sorted(rule.methods))) for rule in production.url_map.iter_rules()}
    theirs = {(rule.rule, tuple(sorted(rule.methods))) for rule in app.url_map.iter_rules()}
    assert ours == theirs


def test_two_doors_give_out_tokens() -> None:
    """Only `/auth/login` and `/auth/sms-login` sign a resident in, each after its proof."""
    makers = ("sign_in", "sign_in_by_phone", "issue_token")
    giving = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in makers
        and ast.unparse(node.value) in ("signin", "sms_signin")
        and not name.startswith("admin")
    }
    assert giving == {"miniprogram_api.auth", "backend.people.sms_signin"}
    api = _functions("miniprogram_api/auth.py")
    assert {name for name, code in api.items() if "signin.sign_in" in code} == {
        "login", "sms_login"}  # fmt: skip
    assert "signin.openid_of" in api["login"]
    by_text = _functions("backend/people/sms_signin.py")["sign_in"]
    assert by_text.index("sms_codes.use") < by_text.index("raise SmsCodeWrong")
    assert by_text.index("raise SmsCodeWrong") < by_text.index("signin.sign_in_by_phone")
    named = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id in ("AccessToken", "issue_token"))
        and name.startswith(("miniprogram_api", "admin"))
    }
    assert named == set()


def _functions(path: str) -> dict[str, str]:
    """The source of each function of a module."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name: ast.unparse(node) for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_without_wechats_word_nobody_is_signed_in(production: Flask) -> None:
    """Whatever is sent to the public doors, no token comes to be."""
    api = ApiClient(production)
    with running_standin() as strict:  # knows no code that it did not give out itself
        production.extensions["wechat"] = strict.client()
        for code in ("openid-1", "demo", "standin", "test", "0", "openid:o1", "admin"):
            refused = api.post("/auth/login", {"code": code})
            assert (refused.status_code, refused.json["errcode"]) == (401, 40102)
        for body in ({"openid": "o1"}, {"code": "x", "openid": "o1"}, {"person_id": 1}):
            assert api.post("/auth/login", body).status_code == 422
        for code in ("000000", "123456", "888888"):
            told = api.post("/auth/sms-login", {"phone": "13812345678", "code": code})
            assert (told.status_code, told.json["errcode"]) == (409, 40945)
        production.extensions.pop("wechat").close()
    with production.app_context():
        assert db.session.scalars(select(AccessToken.token_hash)).all() == []


def test_production_talks_to_wechat_alone() -> None:
    for address in ("http://127.0.0.1:8801", "https://weixin.example.com"):
        with pytest.raises(config.ConfigError, match="WX_API_BASE"):
            config.load(PRODUCTION | {"WX_API_BASE": address})


def test_the_product_runs_without_the_standin_in_memory(tmp_path: Path) -> None:
    """The stand-in's code is not even loaded by the web process."""
    program = (
        "import sys; import backend.wsgi;"
        "print([name for name in sys.modules if 'standin' in name.split('.')])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=PRODUCTION | {"DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"
