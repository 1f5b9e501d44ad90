"""The four services, and which of them residents can use already."""

from flask import Response, current_app

from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import public
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.services import SERVICES, ServiceSchema

blueprint = Blueprint("services", __name__, url_prefix="/services", description="服务")


@blueprint.get("")
@public(why="everybody may see what is on offer")
@blueprint.answers(ServiceSchema, many=True)
def list_services() -> Response:
    """Every service in its order; one is open when the application has its resource."""
    return answer([{"code": code, "open": code in current_app.blueprints} for code in SERVICES])
