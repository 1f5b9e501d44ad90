"""The meal account (餐卡): one number, and the statement of a month."""

from typing import Any

from flask import Response

from backend import clock
from backend.canteen.accounts import mine
from backend.db import db
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.canteen_account import AccountQuery, AccountSchema

blueprint = Blueprint(
    "canteen_account", __name__, url_prefix="/canteens/account", description="餐卡"
)  # fmt: skip


@blueprint.get("")
@resident()
@blueprint.arguments(AccountQuery, location="query")
@blueprint.answers(AccountSchema)
@blueprint.refuses(404)
def get_account(asked: dict[str, Any], *, me: Resident) -> Response:
    """My account, or that of somebody I may act for, with the lines of one month."""
    person_id = asked.get("person_id", me.person_id)
    return answer(mine.get_mine(db.session(), me, person_id, asked.get("month"), clock.now()))
