"""The client knows every refusal a resident can meet: a title, and what to do next."""

import re
from pathlib import Path

from backend.errors import every_refusal

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "miniprogram/src/texts/refusals.ts"
_ROW = re.compile(r"^  (\d{5,6}): refusal\(\s*'([^']+)',\s*'([^']+)',\s*'(\w+)'", re.MULTILINE)


def test_every_refusal_has_a_title_in_both_languages_and_a_way_on() -> None:
    told = [int(code) for code, *_rest in _ROW.findall(TABLE.read_text(encoding="utf-8"))]
    assert told == [refusal.errcode for refusal in every_refusal() if not refusal.for_staff]
