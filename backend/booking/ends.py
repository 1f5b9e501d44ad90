"""What follows in a service when bookings of its kind end, and what it calls the refusals."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from backend.errors import Refusal

AfterEnd = Callable[[Session, Sequence[int], datetime], None]
_AFTER_END: dict[str | None, AfterEnd] = {}
_WORDS: dict[str | None, "OwnWords"] = {}


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The refusals of a kind that has words of its own, and makes no exception for who is late.

    `too_late` makes that of a deadline, and of now.
    """

    too_late: Callable[[datetime, datetime], Refusal]
    cancelled: Callable[[], Refusal]
    over: Callable[[], Refusal]


def follows_end(
    word: str | None = None, *, words: OwnWords | None = None
) -> Callable[[AfterEnd], AfterEnd]:
    """Called with the ids of bookings that ended and whose `once_key` begins with `word`; None:
    those of a kind one may have several of.

    With `words` residents give none of them back after the deadline.
    """

    def register(follow: AfterEnd) -> AfterEnd:
        _AFTER_END[word] = follow
        if words is not None:
            _WORDS[word] = words
        return follow

    return register


def follow(session: Session, ended: Iterable[tuple[int, str | None]], now: datetime) -> None:
    """What follows for these bookings, each with its `once_key`."""
    by_word: dict[str | None, list[int]] = {}
    for booking_id, once_key in ended:
        by_word.setdefault(_word(once_key), []).append(booking_id)
    for word, ids in by_word.items():
        if word in _AFTER_END:
            _AFTER_END[word](session, sorted(ids), now)


def words_of(once_key: str | None) -> OwnWords | None:
    """What the kind of a booking calls its refusals, if it has words of its own."""
    return _WORDS.get(_word(once_key))


def _word(once_key: str | None) -> str | None:
    return once_key and once_key.partition(":")[0]
