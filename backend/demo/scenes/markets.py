"""Markets of the worker's own community: last Saturday's, one today, six stalls on Saturday."""

from datetime import date, timedelta

from sqlalchemy import insert, select

from backend.db import table_of
from backend.demo.scenes import home_visits, past_markets
from backend.demo.scenes.ground import OWN_CENTRE, SATURDAY, Ground
from backend.market import calling, grid, numbers, planning
from backend.market.fitting import StallPlan
from backend.market.models import (
    PaperKind,
    Provider,
    ProviderKind,
    ProviderPaper,
    ProviderService,
    Service,
)
from backend.market.wishing.models import MarketWish
from backend.people.models import Person
from backend.places.models import Place

_OPENS, _CLOSES = 8 * 60, 18 * 60

# code, name, minutes, what to bring, papers
_SERVICES: tuple[tuple[str, str, int, str, list[str]], ...] = (
    ("clinic", "义诊", 10, "请带社保卡和正在吃的药", ["practice"]),
    ("haircut", "理发", 15, "请洗好头再来", ["health"]),
    ("knives", "磨刀磨剪", 8, "刀具请用毛巾包好", []),
    ("repair", "小家电维修", 20, "请带上电源线和遥控器", ["licence"]),
    ("phone-help", "手机帮扶", 15, "请带手机和充电线", []),
    ("law", "法律咨询", 20, "请带相关材料", ["practice"]),
)
# organisation, kind, its paper, who comes for it
_PROVIDERS = (
    ("和平社区卫生服务中心", ProviderKind.CLINIC, PaperKind.PRACTICE, ("顾医生", "严护士")),
    ("春晖理发店", ProviderKind.BARBER, PaperKind.HEALTH, ("李师傅", "小王师傅", "孙师傅")),
    ("红马甲志愿队", ProviderKind.VOLUNTEERS, PaperKind.INSURANCE, ("吴建设", "郑爱华")),
    ("便民家电维修部", ProviderKind.FIRM, PaperKind.LICENCE, ("钱师傅",)),
    ("正和律师事务所", ProviderKind.FIRM, PaperKind.PRACTICE, ("冯律师",)),
)
# service, who, from and until on the clock, minutes of a slot, at once, per cent for walk-ups
_STALLS = (
    ("义诊", ("顾医生", "严护士"), 9, 12, 10, 2, 50),
    ("理发", ("李师傅", "小王师傅", "孙师傅"), 9, 12, 15, 3, 50),
    ("磨刀磨剪", ("吴建设",), 9, 11, 8, 1, 100),
    ("小家电维修", ("钱师傅",), 9, 12, 20, 1, 40),
    ("手机帮扶", ("郑爱华",), 9, 12, 15, 1, 50),
    ("法律咨询", ("冯律师",), 9, 11, 20, 1, 20),
)


_OWN_WORDS = ("修雨伞", "配老花镜", "旧衣服改裤脚", "量血糖")


def play(ground: Ground) -> None:
    """Services and providers as the manager enters them, markets as the worker plans them."""
    services = _enter_services(ground)
    people = _enter_providers(ground)
    for name, who, *_hours in _STALLS:
        ground.session.execute(
            insert(table_of(ProviderService)),
            [{"provider_id": people[one], "service_id": services[name]} for one in who],
        )
    saturday = ground.weekend(1) + timedelta(days=SATURDAY)
    own = ground.centre(OWN_CENTRE).id
    first = _plan(ground, own, saturday, "幸福集市进社区")
    for name, who, opens, closes, slot, at_once, walk_up in _STALLS:
        plan = StallPlan(
            service_id=services[name], provider_ids=[people[one] for one in who],
            from_minute=opens * 60, until_minute=closes * 60, slot_minutes=slot, at_once=at_once,
            walk_up_percent=walk_up, breaks=((630, 640),) if closes == 12 else (),
            by_person=name == "理发",
        )  # fmt: skip
        planning.add_stall(ground.session, ground.staff("worker"), first, plan, ground.now)
    planning.open_day(ground.session, ground.staff("worker"), first, None, ground.now)
    home_visits.offer(ground, first, saturday, services["义诊"], people["顾医生"])
    _today(ground, own, services, people)
    _plan(ground, own, saturday + timedelta(weeks=4), "下个月的幸福集市")
    _wish(ground, own, services)
    past_markets.hold(ground, own, services, people)


