"""2 to 9 March: 500 neighbours apply for three classes, in a draw that anybody can do again."""

import json
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import select

from backend.booking.models import Bookable, Booking, State
from backend.night_school.draws.models import Draw
from tests.journeys.doors import says
from tests.journeys.term.district import BY_THE_DOOR, Neighbour
from tests.journeys.term.world import World

NUMBER = "0512162330"
ALLOWED = {f"standin-{kind}": "accept" for kind in ("booked", "offered", "changed", "lesson")}
"""What the client asks leave for in the tap, and these people allow."""


@dataclass
class Drawing:
    """One draw as the world outside sees it: what was shown, who applied, what came of it."""

    id: int
    runs: dict[str, int]
    commitment: str = ""
    list_shown: str = ""
    file: dict[str, Any] = field(default_factory=dict)


def set_up_the_draw(world: World, term_id: int, runs: dict[str, int]) -> Drawing:
    """Rules, classes, and the fingerprint that is shown before anybody can apply."""
    worker = world.clerk("wang")
    made = worker.post("/draws/new", {
        "term_id": term_id, "place_id": world.district.community, "title": "春季热门班摇号",
        "number_name": "双色球第2026026期", "opens_at": "2026-03-05T09:00",
        "closes_at": "2026-03-08T18:00", "number_at": "2026-03-08T21:30", "most_wishes": 3,
        "most_places": 2, "home_weight": 1, "first_weight": 1,
    })  # fmt: skip
    assert "摇号已建立" in says(made)
    draw = Drawing(int(made.url.path.split("/")[3]), runs)
    path = f"/draws/{draw.id}"
    assert "共 3 个" in worker.does(f"{path}/runs", {"run_ids": list(runs.values())})
    assert "还没有公布种子指纹" in says(worker.post(f"{path}/publish"))
    assert "种子已随机生成并封存" in worker.does(f"{path}/commit")
    assert "摇号已对居民公布" in worker.does(f"{path}/publish")
    shown = world.phone().get(f"/night-school/draws/{draw.id}")
    assert shown["state"] == "announced"
    assert shown["number_name"] == "双色球第2026026期"
    draw.commitment = shown["commitment"]
    early = world.phone(world.district.neighbours[0]).send(
        "POST", f"/night-school/draws/{draw.id}/applications",
        {"person_ids": [world.district.neighbours[0].person_id], "run_ids": [runs["声乐基础"]]},
    )  # fmt: skip
    assert early.status_code == 409
    return draw


def come_by_the_door(world: World) -> list[Neighbour]:
    """Twelve neighbours sign in with WeChat's code and their phone, and say who they are."""
    found = []
    for number in range(BY_THE_DOOR):
        openid, mobile = f"o-term-{number:02d}-000000000000000", f"154000001{number:02d}"
        phone = world.phone()
        person_id = phone.sign_in(world.standin, openid, mobile)
        name, born = f"欧阳{'一二三四五六七八九十秋冬'[number]}", 1950 + number
        phone.post("/me", {"name": name, "birth_date": f"{born}-05-01"})
        world.standin.popup(openid, ALLOWED)
        found.append(Neighbour(name, born, person_id, phone.token, openid, mobile))
    world.standin.pushes(BY_THE_DOOR)
    return found


def become_households(world: World, first: list[Neighbour]) -> dict[int, int]:
    """A wife is asked and says yes; nine guardians add a child. Who acts for whom."""
    husband, wife = first[:2]
    asks, answers = world.phone(husband), world.phone(wife)
    asks.post("/household/adults", {"name": wife.name, "phone": wife.phone, "relation": "spouse"})
    [request] = answers.get("/household/requests")
    answers.post(f"/household/requests/{request['id']}/accept")
    acts_for = {husband.person_id: wife.person_id}
    for number, guardian in enumerate(world.district.neighbours[:9]):
        child = {
            "name": f"{guardian.name[0]}小{'乐文宁安心月星雨青'[number]}",
            "birth_date": "2016-06-01",
        }
        added = world.phone(guardian).post("/household/children", child | {"is_guardian": True})
        acts_for[guardian.person_id] = added["person_id"]
    return acts_for


def apply(world: World, draw: Drawing, everybody: list[Neighbour], acts_for: dict[int, int]) -> int:
    """Everybody, in their own order of wishes, some for two places; how many people in all."""
    chance = Random(2026)
    ids = list(draw.runs.values())
    path = f"/night-school/draws/{draw.id}/applications"
    asked = []
    for who in everybody:
        wishes = chance.sample(ids, chance.randint(1, 3))
        people = [who.person_id]
        if who.person_id in acts_for:
            people.append(acts_for[who.person_id])
        body = {"person_ids": people, "run_ids": wishes, "most": chance.randint(1, 2),
                "together": len(people) > 1}  # fmt: skip
        asked.append((who, body))
    taken_along = set(acts_for.values())
    asked = [(who, body) for who, body in asked if who.person_id not in taken_along]
    answers = world.all_at_once(lambda one: world.phone(one[0]).post(path, one[1]), asked)
    applied = sum(len(body["person_ids"]) for _, body in asked)
    assert sum(len(answer) for answer in answers) == applied
    assert world.phone().get(f"/night-school/draws/{draw.id}")["applied"] == applied
    return applied


