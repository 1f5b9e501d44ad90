"""The commands of a fresh machine: what `make help` lists, the sentences when they cannot."""

import os
import re
import runpy
import socket
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from backend import clock
from backend.reminders.quiet import is_quiet

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environ, capture_output=True, text=True, timeout=60
    )


def test_help_lists_every_target() -> None:
    targets = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    listed = run("make", "help").stdout
    assert targets
    for target in targets[1].split():
        assert re.search(rf"^  make {target} +\S", listed, re.MULTILINE), target


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = run(
            sys.executable, "bin/demo_guide.py", "check-ports", WEB_PORT=port, PHONES_PORT="0"
        )
    assert said.returncode == 1
    assert f"port {port} is in use" in said.stderr
    assert "make demo WEB_PORT=" in said.stderr


def test_an_old_python_is_told_what_is_needed(tmp_path) -> None:
    installer = (ROOT / "bin/install.py").read_text().replace("(3, 11)", "(9, 0)")
    copied = tmp_path / "bin" / "install.py"
    copied.parent.mkdir()
    copied.write_text(installer)
    said = run(sys.executable, str(copied), "demo")
    assert said.returncode == 1
    assert "Python 3.11 or newer is needed" in said.stderr
    assert "apt-get install python3" in said.stderr


def test_without_any_python_there_is_a_sentence(tmp_path) -> None:
    for tool in ("sh", "make"):
        found = subprocess.run(["which", tool], capture_output=True, text=True).stdout.strip()
        (tmp_path / tool).symlink_to(found)
    said = run("make", "-B", ".venv/demo.stamp", PATH=str(tmp_path))
    assert said.returncode != 0
    assert "Python is not installed" in said.stderr


@pytest.mark.parametrize(
    ("wall", "hours"), [("12:00", 0), ("21:59", 0), ("22:00", 12), ("03:00", 7), ("06:59", 3)]
)
def test_the_demo_runs_by_day(monkeypatch, capsys, wall: str, hours: float) -> None:
    monkeypatch.setenv("WEB_PORT", "1")
    monkeypatch.setenv("PHONES_PORT", "1")
    guide = runpy.run_path(str(ROOT / "bin" / "demo_guide.py"))
    at = datetime.fromisoformat(f"2026-03-11T{wall}:00+08:00")
    with clock.frozen(at):
        guide["clock_shift"]()
    shift = int(capsys.readouterr().out)
    assert not is_quiet(at + timedelta(seconds=shift))
    assert abs(shift / 3600 - hours) < 0.1
