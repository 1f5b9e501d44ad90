"""The application as an operator meets it: health, request ids, logs, faults of ours."""

import io
import json
import logging
from datetime import timedelta

import pytest
import structlog
from flask import Flask
from sqlalchemy import text

from backend import clock, logs
from backend.app import create_app
from backend.db import db
from tests import databases, settings


@pytest.fixture
def http(app: Flask):
    return app.test_client()


def test_it_says_that_it_is_alive(http) -> None:
    assert http.get("/healthz").text == "ok"


def test_it_is_ready_once_the_tables_are_migrated(own_app: Flask) -> None:
    http = own_app.test_client()
    assert http.get("/readyz").status_code == 503
    with own_app.app_context():
        db.session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        db.session.commit()
    assert http.get("/readyz").status_code == 200


def test_it_is_not_ready_without_a_database(tmp_path) -> None:
    app = create_app(settings.for_tests(database_url="postgresql://nobody@127.0.0.1:9/none"))
    assert app.test_client().get("/readyz").status_code == 503
    assert app.test_client().get("/healthz").status_code == 200
    databases.dispose(app)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("abc123", True), ("x" * 32, True), ("x" * 33, False), ("a b", False), ("<b>", False)],
)
def test_every_answer_has_a_request_id(http, sent: str, kept: bool) -> None:
    answer = http.get("/healthz", headers={"X-Request-ID": sent})
    assert (answer.headers["X-Request-ID"] == sent) is kept
    assert answer.headers["X-Request-ID"].isalnum()


def test_logs_are_json_with_the_request_id() -> None:
    logs.configure(settings.for_tests(log_format="json", log_level="info"))
    out = io.StringIO()
    logging.getLogger().handlers[0].setStream(out)  # type: ignore[attr-defined]
    structlog.contextvars.bind_contextvars(request_id="r1")
    structlog.get_logger("xingfu").info("sent", count=3)
    logging.getLogger("library").warning("slow")
    structlog.contextvars.clear_contextvars()
    own, library = map(json.loads, out.getvalue().splitlines())
    assert (own["event"], own["count"], own["request_id"], own["level"]) == (
        "sent", 3, "r1", "info")  # fmt: skip
    assert (library["event"], library["logger"]) == ("slow", "library")


def test_a_fault_of_ours_is_logged_and_told_politely(own_app: Flask, dialect: str) -> None:
    with own_app.app_context():
        db.drop_all()
    answer = own_app.test_client().get("/mp/v1/night-school/runs")
    assert answer.status_code == 500
    assert answer.json["errcode"] == 50000
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    assert "Traceback" not in answer.text


def test_a_rehearsal_tells_how_far_ahead_it_is(http, tmp_path) -> None:
    """Also on what the front layer keeps: the residents' client counts from it."""
    url = f"sqlite:///{tmp_path}/ahead.db"
    ahead = create_app(settings.for_tests(database_url=url, clock_shift="7200"))
    try:
        assert ahead.test_client().get("/healthz").headers["X-Clock-Shift"] == "7200"
    finally:
        clock.shift(timedelta())
    assert "X-Clock-Shift" not in http.get("/healthz").headers
