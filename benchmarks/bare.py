"""The least that enqueues with Celery: a Flask view that calls `apply_async` and answers 202.

What `benchmarks/submits.py` measures the platform's submit against: no authorisation, no limits, no
validation, no database, and a job that is lost with its broker.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from flask import Flask, Response, jsonify, request

QUEUE = "bare"


def create_app(broker: str) -> Flask:
    """The application, which publishes to *broker*."""
    queue = Celery("bare", broker=broker)
    queue.conf.update(task_ignore_result=True, task_default_queue=QUEUE, task_acks_late=True)

    @queue.task(name="bare.analyze")
    def analyze(recipe: Any) -> None:
        """Never run: no worker listens."""

    app = Flask("bare")

    @app.post("/submit")
    def submit() -> tuple[Response, int]:
        accepted = analyze.apply_async((request.get_json(),))
        return jsonify(id=accepted.id), 202

    return app
