"""The demo's staff: a district manager, two community workers, a teacher, a canteen's clerk,
cook, dispatcher, courier and counter, and who settles; one known password.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.demo.places import District
from backend.demo.rows import Rows
from backend.staff.models import Role, Staff, StaffRole

PASSWORD = "night-school-demo"  # noqa: S105 - printed for whoever tries the demo


@dataclass(frozen=True, slots=True)
class SignIn:
    """A staff account of the demo."""

    username: str
    name: str
    what: str


SIGN_INS = (
    SignIn("manager", "周慧敏", "district manager 区级管理员"),
    SignIn("worker", "林晓燕", "community worker 社区工作者"),
    SignIn("worker2", "何建平", "community worker of two communities 社区工作者（两个社区）"),
    SignIn("teacher", "沈若兰", "teacher, own classes only 授课老师"),
    SignIn("clerk", "顾春梅", "canteen clerk 食堂文员"),
    SignIn("cook", "郑国强", "cook 厨师"),
    SignIn("dispatcher", "唐建军", "dispatcher of meals 配送调度"),
    SignIn("courier", "马晓峰", "courier, a volunteer 送餐员（志愿者）"),
    SignIn("counter", "许阿芳", "canteen counter 取餐窗口"),
    SignIn("accountant", "冯静", "accountant of the district 会计"),
)


@dataclass(frozen=True, slots=True)
class Team:
    """Staff ids by what they do."""

    manager: int
    worker: int
    worker2: int
    teacher: int
    clerk: int
    cook: int
    dispatcher: int
    courier: int
    counter: int
    accountant: int

    def at(self, centre: int) -> int:
        """Who is at the desk of the `centre`th community with a night school."""
        return {0: self.worker, 1: self.worker2, 2: self.worker2}.get(centre, self.manager)


def build(rows: Rows, district: District, now: datetime) -> Team:
    """Accounts and roles; `load` adds the password hashes."""
    centres = [community.id for community in district.centres]
    where = {
        "manager": [(Role.MANAGER, district.id)],
        "worker": [(Role.WORKER, centres[0])],
        "worker2": [(Role.WORKER, centres[1]), (Role.WORKER, centres[2])],
        "teacher": [(Role.TEACHER, centre) for centre in centres[:1]],
        "clerk": [(Role.CLERK, centres[0])],
        "cook": [(Role.COOK, centres[0])],
        "dispatcher": [(Role.DISPATCHER, centres[0]), (Role.COURIER, centres[0])],
        "courier": [(Role.COURIER, centres[0])],
        "counter": [(Role.COUNTER, centres[0])],
        "accountant": [(Role.ACCOUNTANT, district.id)],
    }
    ids = {}
    for sign_in in SIGN_INS:
        ids[sign_in.username] = rows.add(
            Staff, username=sign_in.username, name=sign_in.name, password_hash="",
            must_change_password=False, created_at=now - timedelta(days=400),
        )  # fmt: skip
        for role, place_id in where[sign_in.username]:
            rows.add(StaffRole, staff_id=ids[sign_in.username], role=role, place_id=place_id)
    return Team(**ids)
