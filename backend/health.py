"""`/healthz`: the process answers. `/readyz`: it can serve, the database is there and migrated."""

from flask import Blueprint, Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.db import db

blueprint = Blueprint("health", __name__)


def register(app: Flask) -> None:
    """Add the two addresses; neither needs a sign-in, neither tells more than a word."""
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
def alive() -> tuple[str, int]:
    return "ok", 200


@blueprint.get("/readyz")
def ready() -> tuple[str, int]:
    try:
        db.session.execute(text("SELECT count(*) FROM alembic_version")).scalar_one()
    except SQLAlchemyError:
        return "no database", 503
    return "ok", 200
