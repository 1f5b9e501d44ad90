"""The guides name what is really there."""

import re
from dataclasses import fields
from pathlib import Path

from backend.config import Settings
from backend.reminders.templates import FIELDS
from miniprogram_api.client_files import HEADERS

ROOT = Path(__file__).resolve().parent.parent
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
RELEASE = (ROOT / "docs" / "wechat-release.md").read_text(encoding="utf-8")


def test_the_guide_lists_every_setting_with_its_default() -> None:
    for setting in fields(Settings):
        name, default = setting.name.upper(), setting.metadata["default"]
        shown = f"`{default}`" if default and "key" not in setting.name else ""
        row = next((line for line in OPERATING.splitlines() if line.startswith(f"| `{name}`")), "")
        assert row, f"docs/operating.md does not list {name}"
        assert shown in row, f"{name}: the default is {default}"
        assert setting.metadata["help"] in row


def test_the_guide_lists_the_templates_with_their_keywords_in_order() -> None:
    for kind, keys in FIELDS.items():
        row = next(line for line in RELEASE.splitlines() if line.startswith(f"| `{kind}`"))
        keywords = ", ".join(f"{key} {meaning}" for key, meaning in keys.items())
        assert row.endswith(f"| {keywords} |"), kind


def test_behind_nginx_the_client_keeps_its_headers() -> None:
    for name, value in HEADERS.items():
        assert f'add_header {name} "{value}";' in OPERATING


def test_links_between_the_guides_lead_somewhere() -> None:
    guides = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    for guide in guides:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", guide.read_text(encoding="utf-8")):
            assert (guide.parent / target).exists(), f"{guide.name}: {target}"
