"""A client of the residents' API that holds every good answer against its documented schema."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from miniprogram_api import PREFIX


class ApiClient:
    """`api.get("/bookings", as_=token)` answers `(status, body)`."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.http: FlaskClient = app.test_client()

    def call(
        self, method: str, path: str, *, as_: str | None = None, key: str | None = None,
        headers: dict[str, str] | None = None, **kwargs: Any,
    ) -> TestResponse:  # fmt: skip
        sent = dict(headers or {})
        if as_:
            sent["Authorization"] = f"Bearer {as_}"
        if key:
            sent["Idempotency-Key"] = key
        response = self.http.open(PREFIX + path, method=method, headers=sent, **kwargs)
        if response.is_json and response.status_code < 300 and not path.endswith("/file"):
            self._hold_against_schema(method, path, response)
        return response

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.call("GET", path, **kwargs)

    def post(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self.call("POST", path, json={} if json is None else json, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> TestResponse:
        return self.call("DELETE", path, **kwargs)

    def _hold_against_schema(self, method: str, path: str, response: TestResponse) -> None:
        adapter = self.app.url_map.bind("localhost")
        endpoint, _ = adapter.match(PREFIX + path.partition("?")[0], method=method)
        view = self.app.view_functions[endpoint]
        responses = getattr(view, "_apidoc", {}).get("response", {}).get("responses", {})
        documented = [
            doc["schema"] for code, docs in responses.items() if int(code) < 300 for doc in docs
        ]
        assert documented, f"{method} {path} documents no answer"
        errors = documented[0].validate(response.get_json())
        assert not errors, f"{method} {path} answers other than documented: {errors}"
