"""/v1/unsubscribe: one click in a mail program, or a page with one button (RFC 8058).

Who has the link may mute what it names, and nothing else; nobody signs in. A GET changes nothing:
mail programs and scanners follow links on their own.
"""

from __future__ import annotations

import marshmallow as ma
from flask import Response, render_template, request
from werkzeug.exceptions import UnsupportedMediaType

from services.notifications import unsubscribe as links
from services.notifications.topics import Topic
from services.notifications.unsubscribe import Subscription, Unsubscriber
from web.context import platform
from web.forms import Form, loaded
from web.headers import CONTENT_POLICY
from web.resource import Body, Reply, Resource

unsubscribe = Resource("unsubscribe", "Muting a topic by the link in an e-mail.")

HTML = "text/html; charset=utf-8"
_PAGE = {"text/html": {"type": "string"}}
_POLICY = CONTENT_POLICY.replace("form-action 'none'", "form-action 'self'")
#: Bytes of a body; that of RFC 8058 has 26.
LARGEST = 4096
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class OneClick(Form):
    one_click = ma.fields.String(
        required=True,
        data_key="List-Unsubscribe",
        validate=ma.validate.Equal("One-Click"),
        metadata={"description": "`One-Click`, as RFC 8058 has it.", "enum": ["One-Click"]},
    )


@unsubscribe.route(
    "GET",
    "/v1/unsubscribe/<token>",
    replies={200: Reply(description="A page with a button.", content=_PAGE)},
    problems=[404],
)
def show_unsubscribe(token: str) -> Response:
    """What a link mutes

    A page for people. It changes nothing; its button does.
    """
    subscription = _read(token)
    with platform().database.transaction() as session:
        topic = links.named(session, subscription)
    return _page(topic, subscription, done=False)


@unsubscribe.route(
    "POST",
    "/v1/unsubscribe/<token>",
    replies={200: Reply(description="It is muted, now or before.", content=_PAGE)},
    problems=[400, 404, 409, 413, 415, 422],
    body=Body(description="What mail programs send.", content=dict.fromkeys(_FORMS, OneClick)),
)
def unsubscribe_by_link(token: str) -> Response:
    """Mute what a link names

    One click (RFC 8058): without signing in, and again as often as anybody likes. 409 where
    everybody must hear of the topic.
    """
    _check_form()
    subscription = _read(token)
    with platform().database.transaction() as session:
        topic = links.unsubscribe(session, subscription)
    return _page(topic, subscription, done=True)


def _read(token: str) -> Subscription:
    settings = platform().settings
    return Unsubscriber([settings.jwt_secret, settings.jwt_secret_previous]).read(token)


def _check_form() -> None:
    """Raise Invalid unless the body says what RFC 8058 (3.1) asks for, and that alone."""
    if request.mimetype not in _FORMS:
        raise UnsupportedMediaType(f"Send the body as {' or '.join(_FORMS)}.")
    request.max_content_length = LARGEST
    fields = [*request.form.items(multi=True), *((name, "a file") for name in request.files)]
    loaded(OneClick, dict(fields))


def _page(topic: Topic, subscription: Subscription, *, done: bool) -> Response:
    page = render_template("unsubscribe.html", topic=topic, on=subscription.channel, done=done)
    response = Response(page, content_type=HTML)
    response.headers["Content-Security-Policy"] = _POLICY
    return response
