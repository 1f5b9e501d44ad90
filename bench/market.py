"""Queue numbers at a market that has begun: its stalls, what phones send, and the proof."""

from collections.abc import Sequence

import orjson
from flask import Flask
from sqlalchemy import Connection, func, insert, select

from backend import clock, config
from backend.db import table_of
from backend.market import numbers
from backend.market.models import MarketDay, Service, Stall, Ticket
from bench import servers
from bench.driver import post
from bench.proof import Proof
from bench.seed import Resident

_phone = Flask(__name__)
"""Where the codes on show are worked out: with the settings of the servers."""
_phone.extensions["settings"] = config.load(servers.ENVIRON)


def stalls(connection: Connection, place_id: int, count: int) -> list[int]:
    """So many stalls, open all day and quick, of today's market at the place."""
    now = clock.now()
    market, day = table_of(MarketDay), clock.today(now)
    here = select(market.c.id).where(market.c.place_id == place_id, market.c.day == day)
    market_day_id = connection.execute(here).scalar()
    if market_day_id is None:
        opened = {"place_id": place_id, "day": day, "title": "幸福集市", "spot": "广场",
                  "opened_at": now, "books_from": now}  # fmt: skip
        market_day_id = connection.execute(
            insert(market).values(opened).returning(market.c.id)
        ).scalar_one()
    first = 1 + (connection.execute(select(func.max(Service.id))).scalar() or 0)
    ids = range(first, first + count)
    connection.execute(
        insert(table_of(Service)),
        [{"id": one, "code": f"s{one}", "name": f"{one}号服务", "minutes": 1} for one in ids],
    )
    stall = {"market_day_id": market_day_id, "from_minute": 0, "until_minute": 1440,
             "slot_minutes": 15, "at_once": 20, "walk_up_percent": 50}  # fmt: skip
    found = connection.execute(
        insert(table_of(Stall)).returning(Stall.id),
        [stall | {"service_id": one} for one in ids],
    )
    return list(found.scalars())


def wait(connection: Connection, stall_id: int, people: Sequence[Resident]) -> None:
    """These people wait at the stall."""
    now = clock.now()
    connection.execute(
        insert(table_of(Ticket)),
        [
            {"stall_id": stall_id, "number": number, "person_id": one.person_id,
             "stage": "waiting", "taken_at": now}
            for number, one in enumerate(people, 1)
        ],
    )  # fmt: skip


def take(stall_ids: Sequence[int], people: Sequence[Resident]) -> list[bytes]:
    """One number each, with the code on show now; stall after stall."""
    with _phone.app_context():
        codes = [numbers.code_of(one, clock.now()) for one in stall_ids]
    return [
        post(
            f"/mp/v1/market/stalls/{stall_ids[number % len(stall_ids)]}/tickets",
            orjson.dumps({"person_id": one.person_id, "code": codes[number % len(stall_ids)]}),
            Authorization=f"Bearer {one.token}",
            Accept_Language="zh-CN",
        )
        for number, one in enumerate(people)
    ]


def prove(connection: Connection, stall_ids: Sequence[int], *, asked: int, answered: int) -> Proof:
    """Each stall's numbers run from 1 in the order they were written, to the last it counts."""
    tickets = connection.execute(
        select(Ticket.stall_id, Ticket.number, Ticket.person_id)
        .where(Ticket.stall_id.in_(stall_ids))
        .order_by(Ticket.id)
    ).all()
    last = connection.execute(
        select(Stall.id, Stall.last_number).where(Stall.id.in_(stall_ids))
    ).all()
    wrong = []
    for stall in last:
        given = [one.number for one in tickets if one.stall_id == stall.id]
        if given != list(range(1, stall.last_number + 1)):
            wrong.append(f"stall {stall.id} counts {stall.last_number}, its numbers are {given}")
    if len({one.person_id for one in tickets}) != len(tickets):
        wrong.append("somebody has two numbers")
    if len(tickets) != answered:
        wrong.append(f"{answered} were told a number, {len(tickets)} have one")
    return Proof(capacity=asked, sold=len(tickets), waiting=len(tickets), wrong=tuple(wrong))
