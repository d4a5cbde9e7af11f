"""/v1/analyses/{id}/label: an analysis as its label, in four forms and by two laws.

A drawing and a page carry their analysis's title, which is somebody's input. They are made without
scripts, links or images; their policy forbids all of that besides, and names the one style a page
may have by its digest.
"""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from flask import Response

from nutrition.labels.html import STYLE_DIGEST
from services.analyses import labels
from web.analyses import IF_NONE_MATCH, finished
from web.answers import tagged_answer, tagged_text
from web.forms import Answer, Form
from web.headers import CONTENT_POLICY
from web.resource import Reply, Resource, json_reply
from web.schemas import Job, text

label_routes = Resource("labels", "The label of an analysis.")

#: Media type and content policy of each form.
_FORMS: dict[labels.Form, tuple[str, str]] = {
    "svg": ("image/svg+xml", f"{CONTENT_POLICY}; sandbox"),
    "html": ("text/html", f"{CONTENT_POLICY}; style-src '{STYLE_DIGEST}'; sandbox"),
    "txt": ("text/plain", CONTENT_POLICY),
}
_RULE = "/v1/analyses/<uuid:analysis_id>/label"
_PENDING = {
    202: json_reply("Not finished yet: its job.", Job, "Location", "Retry-After"),
    304: Reply(description="Unchanged since the ETag that was sent.", headers=["ETag"]),
}
_PROBLEMS = [404, 409, 422]


class LabelQuery(Form):
    standard = ma.fields.String(
        load_default="fda",
        validate=ma.validate.OneOf(labels.STANDARDS),
        metadata={"description": "Nutrition Facts of the US, or the table of the EU and the UK."},
    )
    audience = ma.fields.String(
        load_default="adults",
        validate=ma.validate.OneOf(labels.AUDIENCES),
        metadata={
            "description": "Whose Daily Values: `adults` and children from 4 years on, or children "
            "of 1 to 3 years. `eu` has reference intakes of adults alone."
        },
    )

    @ma.validates_schema
    def belong_together(self, data: dict[str, Any], **_: Any) -> None:
        if data["standard"] == "eu" and data["audience"] != "adults":
            raise ma.ValidationError(
                "The EU has reference intakes of adults alone; ages-1-3 is for standard=fda.",
                "audience",
            )


def _maybe(description: str) -> ma.fields.String:
    return ma.fields.String(allow_none=True, metadata={"description": description})


def _grams(description: str) -> ma.fields.Float:
    return ma.fields.Float(allow_none=True, metadata={"description": description})


class Label(Answer):
    """A label before it is printed: every amount exact, rounded and as shown."""

    format = text("`fda-vertical` or `eu-table`.")
    source = text("The law that it follows.")
    title = text("As given.", null=True)
    servings = ma.fields.Float(required=True, allow_none=True)
    servings_shown = text("How many, as the law has it declared.")
    daily_values = _maybe("FDA: the version of the Daily Values.")
    audience = _maybe("FDA: whose they are.")
    serving_size = _maybe("FDA: share of the recipe, and its weight.")
    serving_grams = _grams("FDA: weight of a serving, before rounding.")
    serving_grams_coverage = _grams("FDA: share of the food lines which that weight adds up.")
    footnote = _maybe("FDA: what the percentages mean.")
    reference_intakes = _maybe("EU: the version of the reference intakes.")
    portion = _maybe("EU: share of the recipe, and its weight.")
    portion_grams = _grams("EU: weight of a portion, before rounding.")
    portion_grams_coverage = _grams("EU: share of the food lines which that weight adds up.")
    weight_basis = _maybe("EU: where the weight of the dish comes from.")
    statement = _maybe("EU: what the percentages mean.")
    vitamins_and_minerals = ma.fields.List(
        ma.fields.Dict(),
        metadata={"description": "EU: those with a significant amount in 100 g, as `rows`."},
    )
    rows = ma.fields.List(
        ma.fields.Dict(),
        required=True,
        metadata={
            "description": "In the law's order. Each: `code`, `name`, `known` (`in full`, `in "
            "part`, `no`), `coverage`, and `amount`, `rounded`, `shown` (EU: in `per_100g` and "
            "`per_portion`), of which unknown is null."
        },
    )


@label_routes.route(
    "GET",
    _RULE,
    query=LabelQuery,
    headers=[IF_NONE_MATCH],
    replies={200: json_reply("The label.", Label, "ETag"), **_PENDING},
    problems=_PROBLEMS,
)
def show_label(query: dict[str, Any], analysis_id: uuid.UUID) -> Response:
    """Show the label of an analysis"""
    return finished(analysis_id, lambda stored: tagged_answer(labels.label(stored, **query)))


def _serve(form: labels.Form, what: str) -> None:
    """Declare the route of one printed form."""
    media_type, policy = _FORMS[form]

    def show(query: dict[str, Any], analysis_id: uuid.UUID) -> Response:
        return finished(
            analysis_id,
            lambda stored: tagged_text(
                labels.printed(stored, form, **query),
                media_type,
                {"Content-Security-Policy": policy},
            ),
        )

    show.__name__ = f"show_label_{form}"
    show.__doc__ = f"Show the label of an analysis as {what}"
    label_routes.route(
        "GET",
        f"{_RULE}.{form}",
        query=LabelQuery,
        headers=[IF_NONE_MATCH],
        replies={
            200: Reply(
                description=f"The label as {what}.",
                content={media_type: {"type": "string"}},
                headers=["ETag"],
            ),
            **_PENDING,
        },
        problems=_PROBLEMS,
    )(show)


_serve("svg", "a drawing")
_serve("html", "a page")
_serve("txt", "plain text")
