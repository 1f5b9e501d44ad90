"""Writes the demo district into a database: all of it or nothing, and never over real data."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, insert, inspect, select, text, update
from sqlalchemy.orm import Session

from backend import clock, config
from backend.db import Base, table_of
from backend.demo import district, messages, scenes
from backend.demo.calendar import TERM_BEGAN
from backend.demo.catalogue import PICTURES
from backend.demo.places import DISTRICT_CODE
from backend.demo.rows import Rows
from backend.demo.scenes.ground import Ground
from backend.demo.staff import PASSWORD
from backend.night_school.models import Course, Term
from backend.people.models import Person
from backend.places.models import Place
from backend.staff import passwords
from backend.staff.models import Staff

AT_ONCE = 2_000  # rows sent in one go
EXPECTED_ROWS = 54_000  # a little more or less, depending on the day of the week

Progress = Callable[[int], None]
"""Told how many rows have been written since the last time."""


class DemoRefused(Exception):
    """The demo district will not be written here; the message says why."""


def check_welcome(session: Session) -> None:
    """Raise DemoRefused in production, without tables, or where there is data of somebody else."""
    if config.current().production:
        raise DemoRefused("The demo district is never loaded in production (APP_ENV=production).")
    if not inspect(session.connection()).has_table("place"):
        raise DemoRefused("The database has no tables yet. Run `xingfu migrate` first.")
    if is_loaded(session):
        return
    for model in (Place, Person, Staff, Course):
        if session.execute(select(func.count()).select_from(model)).scalar_one():
            raise DemoRefused(
                f"The database holds data that is not the demo's (table {model.__tablename__!r}); "
                "nothing was changed. Point DATABASE_URL at an empty database."
            )


def is_loaded(session: Session) -> bool:
    """Whether this database holds the demo district."""
    return session.execute(
        select(Place.id).where(Place.code == DISTRICT_CODE)
    ).first() is not None  # fmt: skip


def present_term(session: Session) -> Term:
    """The demo's second term, after the past one: how old it is tells when the demo was loaded."""
    return session.scalars(select(Term).order_by(Term.id).offset(1).limit(1)).one()


def weeks_old(session: Session, now: datetime) -> int:
    """How many weeks ago the demo was loaded."""
    loaded_in = present_term(session).starts_on + timedelta(weeks=TERM_BEGAN)
    return (clock.today(now) - loaded_in).days // 7


def clear(session: Session) -> None:
    """Empty every table, those too from which neither database lets a row be removed otherwise."""
    connection, tables = session.connection(), Base.metadata.sorted_tables
    if connection.dialect.name == "postgresql":
        connection.execute(text("TRUNCATE " + ", ".join(f'"{table.name}"' for table in tables)))
        return
    guards = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    ).all()
    for guard in guards:
        connection.exec_driver_sql(f'DROP TRIGGER "{guard.name}"')
    for table in reversed(tables):
        session.execute(delete(table))
    for guard in guards:
        connection.exec_driver_sql(guard.sql)


def write(session: Session, rows: Rows, progress: Progress) -> None:
    """Write all rows, parents before children, and set the numbering of what comes later."""
    written = dict(rows.tables())
    for table in Base.metadata.sorted_tables:
        of_table = written.get(table, [])
        for start in range(0, len(of_table), AT_ONCE):
            batch = of_table[start : start + AT_ONCE]
            session.execute(insert(table), batch)
            progress(len(batch))
        if of_table and "id" in of_table[0] and session.get_bind().dialect.name == "postgresql":
            session.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
                {"name": table.name, "last": of_table[-1]["id"]},
            )


def set_passwords(session: Session) -> None:
    """Hash the known password; apart from `write`, because no two hashes are alike."""
    hashed = passwords.hash_password(PASSWORD)
    session.execute(update(table_of(Staff)).values(password_hash=hashed))


def copy_pictures(folder: Path) -> int:
    """Put the pictures of courses and dishes where uploaded ones are kept; how many."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = sorted(PICTURES.glob("*.svg"))
    for picture in pictures:
        shutil.copyfile(picture, folder / picture.name)
    return len(pictures)


def load(session: Session, now: datetime, progress: Progress) -> int:
    """Empty the tables and write the demo as it looks at `now`; how many rows there are.

    Call `check_welcome` first.
    """
    clear(session)
    demo = district.build(now)
    write(session, demo.rows, progress)
    set_passwords(session)
    scenes.play(
        Ground(
            session, now.replace(microsecond=0), demo.rows, demo.district, demo.catalogue,
            demo.residents, demo.rolls,
        )
    )  # fmt: skip
    messages.deliver(session, demo.team, now)
    return sum(len(of_table) for _, of_table in demo.rows.tables())
