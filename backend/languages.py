"""The two languages: Chinese, in which every text is written, and English beside it.

A text's id is its Chinese sentence. English is read straight from its catalogue
(`translations/en/LC_MESSAGES/messages.po`), once per process: there is nothing to compile.
"""

import threading
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import g, has_request_context, request
from flask_babel import Babel, Domain, get_locale

LANGUAGES = ("zh", "en")
CATALOGUES = Path(__file__).parent / "translations"

_reading = threading.Lock()


def choose_language() -> str:
    """The language set for this request (a staff member's choice), else by Accept-Language."""
    if not has_request_context():
        return LANGUAGES[0]
    chosen = g.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0]) or LANGUAGES[0]


@cache
def _read(language: str) -> NullTranslations:
    path = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


class Texts(Domain):  # type: ignore[misc]
    """The catalogues, read from their sources."""

    def get_translations(self) -> NullTranslations:
        language = str(get_locale() or LANGUAGES[0]).partition("_")[0]
        with _reading:
            return _read(language)


class Languages(Babel):  # type: ignore[misc]
    """Flask-Babel with one shared set of catalogues instead of one read per request."""

    _texts = Texts()

    @property
    def domain_instance(self) -> Texts:
        return self._texts
