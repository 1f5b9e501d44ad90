"""One draw whose outcome is written down: equal list and seed, equal result, on any machine."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.night_school.draws import engine, seed, verify
from bench.draw import large_list

VECTOR = json.loads((Path(__file__).parent / "vector.json").read_text(encoding="utf-8"))
BY = bytes.fromhex(VECTOR["seed"])

LARGE = "1842fad4046bb310fc213cb2224bca1516e94612d69ca140916c045711764462"
"""The digest of the result of a list of 2,000 applications over 40 classes under the same seed."""

DEALS = """
from backend.night_school.draws import engine, seed
from bench.draw import large_list
print(seed.digest(engine.deal(large_list(2000, 40), bytes.fromhex("%s"))))
"""


def test_the_seed_and_the_digests() -> None:
    assert seed.commitment(VECTOR["secret"]) == VECTOR["commitment"]
    assert seed.seed_of(VECTOR["secret"], VECTOR["public_number"]) == BY
    assert seed.digest(VECTOR["entries"]) == VECTOR["entries_sha256"]


@pytest.mark.parametrize("deal", [engine.deal, verify.dealt])
def test_the_outcome_that_is_written_down(deal) -> None:
    assert deal(VECTOR["entries"], BY) == VECTOR["result"]
    assert seed.digest(deal(large_list(2000, 40), BY)) == LARGE


def test_every_outcome_is_among_it() -> None:
    got = {row["got"] for run in VECTOR["result"]["runs"] for row in run["order"]}
    assert got == set(engine.Outcome)


@pytest.mark.parametrize(("hashes", "locale"), [("0", "C"), ("4711", "tr_TR.UTF-8")])
def test_neither_the_order_of_hashes_nor_the_locale_counts(hashes: str, locale: str) -> None:
    environ = os.environ | {"PYTHONHASHSEED": hashes, "LC_ALL": locale, "TZ": "Asia/Tokyo"}
    told = subprocess.run(
        [sys.executable, "-c", DEALS % VECTOR["seed"]], env=environ, capture_output=True,
        text=True, timeout=60, check=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert told.stdout.strip() == LARGE


@pytest.mark.parametrize("module", [engine, seed, verify])
def test_nothing_is_a_floating_point_number(module) -> None:
    for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
        assert not (isinstance(node, ast.Name) and node.id in ("float", "hash", "set_locale"))
