"""Calls that arrive together are done together, each with its own answer."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from backend.together import Together


class Work:
    """Doubles numbers, a batch at a time, as soon as it may; -1 breaks the batch."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)

    def __call__(self, numbers: Sequence[int]) -> list[int | None]:
        self.batches.append(list(numbers))
        self.begun.release()
        assert self.may_end.acquire(timeout=10)
        if -1 in numbers:
            raise ZeroDivisionError
        return [None if number == 0 else number * 2 for number in numbers]


class Crowd:
    """Threads that call one after another, in line before the next one comes."""

    def __init__(self, most: int) -> None:
        self.work = Work()
        self.together = Together[int, int](self.work, most=most)
        self.threads = ThreadPoolExecutor(16)

    def come(self, *numbers: int) -> list[Future[int | None]]:
        coming = []
        for number in numbers:
            before = self.in_line() + len(self.work.batches)
            coming.append(self.threads.submit(self.together, number))
            while self.in_line() + len(self.work.batches) == before:
                pass
        return coming

    def in_line(self) -> int:
        return len(self.together._line)

    def first(self, number: int) -> Future[int | None]:
        """Somebody whose batch of one is under way."""
        coming = self.threads.submit(self.together, number)
        assert self.work.begun.acquire(timeout=10)
        return coming


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    made = Crowd(most=4)
    yield made
    made.work.may_end.release(100)
    made.threads.shutdown()


def answers(coming: list[Future[int | None]]) -> list[int | None]:
    return [one.result(10) for one in coming]


def test_who_comes_alone_waits_for_nobody(crowd: Crowd) -> None:
    crowd.work.may_end.release(3)
    assert [crowd.together(number) for number in (1, 2, 3)] == [2, 4, 6]
    assert crowd.work.batches == [[1], [2], [3]]


def test_who_comes_meanwhile_is_the_next_batch(crowd: Crowd) -> None:
    first = crowd.first(1)
    rest = crowd.come(2, 3, 4)
    crowd.work.may_end.release(2)
    assert answers([first, *rest]) == [2, 4, 6, 8]
    assert crowd.work.batches == [[1], [2, 3, 4]]


def test_a_batch_has_a_largest_size_and_nobody_is_forgotten(crowd: Crowd) -> None:
    first = crowd.first(1)
    rest = crowd.come(*range(2, 11))
    crowd.work.may_end.release(4)
    assert answers([first, *rest]) == [number * 2 for number in range(1, 11)]
    assert crowd.work.batches == [[1], [2, 3, 4, 5], [6, 7, 8, 9], [10]]


def test_without_an_answer_one_goes_on_alone(crowd: Crowd) -> None:
    first = crowd.first(1)
    rest = crowd.come(0, 5)
    crowd.work.may_end.release(2)
    assert answers([first, *rest]) == [2, None, 10]


def test_a_batch_that_breaks_answers_nobody_and_the_next_is_fine(crowd: Crowd) -> None:
    first = crowd.first(1)
    broken = crowd.come(2, -1, 3, 4)
    after = crowd.come(5)
    crowd.work.may_end.release(3)
    assert answers([first, *broken, *after]) == [2, None, None, None, None, 10]
    crowd.work.may_end.release()
    assert crowd.together(6) == 12
