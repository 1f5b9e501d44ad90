"""The database: one metadata, the column types, and `transaction()`, the only place that commits.

Two databases serve: SQLite (embedded; WAL, BEGIN IMMEDIATE, foreign keys on) and PostgreSQL.
"""

import threading
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    ScalarSelect,
    Select,
    Table,
    bindparam,
    event,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg, PGDialect_psycopg
from sqlalchemy.engine import Connection, Row, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from backend.config import Settings

P = ParamSpec("P")
R = TypeVar("R")


class _ConstantsInline(PGCompiler_psycopg):
    """Writes a statement's constants into it: an index of some rows only is found by them."""

    def visit_bindparam(self, bindparam: Any, *args: Any, **options: Any) -> Any:
        if not bindparam.required:
            options["literal_binds"] = True
        return super().visit_bindparam(bindparam, *args, **options)  # type: ignore[no-untyped-call]


_POSTGRESQL = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_POSTGRESQL.statement_compiler = _ConstantsInline
_TRIES = 4
_TRANSIENT = {"40001", "40P01"}  # serialization failure, deadlock: PostgreSQL asks for another try


class Base(DeclarativeBase):
    """Names every constraint predictably, so that later migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=True,
    session_options={"expire_on_commit": False},
)

if TYPE_CHECKING:

    class Model(Base):
        """What every table class inherits from."""

        __abstract__ = True
else:
    Model = db.Model


class UtcDateTime(TypeDecorator[datetime]):
    """Aware moments. SQLite keeps no zone: there they are stored in UTC and read back aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("moments are kept aware; this one has no zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


Json = JSON().with_variant(JSONB(), "postgresql")
BigInt = BigInteger().with_variant(Integer(), "sqlite")

AnyRow = Row[*tuple[Any, ...]]

Id = Annotated[int, mapped_column(BigInt, primary_key=True)]
Moment = Annotated[datetime, mapped_column(UtcDateTime)]


def one_of(column: str, values: type[Any]) -> CheckConstraint:
    """A CHECK that `column` holds one of the values of a StrEnum."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def table_of(model: type[Base]) -> Table:
    """The Core table of a model; hot paths speak Core."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def engine_options(settings: Settings) -> dict[str, Any]:
    """Pool and connection options that fit the database `settings` names."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        return {"connect_args": {"timeout": 30}, "pool_size": 8, "max_overflow": 24}
    return {
        "pool_size": settings.database_pool,
        "max_overflow": 0,
        "pool_timeout": 10,
        # Compiling the statistics' statement takes longer than running it: no jit.
        "connect_args": {
            "options": "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=60s -c jit=off"
        },
    }


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if type(connection).__module__ != "sqlite3":
        return
    connection.isolation_level = None  # we send BEGIN ourselves, below
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Prepared:
    """A Core statement of the hottest paths, compiled once and put straight to PostgreSQL's driver.

    SQLAlchemy's own way from a statement to a row costs more than PostgreSQL needs to answer.
    Elsewhere, and whenever it fails, all is as with `session.execute`.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self.statement = statement
        compiled = statement.compile(dialect=_POSTGRESQL)
        # With the server's own marks the driver need not look for names in a long text each time.
        self._sql = str(compiled)
        self._names: Sequence[str] = compiled.positiontup or ()
        names = [str(column.key) for column in statement.selected_columns]
        self._row: Any = namedtuple("_row", names)  # type: ignore[misc]

    def first(self, session: Session, values: Mapping[str, Any]) -> Any:
        """The first row, its columns by name; None if there is none."""
        connection = session.connection()
        if connection.dialect.name != "postgresql":
            return session.execute(self.statement, values).first()
        row = self._send(connection, values).fetchone()
        return row and self._row._make(row)

    def all(self, session: Session, values: Mapping[str, Any]) -> Sequence[Any]:
        """Every row, its columns by name."""
        connection = session.connection()
        if connection.dialect.name != "postgresql":
            return session.execute(self.statement, values).all()
        return [self._row._make(row) for row in self._send(connection, values).fetchall()]

    def tuples(self, session: Session, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Every row by position: for thousands of them, of which names would be half the price."""
        connection = session.connection()
        if connection.dialect.name != "postgresql":
            return session.execute(self.statement, values).all()
        return self._send(connection, values).fetchall()

    def _send(self, connection: Connection, values: Mapping[str, Any]) -> psycopg.Cursor[Any]:
        cursor: Any = connection.info.get("cursor")
        if cursor is None:
            driver: Any = connection.connection.driver_connection
            cursor = connection.info["cursor"] = psycopg.RawCursor(driver)
        try:
            cursor.execute(self._sql, [values[name] for name in self._names])
        except psycopg.Error as error:
            raise DBAPIError.instance(
                self._sql, dict(values), error, psycopg.Error, hide_parameters=True,
                dialect=connection.dialect,
            ) from error  # fmt: skip
        return cursor  # type: ignore[no-any-return]


def unseen(name: str, kind: TypeEngine[Any]) -> ScalarSelect[Any]:
    """A parameter that PostgreSQL's planner does not look at.

    Where it does, it may find that a plan of its own suits each value better, and plan anew each
    time: for a statement over many tables that costs more than running it.
    """
    return select(bindparam(name, type_=kind)).scalar_subquery()


def reading() -> Session:
    """The session of a door that only reads: no BEGIN before and no ROLLBACK after it.

    Each statement sees what was committed when it began, as it would inside a transaction too.
    """
    session = db.session()
    bind = session.get_bind()
    fresh = isinstance(bind, Engine) and not session.in_transaction()
    if fresh and bind.dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
    return session


# Writers of one process queue here: SQLite's own busy waiting is unfair, and some would starve.
_sqlite_writer = threading.Lock()


class RunAgain(Exception):
    """A verb asks its door to roll back, run `first` in a transaction of its own, and start over.

    What `first` did stays committed even if the verb is then refused: an expired offer passed on
    stays passed on.
    """

    def __init__(self, first: Callable[[], object] | None = None) -> None:
        super().__init__("run again")
        self.first = first


@contextmanager
def transaction(*, one_write: bool = False) -> Iterator[Session]:
    """Everything inside is written together or not at all.

    Reads made before are ended, so that what is read inside is fresh. Transactions do not nest:
    opening one inside another is a programming error and raises RuntimeError.

    With `one_write` the caller promises that a single statement does all the writing. PostgreSQL
    then commits it as it ends, which spares two round trips and frees a row that everybody wants
    at once: this process may be busy elsewhere before it comes to say COMMIT.
    """
    session = db.session()
    if session.info.get("open"):
        raise RuntimeError("a transaction is open already; only doors open one")
    if session.in_transaction():
        session.rollback()
    sqlite = db.engine.dialect.name == "sqlite"
    with _sqlite_writer if sqlite else nullcontext():
        session.info["open"] = True
        try:
            if isinstance(session.get_bind(), Engine):
                alone = {"isolation_level": "AUTOCOMMIT"} if one_write and not sqlite else {}
                session.connection(execution_options={"writes": True} | alone)
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["open"] = False


def hold(session: Session) -> None:
    """From here on locks are held to the end, and all is written together.

    Where each statement commits by itself (`one_write`), only reads have come before this.
    """
    options = session.connection().get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        session.commit()
        session.connection(execution_options={"writes": True})


def transactional(verb: Callable[P, R], *, one_write: bool = False) -> Callable[P, R]:
    """Run the function in a `transaction`, again where the database or a verb asks for it.

    A second try is worth it: of two identical posts that race, it sees the first one's row. With
    `one_write` only the first try is made so: the others hold the locks they take.
    """

    @wraps(verb)
    def door(*args: P.args, **kwargs: P.kwargs) -> R:
        for left in reversed(range(_TRIES)):
            try:
                with transaction(one_write=one_write and left == _TRIES - 1):
                    return verb(*args, **kwargs)
            except RunAgain as again:
                if not left:
                    raise
                if again.first is not None:
                    with transaction():
                        again.first()
            except DBAPIError as error:
                if not left or getattr(error.orig, "sqlstate", None) not in _TRANSIENT:
                    raise
        raise AssertionError("the last try returns or raises")

    return door
