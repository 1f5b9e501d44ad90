"""Check a published draw: `python3 verify.py draw.json`. Needs Python 3.11 and nothing else.

Written apart from the program that made the draw, in the plainest way, so that a fault in one shows
against the other. It holds that
  1. the secret seed is the one whose SHA-256 was shown before the window opened,
  2. the list of applications is the one whose SHA-256 was shown when the window closed,
  3. the seed is the SHA-256 of the secret and the public number,
  4. the list and the seed give exactly the published result.
What it cannot know, compare yourself: the two SHA-256 values with those you saw on the page at the
time, and the public number with the newspaper or the lottery's own page.
"""

import hashlib
import hmac
import json
import sys
from typing import Any

Json = dict[str, Any]
Orders = dict[int, list[str]]
Lessons = list[list[int]]

FORMAT = "xingfu-draw-1"


def sha256(text: str) -> str:
    """In hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> str:
    """The one way to write a value: names sorted, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def problems_of(file: Json) -> list[str]:
    """What does not hold, as sentences; nothing if the draw is as published."""
    if file.get("format") != FORMAT:
        return [f"this is not a file of the form {FORMAT}"]
    found = []
    secret = bytes.fromhex(file["secret"])
    if hashlib.sha256(secret).hexdigest() != file["commitment"]:
        found.append("the secret is not the one that was committed to")
    if sha256(canonical(file["entries"])) != file["entries_sha256"]:
        found.append("the applications are not those fixed when the window closed")
    seed = hashlib.sha256(secret + file["public_number"].encode()).digest()
    if seed.hex() != file["seed"]:
        found.append("the seed is not made of the secret and the public number")
    if dealt(file["entries"], seed) != file["result"]:
        found.append("the applications and the seed give another result")
    return found


def dealt(entries: Json, seed: bytes) -> Json:
    """The result, dealt once more."""
    lots = lots_of(entries["applications"])
    places = {run["id"]: run["places"] for run in entries["runs"]}
    lessons = {run["id"]: run["lessons"] for run in entries["runs"]}
    orders = {run: order_of(run, lots, seed) for run in sorted(places)}
    for number in range(1, 1 + max([lot["most"] for lot in lots.values()], default=0)):
        deal_round(number, lots, orders, places, lessons)
    return {"runs": [told(run, orders[run], lots, lessons) for run in sorted(places)]}


def lots_of(applications: list[Json]) -> Json:
    """By name: one lot for each applicant, or for people of a household who keep together."""
    groups: Json = {}
    for one in applications:
        groups.setdefault(one["together"] or one["code"], []).append(one)
    lots: Json = {}
    for name, members in groups.items():
        tickets: dict[int, int] = {}
        for member in members:
            for wish in member["wishes"]:
                run = wish["run"]
                tickets[run] = min(tickets.get(run, wish["tickets"]), wish["tickets"])
        most = min(member["most"] for member in members)
        lots[name] = {"size": len(members), "most": most, "tickets": tickets, "won": [], "lost": {}}
    return lots


def order_of(run: int, lots: Json, seed: bytes) -> list[str]:
    """The names of the lots that wish for a class, the smallest number first."""
    numbers = []
    for name, lot in lots.items():
        if run in lot["tickets"]:
            drawn = [
                hmac.new(seed, f"{name}/{number}".encode(), "sha256").hexdigest()
                for number in range(1, lot["tickets"][run] + 1)
            ]
            numbers.append((min(drawn), name))
    return [name for _number, name in sorted(numbers)]


