"""Make .venv and install what constraints.txt names: `install.py demo`, `dev` or `node`.

Runs on any Python 3, so that an old one gets a sentence and not a syntax error.
"""

import os
import shutil
import subprocess
import sys

LEAST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
EXTRAS = {"demo": "demo", "dev": "demo,dev", "node": "node"}


def stop(sentence):
    sys.exit(f"make: {sentence}")


def runs(*command):
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        return False
    return done.returncode == 0


def is_new_enough(python):
    return runs(python, "-c", f"import sys; sys.exit(sys.version_info < {LEAST})")


def find_python():
    """A Python that is new enough and can make environments."""
    named = [os.environ.get("PYTHON"), sys.executable, *(shutil.which(name) for name in NEWER)]
    new_enough = [python for python in named if python and is_new_enough(python)]
    if not new_enough:
        stop(
            f"Python 3.11 or newer is needed; python3 here is {sys.version.split()[0]}. Install a "
            "newer one (Debian 12 and later: apt-get install python3 python3-venv), or name the "
            "one to use: make PYTHON=/path/to/python3"
        )
    able = [python for python in new_enough if runs(python, "-c", "import ensurepip, venv")]
    if not able:
        stop("Python's venv module is missing. Install it (Debian: apt-get install python3-venv).")
    return able[0]


def make_environment():
    if is_new_enough(PYTHON) and runs(PYTHON, "-m", "pip", "--version"):
        return
    python = find_python()
    print(f"Making .venv with {python}", flush=True)
    if not runs(python, "-m", "venv", "--clear", VENV):
        stop(f"{python} -m venv {VENV} fails; run it to see why.")


def install(extras):
    """pip, its output shortened to one line that moves, or a line now and then."""
    print("Installing packages (a minute or two the first time)", flush=True)
    command = [
        PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
        "--progress-bar", "off", "-c", "constraints.txt", "-e", f".[{extras}]",
    ]  # fmt: skip
    pip = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    )
    said, count = [], 0
    for line in pip.stdout:
        said.append(line)
        if line.startswith("Collecting "):
            count += 1
            show(f"  {count:3}  {line.split()[1][:50]}", now_and_then=count % 20 == 0)
        elif line.startswith("Installing collected"):
            show(f"  {count} packages are here, writing them to .venv", now_and_then=True)
    show("", now_and_then=False)
    if pip.wait():
        sys.stderr.write("".join(said[-25:]))
        stop("the packages could not be installed; pip's last words stand above.")


def show(text, now_and_then):
    """One line that is written over at a terminal; in a log only some lines."""
    if sys.stdout.isatty():
        print(f"\r{text:<70}", end="\r", flush=True)
    elif now_and_then:
        print(text, flush=True)


def main():
    wanted = sys.argv[1]
    make_environment()
    install(EXTRAS[wanted])
    for name in EXTRAS[wanted].split(","):
        with open(os.path.join(VENV, f"{name}.stamp"), "w"):
            pass


main()
