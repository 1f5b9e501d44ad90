"""Which language an answer is in: Chinese unless English is asked for."""

from flask import g, has_request_context, request

LANGUAGES = ("zh", "en")


def choose_language() -> str:
    """The language set for this request (a staff member's choice), else by Accept-Language."""
    if not has_request_context():
        return LANGUAGES[0]
    chosen = g.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0]) or LANGUAGES[0]
