"""The verifier that anybody can run: says yes to a true file, and what is wrong with another."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.night_school.draws import engine, seed, verify
from bench.draw import large_list

SECRET = "0f" * 32
Spoil = Callable[[dict[str, Any]], Any]


def published() -> dict[str, Any]:
    entries = large_list(300, 10)
    number = "2026031"
    by = seed.seed_of(SECRET, number)
    return {
        "format": verify.FORMAT,
        "commitment": seed.commitment(SECRET),
        "entries": entries,
        "entries_sha256": seed.digest(entries),
        "public_number": number,
        "secret": SECRET,
        "seed": by.hex(),
        "result": engine.deal(entries, by),
    }


def test_a_true_file_holds() -> None:
    assert verify.problems_of(published()) == []


def another_applicant(file: dict[str, Any]) -> None:
    file["entries"]["applications"].append(
        {"code": "Z", "most": 1, "together": None, "wishes": [{"run": 1, "tickets": 1}]}
    )


def swap_winner(file: dict[str, Any]) -> None:
    order = file["result"]["runs"][0]["order"]
    winner = next(row for row in order if row["got"] == "won")
    loser = next(row for row in order if row["got"] != "won")
    winner["lot"], loser["lot"] = loser["lot"], winner["lot"]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda file: file.update(secret="1f" * 32), "not the one that was committed to"),
        (lambda file: file.update(public_number="2026032"), "the seed is not made of"),
        (another_applicant, "not those fixed when the window closed"),
        (swap_winner, "give another result"),
        (lambda file: file.update(format="other"), "not a file of the form"),
    ],
)
def test_what_was_changed_afterwards_shows(spoil: Spoil, says: str) -> None:
    file = published()
    spoil(file)
    assert any(says in problem for problem in verify.problems_of(file))


def test_it_runs_alone_with_nothing_installed(tmp_path: Path) -> None:
    """A copy of the one file, away from the project, in Python without site packages."""
    script, file = tmp_path / "verify.py", tmp_path / "draw.json"
    script.write_text(Path(verify.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    file.write_text(seed.canonical(published()), encoding="utf-8")
    command = [sys.executable, "-I", "-S", str(script), str(file)]
    good = subprocess.run(command, capture_output=True, text=True, check=False)
    assert good.returncode == 0, good.stderr
    assert seed.commitment(SECRET) in good.stdout
    spoiled = published()
    swap_winner(spoiled)
    file.write_text(json.dumps(spoiled), encoding="utf-8")
    bad = subprocess.run(command, capture_output=True, text=True, check=False)
    assert bad.returncode == 1
    assert "WRONG" in bad.stdout