def think_better_of_it(world: World, draw: Drawing, who: Neighbour) -> None:
    """One changes the wishes; early or late, changed or not, makes no difference."""
    path = f"/night-school/draws/{draw.id}/applications"
    phone = world.phone(who)
    before = phone.get(f"/night-school/draws/applications?draw_id={draw.id}")
    other = {"person_ids": [who.person_id], "run_ids": list(draw.runs.values())[::-1]}
    [after] = phone.post(path, other)
    assert [wish["run_id"] for wish in after["wishes"]] == other["run_ids"]
    assert after["code"] == before[0]["code"]


def close(world: World, draw: Drawing) -> None:
    """The window ends: the scheduler fixes the list, and its fingerprint is shown."""
    world.scheduler_runs()
    shown = world.phone().get(f"/night-school/draws/{draw.id}")
    assert shown["state"] == "closed"
    assert shown["commitment"] == draw.commitment
    draw.list_shown = shown["entries_sha256"]
    worker = world.clerk("wang")
    trial = says(worker.get(f"/draws/{draw.id}/rehearsal"))
    assert all(f"录取 {places} /" in trial for places in (25, 15, 20)), trial
    early = worker.post(f"/draws/{draw.id}/conduct", {"number": NUMBER, "again": NUMBER})
    assert "还没有产生" in says(early)


def draw_by_the_public_number(world: World, draw: Drawing) -> None:
    """The number is typed twice, the draw is drawn once."""
    worker = world.clerk("wang")
    path = f"/draws/{draw.id}/conduct"
    assert "两次填写的号码不一样" in says(worker.post(path, {"number": NUMBER, "again": "051"}))
    worker.does(path, {"number": NUMBER, "again": NUMBER})
    world.scheduler_runs()
    again = worker.post(path, {"number": "1", "again": "1"})
    assert "摇号结果已经公布" in says(again)
    shown = world.phone().get(f"/night-school/draws/{draw.id}")
    assert (shown["state"], shown["public_number"]) == ("drawn", NUMBER)
    [row] = world.rows(select(Draw.commitment, Draw.public_number).where(Draw.id == draw.id))
    assert (row.commitment, row.public_number) == (draw.commitment, NUMBER)


def check_the_published_file(world: World, draw: Drawing) -> None:
    """Anybody fetches it and deals it once more; the fingerprints are those that were shown."""
    answer = world.phone().send("GET", f"/night-school/draws/{draw.id}/file")
    kept = world.folder / "draw.json"
    kept.write_bytes(answer.content)
    said = world.xingfu("draw-verify", str(kept))
    assert draw.commitment in said
    assert draw.list_shown in said
    draw.file = json.loads(answer.content)
    assert not any(name in answer.text for name in ("欧阳", "秀兰", "建国"))


def read_the_reasons(world: World, draw: Drawing, everybody: list[Neighbour]) -> None:
    """Each reads their own; it is what the file says, and the places follow it."""
    path = f"/night-school/draws/applications?draw_id={draw.id}"
    read = world.all_at_once(lambda who: world.phone(who).get(path), everybody)
    order = {
        (run["id"], row["lot"]): (position, row["got"])
        for run in draw.file["result"]["runs"]
        for position, row in enumerate(run["order"], 1)
    }
    wishes: dict[int, list[dict[str, Any]]] = {}
    for one in (one for answer in read for one in answer):
        wishes[one["person_id"]] = one["wishes"]
        lot = one["together"] or one["code"]
        for wish in one["wishes"]:
            assert (wish["position"], wish["got"]) == order[wish["run_id"], lot]
    won = Counter(
        wish["run_id"] for theirs in wishes.values() for wish in theirs if wish["got"] == "won"
    )
    held = world.rows(
        select(Booking.bookable_id, Booking.person_id).where(
            Booking.bookable_id.in_(won), Booking.state == State.CONFIRMED
        )
    )
    assert won == Counter(row.bookable_id for row in held)
    assert dict(world.rows(
        select(Bookable.id, Bookable.taken).where(Bookable.id.in_(won))
    )) == won  # fmt: skip
    both = {draw.runs["声乐基础"], draw.runs["国画入门"]}
    seated = Counter(row.person_id for row in held if row.bookable_id in both)
    assert max(seated.values()) == 1, "nobody was given two classes at the same hour"


def hear_of_it(world: World, known: list[Neighbour]) -> None:
    """Won or waiting: those who allowed it are told by WeChat, the others find it in the inbox."""
    for who in [known[0], *known[2:]]:  # the husband's phone applied for his wife
        told = world.standin.messages(who.openid)
        assert [message["template_id"] for message in told] == ["standin-booked"], who.name
    inbox = world.phone(world.district.neighbours[20]).get("/inbox")
    assert inbox["items"], "nobody is left to find out by themselves"
