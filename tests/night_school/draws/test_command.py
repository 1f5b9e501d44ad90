"""`xingfu draw-verify` at a prompt."""

from pathlib import Path

from click.testing import CliRunner

from backend.cli import main
from backend.night_school.draws import seed
from tests.night_school.draws.test_verify import published, swap_winner


def test_an_operator_checks_a_file(tmp_path: Path) -> None:
    file = tmp_path / "draw.json"
    file.write_text(seed.canonical(published()), encoding="utf-8")
    answer = CliRunner().invoke(main, ["draw-verify", str(file)])
    assert answer.exit_code == 0, answer.output
    assert "The draw holds: 300 applications, 10 classes." in answer.output
    spoiled = published()
    swap_winner(spoiled)
    file.write_text(seed.canonical(spoiled), encoding="utf-8")
    answer = CliRunner().invoke(main, ["draw-verify", str(file)])
    assert answer.exit_code == 1
    assert "WRONG: the applications and the seed give another result" in answer.output
