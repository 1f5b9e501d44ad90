"""The OpenAPI document says what the application does: schemathesis tries each operation."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from backend import clock
from backend.app import create_app
from backend.db import transaction
from backend.errors import every_refusal
from backend.night_school.service import Enrolment, enrol
from miniprogram_api import PREFIX
from tests import databases
from tests import settings as test_settings
from tests.factories import Make
from tests.standin import running_standin

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
EXAMPLES = 12
# Signing out, or leaving, would end the token for the others.
NOT_TRIED = {("POST", f"{PREFIX}/auth/logout"), ("POST", f"{PREFIX}/me/delete")}


@pytest.fixture(scope="module")
def app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    url = databases.new_database("sqlite", request, tmp_path_factory)
    app = create_app(test_settings.for_tests(database_url=url))
    databases.create_tables(app)
    with running_standin() as standin:
        app.extensions["wechat"] = standin.client()
        yield app
        app.extensions["wechat"].close()
    databases.dispose(app)


@pytest.fixture(scope="module")
def token(app: Flask) -> str:
    """Somebody with a household and bookings, in a district with something on offer."""
    with app.app_context():
        make = Make(clock.now())
        wang, child = make.resident(phone="13812345678"), make.person("王小明")
        make.consent(wang.account, child, relation="child")
        make.place("building")
        run = make.run(room_id=make.room().id, teacher_id=make.teacher().id)
        with transaction() as session:
            wish = Enrolment(run_id=run.id, person_id=wang.person.id)
            enrol(session, wang.me, wish, clock.now())
        return wang.token


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    return app.test_client().get(f"{PREFIX}/openapi.json").get_json()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        assert operation["summary"], (method, path)
        assert operation["description"], (method, path)
        assert operation["tags"], (method, path)
        signed_in = bool(operation["security"])
        assert ("401" in operation["responses"]) == (signed_in or path.endswith("login"))
        assert ("304" in operation["responses"]) == (method == "get")
        if signed_in:
            assert "429" in operation["responses"]
        if "{" in path:
            assert "404" in operation["responses"]


def test_tags_are_in_both_languages(document: dict[str, Any]) -> None:
    described = {tag["name"]: tag["description"] for tag in document["tags"]}
    used = {tag for _, _, operation in operations(document) for tag in operation["tags"]}
    assert used == set(described)
    assert all(any("\u4e00" <= char <= "\u9fff" for char in text) for text in described.values())


def test_booking_takes_a_key(document: dict[str, Any]) -> None:
    enrol = document["paths"][f"{PREFIX}/night-school/runs/{{run_id}}/enrolments"]["post"]
    assert "Idempotency-Key" in [parameter["name"] for parameter in enrol["parameters"]]


def test_every_refusal_is_in_the_table(document: dict[str, Any]) -> None:
    for refusal in every_refusal():
        assert f"| {refusal.errcode} | {refusal.status} |" in document["info"]["description"]


@pytest.mark.slow
def test_each_operation_does_as_it_says(app: Flask, token: str) -> None:
    schema = schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", app)
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if (operation.method.upper(), operation.path) in NOT_TRIED:
            continue

        @settings(
            max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def conforms(case: schemathesis.Case) -> None:
            response = case.call(headers={"Authorization": f"Bearer {token}"})
            case.validate_response(response, checks=CHECKS)

        conforms()
        tried += 1
    assert tried > 30
