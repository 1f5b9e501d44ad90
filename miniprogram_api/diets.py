"""What I and those I act for must not eat and need, and which dishes of a menu clash with it."""

from typing import Any

from flask import Response

from backend import clock
from backend.canteen.eaters import diets
from backend.canteen.eaters.clashes import Profile
from backend.db import db
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.diets import ClashesQuery, DietBody, DietSchema, DishClashesSchema

blueprint = Blueprint("diets", __name__, url_prefix="/diets", description="饮食情况")


@blueprint.get("/<id:person_id>")
@resident()
@blueprint.answers(DietSchema)
def get_diet(*, person_id: int, me: Resident) -> Response:
    """My diet, or that of somebody I may act for."""
    return answer(_shown(diets.get_mine(db.session(), me, person_id, clock.now())))


@blueprint.post("/<id:person_id>")
@resident(writes=True)
@blueprint.arguments(DietBody)
@blueprint.answers(DietSchema)
def set_diet(body: dict[str, Profile], *, person_id: int, me: Resident) -> Response:
    """All of it anew; the answer is how it stands now."""
    now = clock.now()
    return answer(_shown(diets.set_mine(db.session(), me, person_id, body["diet"], now)))


@blueprint.get("/<id:person_id>/clashes")
@resident()
@blueprint.arguments(ClashesQuery, location="query")
@blueprint.answers(DishClashesSchema, many=True)
def list_clashes(asked: dict[str, int], *, person_id: int, me: Resident) -> Response:
    """The dishes on a canteen's menus that clash with the diet; those not named do not."""
    found = diets.clashes_on_menus(
        db.session(), me, person_id, asked["canteen_id"], clock.now()
    )  # fmt: skip
    return answer(found)


def _shown(diet: Profile) -> dict[str, Any]:
    return {name: getattr(diet, name) for name in diets.FIELDS}
