"""Metrics of web: requests by the rule of their route, never by their path."""

from __future__ import annotations

from flask import Flask, Response, request

from kernel import metrics


def know_routes(app: Flask) -> None:
    """Have the routes of *app* be those that requests are counted by."""
    metrics.know("route", (rule.rule for rule in app.url_map.iter_rules()))


def count(response: Response, seconds: float) -> None:
    """Count this request. seconds: that we took for it."""
    rule = request.url_rule
    metrics.REQUESTS.labels(
        request.method,
        metrics.OTHER if rule is None else rule.rule,
        f"{response.status_code // 100}xx",
    ).observe(seconds)
