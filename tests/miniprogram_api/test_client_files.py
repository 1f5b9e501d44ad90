"""The client as it leaves the server: whole builds, small, kept for long, and nothing foreign."""

import gzip
import os
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.app import create_app
from miniprogram_api.client_files import HEADERS
from tests import settings

SCRIPT = "export const greeting = '你好';\n" * 40
ENTRY = "assets/index-Ab12Cd34.js"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50 Language/zh_CN"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
IPAD = "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
TABLET = "Mozilla/5.0 (Linux; Android 13; SM-X906C) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def build(folder: Path, page: str) -> None:
    """A build as the compiler leaves it; a second one a moment later."""
    write(folder / ENTRY, SCRIPT)
    (folder / f"{ENTRY}.br").write_bytes(b"brotli")
    (folder / f"{ENTRY}.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    write(folder / "static/icon.svg", "<svg/>")
    write(folder / "assets/notes.md", "not for the public")
    before = (folder / "index.html").stat().st_mtime_ns if (folder / "index.html").exists() else 0
    write(folder / "index.html", page)
    os.utime(folder / "index.html", ns=(before + 10**9, before + 10**9))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "h5"


@pytest.fixture
def app(folder: Path, tmp_path: Path) -> Flask:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    return create_app(settings.for_tests(database_url=url, client_dir=folder))


@pytest.fixture
def http(app: Flask, folder: Path) -> FlaskClient:
    build(folder, "<title>one</title>")
    return app.test_client()


def test_the_page_is_asked_for_each_time(http: FlaskClient) -> None:
    answer = http.get("/m/")
    assert (answer.status_code, answer.text) == (200, "<title>one</title>")
    assert answer.headers["Cache-Control"] == "no-cache"
    again = http.get("/m/", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")


def test_what_has_a_hash_in_its_name_is_kept_for_a_year(http: FlaskClient) -> None:
    answer = http.get(f"/m/{ENTRY}")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert http.get("/m/static/icon.svg").headers["Cache-Control"] == "public, max-age=86400"


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", None),
        ("", None),
        (None, None),
    ],
)
def test_the_smallest_form_is_sent_that_the_browser_reads(
    http: FlaskClient, accepted: str | None, sent: str | None
) -> None:
    headers = {} if accepted is None else {"Accept-Encoding": accepted}
    answer = http.get(f"/m/{ENTRY}", headers=headers)
    assert answer.headers.get("Content-Encoding") == sent
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    bodies = {"br": b"brotli", "gzip": gzip.compress(SCRIPT.encode()), None: SCRIPT.encode()}
    assert answer.data == bodies[sent]


def test_each_form_has_an_etag_of_its_own(http: FlaskClient) -> None:
    tags = {
        http.get(f"/m/{ENTRY}", headers={"Accept-Encoding": encoding}).headers["ETag"]
        for encoding in ("br", "gzip", "identity")
    }
    assert len(tags) == 3


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("static/icon.svg", "image/svg+xml"), ("index.html", "text/html; charset=utf-8")],
)
def test_every_file_says_what_it_is(http: FlaskClient, path: str, content_type: str) -> None:
    assert http.get(f"/m/{path}").headers["Content-Type"] == content_type


@pytest.mark.parametrize(
    "path",
    [
        "none.js", "assets/", "assets", "../secret.txt", "assets/../../secret.txt",
        "%2e%2e/secret.txt", "..%2fsecret.txt", "/etc/passwd", f"{ENTRY}.br", "assets/notes.md",
    ],
)  # fmt: skip
def test_nothing_else_can_be_had(http: FlaskClient, folder: Path, path: str) -> None:
    write(folder.parent / "secret.txt", "secret")
    answer = http.get(f"/m/{path}")
    assert answer.status_code in (404, 308)
    assert answer.headers.get("Cache-Control", "no-store") == "no-store"
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["", ENTRY, "none.js"])
def test_nothing_comes_from_elsewhere(http: FlaskClient, path: str) -> None:
    answer = http.get(f"/m/{path}")
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    # Scripts and sheets are left to default-src: none inline, no eval.
    assert "script-src" not in policy
    assert "style-src " not in policy


def test_without_the_slash_it_is_found_too(http: FlaskClient) -> None:
    answer = http.get("/m?from=poster")
    assert (answer.status_code, answer.location.endswith("/m/?from=poster")) == (308, True)


def test_a_new_build_is_served_whole_and_without_a_restart(http: FlaskClient, folder: Path) -> None:
    assert "one" in http.get("/m/").text
    write(folder / "assets/index-New45678.js", "new")
    (folder / ENTRY).unlink()
    assert http.get(f"/m/{ENTRY}").text == SCRIPT
    build(folder, "<title>two</title>")
    (folder / ENTRY).unlink()
    assert http.get("/m/assets/index-New45678.js").text == "new"
    assert "two" in http.get("/m/").text
    assert http.get(f"/m/{ENTRY}").text == SCRIPT  # for whom the old page is still open


def test_a_build_that_is_gone_for_a_moment_is_still_served(http: FlaskClient, folder: Path) -> None:
    http.get("/m/")
    (folder / "index.html").unlink()
    assert http.get("/m/").text == "<title>one</title>"


def test_without_a_build_a_page_says_so(app: Flask, folder: Path) -> None:
    http = app.test_client()
    missing = http.get("/m/")
    assert missing.status_code == 503
    assert "手机版还没有准备好" in missing.text
    assert "make client" in missing.text
    assert missing.headers["Cache-Control"] == "no-store"
    build(folder, "<title>one</title>")
    assert http.get("/m/").status_code == 200


@pytest.mark.parametrize(
    ("agent", "leads_to"),
    [
        (PHONE, "/m/"), (IPHONE, "/m/"), (IPAD, "/admin/"), (TABLET, "/admin/"),
        (DESK, "/admin/"), ("", "/admin/"),
    ],
)  # fmt: skip
def test_the_bare_address_leads_phones_to_the_client(
    http: FlaskClient, agent: str, leads_to: str
) -> None:
    answer = http.get("/", headers={"User-Agent": agent})
    assert (answer.status_code, answer.location) == (302, leads_to)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Vary"] == "User-Agent"
    assert answer.headers["Cache-Control"] == "no-store"