def deal_round(
    number: int, lots: Json, orders: Orders, places: dict[int, int], lessons: dict[int, Lessons]
) -> None:
    """One more place for everybody who has won one in each round before."""
    wanted = {
        name: [run for run in lot["tickets"] if may_take(lot, run, lessons)]
        for name, lot in lots.items()
        if lot["most"] >= number and len(lot["won"]) == number - 1
    }
    passed: set[tuple[str, int]] = (
        set()
    )  # (household, class): passed over, for there are too few places for it
    for run, free in places.items():
        passed |= {(name, run) for name in orders[run] if lots[name]["size"] > free > 0}
    while True:
        asked, kept, stops = ask(wanted, passed, lots, orders, places)
        again = set()
        for run, name in stops.items():
            if sum(lots[one]["size"] for one in kept[run]) < places[run]:
                again.add((name, run))
        if not again:
            break
        passed |= again
    for name, runs in wanted.items():
        for run in runs[: asked[name] + 1]:
            if name in kept[run]:
                lots[name]["won"].append(run)
            else:
                why = "too_few" if (name, run) in passed else "full"
                lots[name]["lost"].setdefault(run, why)
    for run in places:
        places[run] -= sum(lots[name]["size"] for name in kept[run])


def ask(
    wanted: dict[str, list[int]], passed: set[tuple[str, int]], lots: Json, orders: Orders,
    places: dict[int, int],
) -> tuple[dict[str, int], dict[int, set[str]], dict[int, str]]:  # fmt: skip
    """All ask for their best wish at once, and whoever is turned away for the next, to the end."""
    asked = dict.fromkeys(wanted, 0)
    while True:
        askers: dict[int, set[str]] = {run: set() for run in places}
        for name, runs in wanted.items():
            for run in runs[: asked[name] + 1]:
                if (name, run) not in passed:
                    askers[run].add(name)
        kept: dict[int, set[str]] = {}
        stops: dict[int, str] = {}
        for run, names in askers.items():
            kept[run], stop = first_that_fit(names, orders[run], lots, places[run])
            if stop is not None:
                stops[run] = stop
        moved = False
        for name, runs in wanted.items():
            if asked[name] < len(runs) and name not in kept[runs[asked[name]]]:
                asked[name] += 1
                moved = True
        if not moved:
            return asked, kept, stops


def first_that_fit(
    names: set[str], order: list[str], lots: Json, places: int
) -> tuple[set[str], str | None]:
    """Those of `names` who stand first as far as the places go, and who comes next."""
    kept: set[str] = set()
    for name in order:
        if name in names:
            if lots[name]["size"] > places:
                return kept, name
            places -= lots[name]["size"]
            kept.add(name)
    return kept, None


def may_take(lot: Json, run: int, lessons: dict[int, Lessons]) -> bool:
    """Whether a class is not won yet and meets at no time when one that was won does."""
    return run not in lot["won"] and not any(overlap(lessons[run], lessons[w]) for w in lot["won"])


def overlap(these: Lessons, those: Lessons) -> bool:
    """Whether two classes meet at the same time; lessons that touch do not."""
    return any(a < d and c < b for a, b in these for c, d in those)


def told(run: int, order: list[str], lots: Json, lessons: dict[int, Lessons]) -> Json:
    """A class as the result tells it."""
    rows, line = [], []
    for name in order:
        lot = lots[name]
        free = may_take(lot, run, lessons)
        if run in lot["won"]:
            got = "won"
        elif run in lot["lost"]:
            got = lot["lost"][run]
            if free and len(lot["won"]) < lot["most"]:
                line.append(name)
        else:
            got = "enough" if free else "overlaps"
        rows.append({"lot": name, "got": got})
    return {"id": run, "order": rows, "line": line}


def say(line: str) -> None:
    """One line of the answer."""
    sys.stdout.write(line + "\n")


def main(path: str) -> int:
    """Say what does not hold, or what to compare; 0 if all holds."""
    with open(path, encoding="utf-8") as opened:
        file = json.load(opened)
    found = problems_of(file)
    for problem in found:
        say("WRONG: " + problem)
    if not found:
        people, runs = len(file["entries"]["applications"]), len(file["entries"]["runs"])
        say(f"The draw holds: {people} applications, {runs} classes.")
        say("shown before the window opened: " + file["commitment"])
        say("shown when the window closed:   " + file["entries_sha256"])
        say("the public number:              " + file["public_number"])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
