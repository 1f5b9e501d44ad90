"""The guides name what is really there."""

from dataclasses import fields
from pathlib import Path

from backend.config import Settings

ROOT = Path(__file__).resolve().parent.parent
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")


def test_the_guide_lists_every_setting_with_its_default() -> None:
    for setting in fields(Settings):
        name, default = setting.name.upper(), setting.metadata["default"]
        shown = f"`{default}`" if default and "key" not in setting.name else ""
        row = next((line for line in OPERATING.splitlines() if line.startswith(f"| `{name}`")), "")
        assert row, f"docs/operating.md does not list {name}"
        assert shown in row, f"{name}: the default is {default}"
        assert setting.metadata["help"] in row
