"""The one blueprint of the console: every page module adds its routes to `pages`."""

from flask import Blueprint

pages = Blueprint(
    "admin",
    "admin",
    url_prefix="/admin",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)
