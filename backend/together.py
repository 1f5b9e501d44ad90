"""Calls that arrive together are done together: one thread does the work of all who wait.

While one batch is under way, newcomers line up; then the first of them leads the next batch, which
takes the whole line along. Who comes alone goes at once. Where several wait already, the leader
lets those right behind them get in line: the more go together, the more share the price of one.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

GATHERING = 0.002
"""Seconds a leader in company waits for those behind: an eighth more sign-ups in a rush."""

A = TypeVar("A")
R = TypeVar("R")


class _Call(Generic[A, R]):
    """Somebody in line: woken either with an answer or to lead."""

    __slots__ = ("answer", "asked", "done", "turn")

    def __init__(self, asked: A) -> None:
        self.asked = asked
        self.answer: R | None = None
        self.done = False
        self.turn = threading.Lock()
        self.turn.acquire()


class Together(Generic[A, R]):
    """Combines the calls of all threads of this process into batches of at most `most`.

    `work` is handed what each of a batch asks and gives the answers in the same order. If it fails,
    nobody of the batch has an answer: each is handed None and has to go on alone.
    """

    def __init__(self, work: Callable[[Sequence[A]], Sequence[R | None]], *, most: int) -> None:
        self._work = work
        self._most = most
        self._guard = threading.Lock()
        self._line: list[_Call[A, R]] = []
        self._led = False

    def __call__(self, asked: A) -> R | None:
        """The answer to `asked`; None if it was not to be had in company."""
        mine: _Call[A, R] = _Call(asked)
        with self._guard:
            self._line.append(mine)
            follows = self._led
            self._led = True
        if follows:
            mine.turn.acquire()  # until a leader has done it, or leaves the next batch to this one
        if not mine.done:
            self._lead(mine)
        return mine.answer

    def _lead(self, mine: _Call[A, R]) -> None:
        if len(self._line) > 1:
            time.sleep(GATHERING)
        with self._guard:
            batch, self._line = self._line[: self._most], self._line[self._most :]
        try:
            answers = self._work([call.asked for call in batch])
            for call, answer in zip(batch, answers, strict=True):
                call.answer = answer
        except Exception:
            log.warning("batch_failed", calls=len(batch), exc_info=True)
        finally:
            self._hand_on()
            for call in batch:
                call.done = True
                call.turn.release()

    def _hand_on(self) -> None:
        """Let the first in line lead; before the batch is woken, so that the work goes on."""
        with self._guard:
            self._led = bool(self._line)
            if self._led:
                self._line[0].turn.release()
