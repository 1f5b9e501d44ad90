"""Every text is Chinese in the code and English in the catalogue; no gaps, no leftovers."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask_babel import refresh

from backend.booking.errors import Full
from backend.languages import CATALOGUES, LANGUAGES
from backend.tables import TABLES

ROOT = Path(__file__).resolve().parent.parent
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")  # characters and punctuation
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
KEYWORDS = DEFAULT_KEYWORDS | {"lazy_gettext": None}
SEPARATE = ("/standin/",)  # WeChat's stand-in speaks Chinese only, as WeChat's own pages do


def texts_in_the_code() -> set[str]:
    with (ROOT / "babel.cfg").open() as source:
        methods, options = parse_mapping_cfg(source)
    found = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS)
    return {
        message if isinstance(message, str) else message[0]
        for path, _line, message, _comments, _context in found
        if not any(part in path for part in SEPARATE)
    }


@pytest.fixture(scope="module")
def catalogue():
    with (CATALOGUES / "en" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale="en")


def test_every_text_is_written_in_chinese() -> None:
    assert [text for text in texts_in_the_code() if not CHINESE.search(text)] == []


def test_every_text_has_its_english(catalogue) -> None:
    translated = {
        entry.id if isinstance(entry.id, str) else entry.id[0]: entry
        for entry in catalogue
        if entry.id
    }
    code = texts_in_the_code()
    assert sorted(code - set(translated)) == [], "missing"
    assert sorted(set(translated) - code) == [], "no longer in the code"
    for text, entry in translated.items():
        english = entry.string if isinstance(entry.string, str) else " ".join(entry.string)
        assert english, f"{text} has no English"
        assert not entry.fuzzy, f"{text}: the English is a guess"
        assert not CHINESE.search(english), f"{text} is still Chinese: {english}"
        if isinstance(entry.string, str):
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(english)), text


def test_english_is_used_where_it_is_asked_for(app) -> None:
    for header, word in (("en-GB,en;q=0.9", "full"), ("zh-CN", "名额已满"), ("fr", "名额已满")):
        with app.test_request_context(headers={"Accept-Language": header}):
            refresh()  # the fixture's own context keeps the language it has seen
            assert word in str(Full().sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_names_each_of_its_columns_differently(app, language) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        refresh()
        for table in TABLES.values():
            headings = [str(field.label) for field in table.fields().values()]
            assert len(set(headings)) == len(headings), headings
