"""A caller: the test client with a key in its hand."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PANCAKES = {
    "title": "Pancakes",
    "servings": 4,
    "ingredients": ["2 cups all-purpose flour", "2 large eggs", "1 1/2 cups whole milk"],
}


class Caller:
    """Sends requests with `Authorization` set."""

    def __init__(self, client: FlaskClient, secret: str) -> None:
        self._client = client
        self.secret = secret

    def send(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.secret}"} | more.pop("headers", {})
        return self._client.open(path, method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.send("GET", path, **more)

    def post(self, path: str, **more: Any) -> TestResponse:
        return self.send("POST", path, **more)

    def patch(self, path: str, **more: Any) -> TestResponse:
        return self.send("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> TestResponse:
        return self.send("DELETE", path, **more)

    def submit(self, **headers: str) -> str:
        """Submit pancakes; answers the job's id."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.post("/v1/analyses", json=PANCAKES, headers=named)
        assert answer.status_code == 202, answer.text
        return str(answer.json["id"])  # type: ignore[index]