def _today(ground: Ground, place_id: int, services: dict[str, int], people: dict[str, int]) -> None:
    """A small market that is on: some have come to the table and wait, as far as it is open."""
    stalls: list[tuple[int, int]] = []
    me, day_id = ground.staff("worker"), _plan(ground, place_id, ground.today, "今天的便民集市")
    for name, who, waiting in (("义诊", "顾医生", 5), ("理发", "李师傅", 3)):
        plan = StallPlan(
            service_id=services[name], provider_ids=(people[who],), from_minute=_OPENS,
            until_minute=_CLOSES, slot_minutes=15, at_once=1, walk_up_percent=50,
        )  # fmt: skip
        stall_id = planning.add_stall(ground.session, me, day_id, plan, ground.now)
        stalls.append((stall_id, waiting))
    planning.open_day(ground.session, me, day_id, None, ground.now)
    opens_at = grid.moment(ground.today, _OPENS)
    if opens_at <= ground.now < grid.moment(ground.today, _CLOSES):
        for stall_id, waiting in stalls:
            for _ in range(waiting):
                numbers.take_at_table(ground.session, me, stall_id, ground.now)
            calling.call_next(ground.session, me, stall_id, 1, None, ground.now)


def _wish(ground: Ground, own_id: int, services: dict[str, int]) -> None:
    """Neighbours of the worker's own community wish for something, and some elsewhere; a few for
    something of their own.
    """
    path = ground.session.scalars(select(Place.path).where(Place.id == own_id)).one()
    homes = (
        select(Person.id)
        .join(Place, Place.id == Person.home_place_id)
        .where(Person.merged_into_id.is_(None))
        .order_by(Place.path.startswith(path).desc(), Person.id)
        .limit(90)
    )
    names = list(services)
    rows: list[dict[str, object]] = []
    for index, person_id in enumerate(ground.session.scalars(homes)):
        said = {"person_id": person_id, "wished_at": ground.now - timedelta(days=index)}
        for name in {names[index % 6], names[index * index % 6]}:
            rows.append(said | {"service_id": services[name], "own_words": None})
        if index % 9 == 0:
            own = _OWN_WORDS[index // 9 % len(_OWN_WORDS)]
            rows.append(said | {"service_id": None, "own_words": own})
    ground.session.execute(insert(MarketWish), rows)


def _plan(ground: Ground, place_id: int, day: date, title: str) -> int:
    return planning.plan_day(
        ground.session, ground.staff("worker"), place_id, day, title, "中心广场东侧", ground.now
    )


def _enter_services(ground: Ground) -> dict[str, int]:
    return {
        name: ground.session.execute(
            insert(table_of(Service))
            .values(code=code, name=name, minutes=minutes, bring=bring, papers=papers)
            .returning(Service.id)
        ).scalar_one()
        for code, name, minutes, bring, papers in _SERVICES
    }


def _enter_providers(ground: Ground) -> dict[str, int]:
    found: dict[str, int] = {}
    until = ground.today + timedelta(days=300)
    for name, kind, paper, people in _PROVIDERS:
        organisation_id = _add(ground, name=name, kind=kind)
        values = {"provider_id": organisation_id, "kind": paper, "valid_until": until}
        ground.session.execute(insert(table_of(ProviderPaper)).values(values))
        for one in people:
            found[one] = _add(
                ground, name=one, kind=ProviderKind.PERSON, organisation_id=organisation_id
            )
    return found


def _add(ground: Ground, **values: object) -> int:
    provider = table_of(Provider)
    return int(
        ground.session.execute(
            insert(provider).values(values).returning(provider.c.id)
        ).scalar_one()
    )
