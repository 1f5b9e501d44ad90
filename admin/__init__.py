"""The staff console under `/admin`, rendered by the server.

A page is a function in one of `PAGES`, under `@staff(...)` (doors.py), that asks a service or a
query and renders a template. It holds no rule, no select and no try.
"""

from importlib import import_module

from flask import Flask

from admin.blueprint import pages

PAGES = (
    "sign_in",
    "today",
    "classes",
    "certificates",
    "ratings",
    "absences",
    "class_rules",
    "draws",
    "waiting_lists",
    "fees",
    "lessons",
    "class_minimum",
    "teaching_hours",
    "publishing",
    "planning",
    "copying",
    "run_templates",
    "attendance",
    "attendance_uploads",
    "walk_ins",
    "teacher_links",
    "teacher",
    "kept",
    "people",
    "people_bookings",
    "people_diets",
    "people_proofs",
    "people_subsidies",
    "people_draws",
    "standing",
    "venues",
    "reservations",
    "series",
    "groups",
    "room_requests",
    "room_statistics",
    "room_blocks",
    "room_feeds",
    "outside",
    "room_parts",
    "market",
    "market_bookings",
    "market_closing",
    "market_desk",
    "market_moving",
    "market_repeating",
    "market_template_stalls",
    "market_statistics",
    "market_hours",
    "market_visits",
    "market_wishes",
    "canteen_orders",
    "canteens",
    "canteen_cancelling",
    "subsidies",
    "settlement",
    "claims",
    "canteen_months",
    "kitchen",
    "kitchen_board",
    "deliveries",
    "delivery_stops",
    "meal_counter",
    "meal_walk_ins",
    "courier",
    "couriers",
    "meal_accounts",
    "tills",
    "standing_orders",
    "welfare",
    "meal_live",
    "delivery_hours",
    "meal_books",
    "meal_closings",
    "meal_grants",
    "calls",
    "duplicates",
    "statistics",
    "tables",
    "staff",
    "audit",
    "own_account",
)
"""The modules with pages, in the order of the navigation."""


def register(app: Flask) -> None:
    """Add the console's pages, its CSRF protection and its headers."""
    from admin import protection, rush, templating

    for module in ("refusals", *PAGES):
        import_module(f"admin.{module}")
    protection.register(app)
    rush.register(app)
    templating.register(app)
    app.register_blueprint(pages)
