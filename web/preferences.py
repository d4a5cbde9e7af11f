"""/v1/notification-preferences: what the caller's account wants to hear of, and by which way."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from services.notifications import preferences as service
from services.notifications.channels import CHANNELS
from services.notifications.topics import TOPICS
from web.answers import json_answer
from web.bodies import json_body
from web.context import caller, platform
from web.forms import Answer, Form, Truth, loaded
from web.resource import Body, Resource, json_reply

preferences = Resource("notification-preferences", "What to be told, and by which channel.")

#: Topics and channels that one request may speak of: every one, and misspelt ones to be named.
MOST = 50


class PreferencesForm(Form):
    preferences = ma.fields.Dict(
        required=True,
        keys=ma.fields.String(validate=ma.validate.Length(max=64)),
        values=ma.fields.Dict(
            keys=ma.fields.String(validate=ma.validate.Length(max=64)),
            values=Truth(),
            validate=ma.validate.Length(max=MOST),
        ),
        validate=ma.validate.Length(max=MOST),
    )


#: The same as a schema: what services/notifications/preferences.py refuses stands in it.
SHAPE = {
    "type": "object",
    "required": ["preferences"],
    "additionalProperties": False,
    "properties": {
        "preferences": {
            "type": "object",
            "additionalProperties": False,
            "description": "By topic and channel: whether it is wanted.",
            "properties": {
                topic.name: {
                    "type": "object",
                    "additionalProperties": False,
                    "description": topic.about,
                    "properties": {
                        # What is mandatory can only be said as it is.
                        channel: {
                            "type": "boolean",
                            **({"enum": [True]} if topic.must(channel) else {}),
                        }
                        for channel in CHANNELS
                    },
                }
                for topic in TOPICS.values()
            },
        }
    },
}


class Preferences(Answer):
    preferences = ma.fields.Dict(
        required=True,
        keys=ma.fields.String(),
        values=ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Boolean()),
        metadata={"description": "What holds, by topic and channel."},
    )
    mandatory = ma.fields.Dict(
        required=True,
        keys=ma.fields.String(),
        values=ma.fields.List(ma.fields.String()),
        metadata={"description": "By topic, channels that cannot be muted."},
    )
    topics = ma.fields.Dict(
        required=True,
        keys=ma.fields.String(),
        values=ma.fields.String(),
        metadata={"description": "What each topic is about."},
    )


@preferences.route(
    "GET",
    "/v1/notification-preferences",
    replies={200: json_reply("What holds.", Preferences)},
)
def show_preferences() -> Response:
    """Show notification preferences"""
    with platform().database.transaction() as session:
        standing = service.standing(session, caller().account_id)
    return json_answer(_document(standing))


@preferences.route(
    "PUT",
    "/v1/notification-preferences",
    body=Body(
        description="All that shall hold: what is left out goes back to the topic's own way.",
        content={"application/json": SHAPE},
        example={"preferences": {"batch.finished": {"email": True, "stream": False}}},
    ),
    replies={200: json_reply("This holds now.", Preferences)},
    problems=[400, 413, 415, 422],
)
def put_preferences() -> Response:
    """Set notification preferences"""
    form = loaded(PreferencesForm, json_body()[0])
    with platform().database.transaction() as session:
        standing = service.put(session, caller().account_id, form["preferences"])
    return json_answer(_document(standing))


def _document(standing: service.Wishes) -> dict[str, Any]:
    return {
        "preferences": standing,
        "mandatory": service.mandatory(),
        "topics": {topic.name: topic.about for topic in TOPICS.values()},
    }
