"""Plain tables: one declarative entry each gives a list, a form, and spreadsheets in and out.

To add one: a schema of `fields.*` and a `Table` in a module here, and its name below.
"""

from backend.errors import NotFound
from backend.tables.calendar import CLOSURES, DAYS, TERMS
from backend.tables.canteen import CANTEEN_DAYS, CANTEEN_MEALS, CANTEENS, DISHES
from backend.tables.catalogue import CATEGORIES, COURSES, TEACHERS
from backend.tables.deliveries import BUILDING_FACTS, DELIVERY_SETTINGS
from backend.tables.market import OFFERS, PAPERS_TABLE, PROVIDERS, SERVICES
from backend.tables.notices import NOTICES
from backend.tables.places import PLACES
from backend.tables.runs import RUNS_TABLE
from backend.tables.staff import STAFF
from backend.tables.table import Table
from backend.tables.venues import OPENING_DAYS, ROOM_RULES, ROOMS, VENUES
from backend.tables.welfare import GRID_WORKERS

_ALL = (
    RUNS_TABLE, COURSES, CATEGORIES, TEACHERS, TERMS, DAYS, CLOSURES, NOTICES, PLACES, VENUES,
    ROOMS, ROOM_RULES, OPENING_DAYS, SERVICES, PROVIDERS, OFFERS, PAPERS_TABLE, CANTEENS,
    CANTEEN_MEALS, CANTEEN_DAYS, DISHES, DELIVERY_SETTINGS, BUILDING_FACTS,
    GRID_WORKERS, STAFF,
)  # fmt: skip
TABLES: dict[str, Table] = {table.name: table for table in _ALL}


def table_named(name: str) -> Table:
    """The table of that name. Raises NotFound."""
    if name not in TABLES:
        raise NotFound()
    return TABLES[name]
