"""The draw itself: a pure function of a list of applications and a seed. Integers only.

Who applies alone, and people of a household who keep together, is one lot. A lot's tickets are
numbers made from the seed; its number for a class is the smallest of as many tickets as it has
there (one, and more by the published weights). So each class has an order of its own, best number
first. Each lot asks for its best wish; a class keeps the first in its order as far as its places
go, and whoever is turned away asks for the next wish, until nobody is turned away any more. This
is the deferred acceptance of Gale and Shapley (1962): no order of asking changes what comes out,
and it never pays to rank a wish differently from how it is liked.

Second places are dealt when all first places are, and so on; none overlaps one already won. A
household that does not fit into what is left of a class is passed over there and the round is
dealt again, so that no place stays empty while somebody wants it.
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heappop, heappush
from typing import Any

Progress = Callable[[str, int, int], None]
"""Told which step is under way and how far it is: (step, done, of)."""


class Outcome(StrEnum):
    """What became of one wish."""

    WON = "won"
    FULL = "full"  # the places went to others who stood before
    TOO_FEW = "too_few"  # fewer places were left than the household needs
    OVERLAPS = "overlaps"  # it meets at the same time as a class won
    ENOUGH = "enough"  # as many places as asked for were won by better wishes


@dataclass(slots=True)
class Lot:
    """One lot: `size` people who want the same, at most `most` places each."""

    name: str
    size: int
    most: int
    runs: list[int]
    tickets: list[int]
    positions: list[int] = field(default_factory=list)
    won: list[int] = field(default_factory=list)  # indexes of wishes
    lost: dict[int, Outcome] = field(default_factory=dict)


def silent(step: str, done: int, of: int) -> None:
    """Nobody watches: the default progress."""


def deal(entries: dict[str, Any], seed: bytes, progress: Progress = silent) -> dict[str, Any]:
    """The result of `entries` under `seed`: each class with its order and what became of whom.

    Equal input gives an equal result on any machine. `entries` is the published list: `runs` with
    places and lessons, `applications` with code, most, together and wishes.
    """
    lots = lots_of(entries["applications"])
    runs = {run["id"]: run for run in entries["runs"]}
    orders = _orders(lots, sorted(runs), seed, progress)
    left = {run_id: run["places"] for run_id, run in runs.items()}
    clashes = _Clashes({run_id: run["lessons"] for run_id, run in runs.items()})
    rounds = max((lot.most for lot in lots), default=0)
    for number in range(1, rounds + 1):
        progress("deal", number, rounds)
        seekers = [lot for lot in lots if lot.most >= number == len(lot.won) + 1]
        _deal_round(seekers, orders, left, clashes)
    return {"runs": [_told(run_id, orders[run_id], clashes) for run_id in sorted(runs)]}


def lots_of(applications: Sequence[dict[str, Any]]) -> list[Lot]:
    """Who keeps together is one lot, with the fewest tickets anyone of them has; by name."""
    members: dict[str, list[dict[str, Any]]] = {}
    for one in applications:
        members.setdefault(one["together"] or one["code"], []).append(one)
    return [
        Lot(
            name=name,
            size=len(those),
            most=min(one["most"] for one in those),
            runs=[wish["run"] for wish in those[0]["wishes"]],
            tickets=[
                min(one["wishes"][place]["tickets"] for one in those)
                for place in range(len(those[0]["wishes"]))
            ],
        )
        for name, those in sorted(members.items())
    ]


def ticket(seed: bytes, name: str, number: int) -> bytes:
    """Ticket `number` (from 1) of a lot: 32 bytes that compare as one large integer."""
    return hmac.digest(seed, f"{name}/{number}".encode(), "sha256")


_Order = list[tuple[Lot, int]]
"""Of one class: the lots that wish for it with the index of that wish, best number first."""


def _orders(
    lots: Sequence[Lot], run_ids: Sequence[int], seed: bytes, progress: Progress
) -> dict[int, _Order]:
    numbered: dict[int, list[tuple[bytes, str, Lot, int]]] = {run_id: [] for run_id in run_ids}
    for done, lot in enumerate(lots):
        if done % 1000 == 0:
            progress("tickets", done, len(lots))
        best = [ticket(seed, lot.name, 1)]
        for number in range(2, max(lot.tickets, default=1) + 1):
            best.append(min(best[-1], ticket(seed, lot.name, number)))
        lot.positions = [0] * len(lot.runs)
        for wish, (run_id, tickets) in enumerate(zip(lot.runs, lot.tickets, strict=True)):
            numbered[run_id].append((best[tickets - 1], lot.name, lot, wish))
    orders: dict[int, _Order] = {}
    for run_id in run_ids:
        ordered = sorted(numbered[run_id], key=lambda one: one[:2])
        for position, (_number, _name, lot, wish) in enumerate(ordered, 1):
            lot.positions[wish] = position
        orders[run_id] = [(lot, wish) for _number, _name, lot, wish in ordered]
    return orders


def _deal_round(
    seekers: Sequence[Lot], orders: dict[int, _Order], left: dict[int, int], clashes: "_Clashes"
) -> None:
    """One more place for each of `seekers`, dealt again until no household stops a class."""
    wanted = {
        lot.name: [
            wish
            for wish, run_id in enumerate(lot.runs)
            if wish not in lot.won and not any(clashes(run_id, lot.runs[won]) for won in lot.won)
        ]
        for lot in seekers
    }
    passed: set[tuple[str, int]] = set()
    while True:
        asking = _Asking(seekers, wanted, passed, left)
        asking.settle()
        stopped = asking.stopped(orders)
        if not stopped:
            break
        passed |= stopped
    for lot in seekers:
        for wish in wanted[lot.name]:
            if lot.runs[wish] == asking.kept.get(lot.name):
                lot.won.append(wish)
                left[lot.runs[wish]] -= lot.size
                break
            if wish not in lot.lost:
                lot.lost[wish] = asking.why_not(lot, lot.runs[wish])


class _Asking:
    """One round of asking: who is kept by which class for now, and where each class stops."""

    def __init__(
        self, seekers: Sequence[Lot], wanted: dict[str, list[int]],
        passed: set[tuple[str, int]], left: dict[int, int],
    ) -> None:  # fmt: skip
        self.left = dict(left)
        self.passed = passed
        self.stack = list(reversed(seekers))
        self.next = {lot.name: iter(wanted[lot.name]) for lot in seekers}
        self.kept: dict[str, int] = {}
        self.held: dict[int, list[tuple[int, str, Lot]]] = {}
        self.free = dict(left)
        self.stop: dict[int, int] = {}  # the first position a class has turned away

    def settle(self) -> None:
        """Everybody asks until nobody is turned away."""
        while self.stack:
            lot = self.stack.pop()
            for wish in self.next[lot.name]:
                if self._kept(lot, lot.runs[wish], lot.positions[wish]):
                    break

    def _kept(self, lot: Lot, run_id: int, position: int) -> bool:
        if (lot.name, run_id) in self.passed or lot.size > self.left[run_id]:
            return False
        if position > self.stop.get(run_id, position):
            return False
        heappush(self.held.setdefault(run_id, []), (-position, lot.name, lot))
        self.free[run_id] -= lot.size
        self.kept[lot.name] = run_id
        while self.free[run_id] < 0:
            last, name, out = heappop(self.held[run_id])
            self.stop[run_id] = -last
            self.free[run_id] += out.size
            del self.kept[name]
            if out is not lot:
                self.stack.append(out)
        return lot.name in self.kept

    def why_not(self, lot: Lot, run_id: int) -> Outcome:
        """Why a class did not keep a lot that asked."""
        small = (lot.name, run_id) in self.passed or 0 < self.left[run_id] < lot.size
        return Outcome.TOO_FEW if small else Outcome.FULL

    def stopped(self, orders: dict[int, _Order]) -> set[tuple[str, int]]:
        """The households that stop a class which has places left, though not enough for them."""
        return {
            (orders[run_id][position - 1][0].name, run_id)
            for run_id, position in self.stop.items()
            if self.free[run_id]
        }


class _Clashes:
    """Whether two classes meet at the same time; lessons that touch do not."""

    def __init__(self, lessons: dict[int, list[list[int]]]) -> None:
        self._lessons = {run_id: sorted(spans) for run_id, spans in lessons.items()}
        self._known: dict[tuple[int, int], bool] = {}

    def __call__(self, one: int, other: int) -> bool:
        pair = (min(one, other), max(one, other))
        if pair not in self._known:
            self._known[pair] = self._meet(*pair)
        return self._known[pair]

    def _meet(self, one: int, other: int) -> bool:
        these, those = self._lessons[one], self._lessons[other]
        a = b = 0
        while a < len(these) and b < len(those):
            if these[a][0] < those[b][1] and those[b][0] < these[a][1]:
                return True
            if these[a][1] <= those[b][1]:
                a += 1
            else:
                b += 1
        return False


def _told(run_id: int, order: _Order, clashes: _Clashes) -> dict[str, Any]:
    return {
        "id": run_id,
        "order": [{"lot": lot.name, "got": _outcome(lot, wish, clashes)} for lot, wish in order],
        "line": [lot.name for lot, wish in order if _waits(lot, wish, clashes)],
    }


def _waits(lot: Lot, wish: int, clashes: _Clashes) -> bool:
    """Whether the lot stands in the line of a class: it lost there and could still take it."""
    may = wish in lot.lost and len(lot.won) < lot.most
    return may and not any(clashes(lot.runs[wish], lot.runs[won]) for won in lot.won)


def _outcome(lot: Lot, wish: int, clashes: _Clashes) -> Outcome:
    if wish in lot.won:
        return Outcome.WON
    if wish in lot.lost:
        return lot.lost[wish]
    if any(clashes(lot.runs[wish], lot.runs[won]) for won in lot.won):
        return Outcome.OVERLAPS
    return Outcome.ENOUGH
