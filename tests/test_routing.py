"""Addresses are built by functions that are made when first needed, and built all the same."""

from flask import Flask, url_for

from backend.routing import LateRule


def test_addresses_are_built_as_ever() -> None:
    app = Flask("addresses")
    app.url_rule_class = LateRule
    app.add_url_rule("/rooms/<int:room_id>/days/<path:rest>", "room", lambda: "")
    app.add_url_rule("/list", "list", lambda: "", defaults={"page": 1})
    with app.test_request_context():
        for _ in range(2):
            told = url_for("room", room_id=7, rest="a/b", by="time")
            assert told == "/rooms/7/days/a/b?by=time"
            assert url_for("list", page=1) == "/list"
            assert url_for("room", room_id=8, rest="厅", _anchor="x") == "/rooms/8/days/%E5%8E%85#x"
