"""The client's types of the API are generated from its document, and from today's."""

import json
from pathlib import Path

from click.testing import CliRunner

from backend.cli import main
from bin import client


def test_the_committed_types_are_those_of_the_api(tmp_path: Path) -> None:
    fresh = tmp_path / "schema.d.ts"
    client.types(fresh)
    committed = client.SCHEMA.read_text(encoding="utf-8")
    assert fresh.read_text(encoding="utf-8") == committed, "stale: make client-types"


def test_the_command_writes_what_the_api_answers(app, tmp_path: Path) -> None:
    written = tmp_path / "openapi.json"
    assert CliRunner().invoke(main, ["openapi", str(written)]).exit_code == 0
    told = CliRunner().invoke(main, ["openapi"]).stdout
    answered = app.test_client().get("/mp/v1/openapi.json").get_json()
    assert json.loads(written.read_text(encoding="utf-8")) == answered == json.loads(told)
