"""The tree keeps to its design: who imports whom, who commits, who reads clock and environment."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LAYERS = (
    # what everything stands on
    ("backend.config", "backend.clock"),
    ("backend.errors", "backend.db", "backend.logs", "backend.languages", "backend.gunicorn",
     "backend.gunicorn_worker", "backend.routing", "backend.people.crypto"),
    ("backend.paging", "backend.money", "backend.arrays", "backend.together", "backend.rate_limits",
     "backend.checking", "backend.spreadsheets", "backend.paper",
     "backend.health", "backend.migrating", "backend.dumps"),
    ("backend.bulk", "backend.spreadsheet_streams"),
    # the packages; a service never imports another
    ("backend.wechat", "backend.sms", "backend.places"),
    ("backend.people",),
    ("backend.staff",),
    ("backend.reminders",),
    ("backend.booking",),
    ("backend.standing",),
    ("backend.night_school", "backend.notices", "backend.venues", "backend.market",
     "backend.canteen"),
    # what several services meet in
    ("backend.desk", "backend.tables", "backend.models", "backend.clearing", "backend.backup",
     "backend.demo"),
    ("backend.scheduler",),
    # the two sides, which know nothing of each other
    ("miniprogram_api", "admin"),
    ("backend.app",),
    ("backend.wsgi", "backend.commands"),
    ("backend.cli",),
)  # fmt: skip
"""From the ground up. A module imports its own layer's name and what stands below."""

LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
OURS = ("backend", "admin", "miniprogram_api")
STANDIN = "backend.wechat.standin"


@cache
def modules() -> list[tuple[str, ast.Module]]:
    """Every module of the product, with its dotted name."""
    found = []
    for top in OURS:
        for path in sorted((ROOT / top).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found.append((name.removesuffix(".__init__"), ast.parse(path.read_text("utf-8"))))
    return found


def imported(tree: ast.AST) -> Iterator[str]:
    """The dotted names of our own that a module imports, wherever in it."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name for name in names if name.split(".")[0] in OURS)


def part_of(name: str) -> str | None:
    """The entry of LAYERS that `name` belongs to: the longest that fits."""
    found = [part for part in LEVEL if name == part or name.startswith(f"{part}.")]
    return max(found, key=len, default=None)


def wrong_imports(name: str, tree: ast.AST) -> list[str]:
    """What `name` imports and must not, each as a sentence."""
    mine = part_of(name)
    if mine is None:
        return [] if name == "backend" else [f"{name} stands in no layer"]
    wrong = []
    for other in imported(tree):
        theirs = part_of(other)
        if theirs is None or theirs == mine:
            continue
        if LEVEL[theirs] >= LEVEL[mine]:
            wrong.append(f"{name} imports {other}")
    return wrong


def calls(tree: ast.AST) -> Iterator[str]:
    """Every call in a module as it is written: `session.commit`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_imports_only_go_down() -> None:
    assert [line for name, tree in modules() for line in wrong_imports(name, tree)] == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("backend.booking.line", "from backend.night_school import facts"),
        ("backend.people.household", "import backend.reminders.outbox"),
        ("backend.people.household", "def f():\n    from backend.reminders import outbox"),
        ("backend.night_school.queries", "from miniprogram_api import doors"),
        ("miniprogram_api.me", "from admin import doors"),
        ("admin.today", "from miniprogram_api.doors import resident"),
        ("backend.wechat.client", "from backend.people import signin"),
        ("backend.db", "from backend.people.models import Person"),
        ("backend.errands.service", "import backend.db"),
    ],
)
def test_the_check_notices(name: str, source: str) -> None:
    assert wrong_imports(name, ast.parse(source))


def test_the_check_lets_through_what_is_right() -> None:
    source = "from backend.booking import rules\nfrom backend.night_school import facts\nimport os"
    assert wrong_imports("backend.night_school.service", ast.parse(source)) == []


def test_the_product_does_not_know_the_standin() -> None:
    """Only the command that starts it and the demo may name it."""
    allowed = ("backend.cli", "backend.demo", "backend.commands", STANDIN)
    knows = [
        name
        for name, tree in modules()
        if not name.startswith(allowed) and any(one.startswith(STANDIN) for one in imported(tree))
    ]
    assert knows == []


def test_only_the_database_module_commits() -> None:
    commits = {
        name for name, tree in modules() if any(call.endswith(".commit") for call in calls(tree))
    }
    assert commits <= {"backend.db"}


def test_only_the_clock_reads_the_clock() -> None:
    reading = {"datetime.now", "datetime.utcnow", "date.today", "time.time", "datetime.today"}
    readers = {name for name, tree in modules() if reading & set(calls(tree))}
    assert readers <= {"backend.clock"}


def test_only_the_settings_read_the_environment() -> None:
    """Handing the environment on to a program that is started is no reading."""
    readers = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ")
        or (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("os.getenv", "os.environ.get", "os.environ.items")
        )
    }
    assert readers <= {"backend.config"}


def test_routes_hold_no_select_and_no_try() -> None:
    """Queries and rules stand in backend/; a route says what it is and calls one verb."""
    machinery = {"blueprint", "doors", "envelope", "front", "openapi", "rush"}
    for name, tree in modules():
        package, _, module = name.partition(".")
        if package != "miniprogram_api" or module in machinery or module.startswith("schemas"):
            continue
        assert not {"select", "insert", "update", "delete"} & set(calls(tree)), name
        assert not any(isinstance(node, ast.Try) for node in ast.walk(tree)), name
