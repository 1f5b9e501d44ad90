"""Text messages that arrived, by phone number: of the residents on file and of anybody else."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TextMessage:
    """One text on one phone."""

    id: int
    phone: str
    text: str
    sent_at: datetime


class Texts:
    """All texts in memory, behind one lock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._all: list[TextMessage] = []

    def deliver(self, phone: str, text: str) -> TextMessage:
        """Put a text on a phone."""
        with self._lock:
            message = TextMessage(len(self._all) + 1, phone, text, self._now())
            self._all.append(message)
            return message

    def of(self, phone: str) -> list[TextMessage]:
        """What arrived at a number, oldest first."""
        with self._lock:
            return [message for message in self._all if message.phone == phone]

    def phones(self) -> list[str]:
        """Every number that something arrived at, the latest first."""
        with self._lock:
            return list(dict.fromkeys(message.phone for message in reversed(self._all)))

    def forget(self) -> None:
        """Back to the first moment, for the next test."""
        with self._lock:
            self._all.clear()
