"""The residents' JSON API, version 1, under `/mp/v1`; its OpenAPI page at `/mp/v1/docs`.

The client that residents open in a browser stands beside it at `/m/`.
"""

from flask import Flask
from flask_cors import CORS

from miniprogram_api import (
    auth,
    bookings,
    calendar,
    canteen,
    canteen_absences,
    canteen_account,
    canteen_months,
    canteen_orders,
    certificates,
    check_in,
    client_files,
    diets,
    docs_page,
    draws,
    envelope,
    front,
    groups,
    household,
    inbox,
    market,
    market_queue,
    market_visits,
    market_wishes,
    me,
    night_school,
    notices,
    pictures,
    places,
    ratings,
    rush,
    series,
    services,
    standing,
    standing_orders,
    subscriptions,
    venues,
    wechat_push,
)
from miniprogram_api.converters import CONVERTERS
from miniprogram_api.openapi import make_api

PREFIX = "/mp/v1"
RESOURCES = (
    auth.blueprint,
    me.blueprint,
    household.blueprint,
    standing.blueprint,
    places.blueprint,
    services.blueprint,
    notices.blueprint,
    night_school.blueprint,
    draws.blueprint,
    venues.blueprint,
    series.blueprint,
    groups.blueprint,
    market.blueprint,
    market_queue.blueprint,
    market_visits.blueprint,
    market_wishes.blueprint,
    canteen.blueprint,
    diets.blueprint,
    canteen_orders.blueprint,
    canteen_account.blueprint,
    canteen_months.blueprint,
    canteen_absences.blueprint,
    standing_orders.blueprint,
    pictures.blueprint,
    bookings.blueprint,
    certificates.blueprint,
    ratings.blueprint,
    check_in.blueprint,
    calendar.blueprint,
    inbox.blueprint,
    subscriptions.blueprint,
)


def register(app: Flask) -> None:
    """Add every resource, the OpenAPI document and its page, and CORS for an H5 client."""
    for name, (converter, _described) in CONVERTERS.items():
        app.url_map.converters[name] = converter
    api = make_api(app, PREFIX)
    for converter, described in CONVERTERS.values():
        api.register_converter(converter, described)
    for resource in RESOURCES:
        api.register_blueprint(resource, url_prefix=PREFIX + (resource.url_prefix or ""))
    docs_page.register(app, PREFIX)
    client_files.register(app)
    app.register_blueprint(wechat_push.blueprint)
    envelope.register(app, PREFIX)
    if origins := list(app.extensions["settings"].cors_origins):
        CORS(
            app,
            resources={f"{PREFIX}/*": {"origins": origins}},
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-None-Match",
                "X-Request-ID",
            ],
            expose_headers=["Date", "ETag", "Retry-After", "X-Clock-Shift", "X-Request-ID"],
            max_age=86_400,
        )
    rush.register(app)
    front.stand_before(app)
