"""/v1/analyses/{id}/explanation: where one figure of an analysis comes from."""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from flask import Response

from services.analyses import explain
from web.analyses import IF_NONE_MATCH, finished
from web.answers import tagged_answer
from web.forms import Answer, Form
from web.resource import Reply, Resource, json_reply
from web.schemas import Job
from web.schemas import text as said

explanations = Resource("explanations", "Where a figure of an analysis comes from.")


class NutrientQuery(Form):
    nutrient = ma.fields.String(
        load_default="ENERC_KCAL",
        validate=ma.validate.Length(1, 60),
        metadata={"description": "Its code (`FE`) or everyday name (`iron`)."},
    )


class ExplainedLine(Answer):
    """What one line gave of the nutrient."""

    line = ma.fields.Integer(required=True, metadata={"description": "Its place, from 0."})
    text = said("As given.")
    food = ma.fields.Dict(required=True)
    confidence = ma.fields.Float(allow_none=True)
    grams = ma.fields.Float(required=True)
    grams_basis = said("Where the weight comes from.")
    eaten = ma.fields.Float(metadata={"description": "Share that is eaten, where not all is."})
    assumption = ma.fields.String(metadata={"description": "Why not all is eaten."})
    per_100g = ma.fields.Float(metadata={"description": "The table's value for 100 g of the food."})
    data_points = ma.fields.Integer(
        metadata={"description": "Analyses behind that value; 0: calculated or assumed by USDA."}
    )
    retained = ma.fields.Float(
        metadata={
            "description": "Share that cooking left; of water above 1 where the dish took it up."
        }
    )
    retention = ma.fields.String(metadata={"description": "The table behind that share."})
    amount = ma.fields.Float(required=True)
    share = ma.fields.Float(required=True, metadata={"description": "Of the total, in percent."})


class UnknownLine(Answer):
    """A line that may hold more of it."""

    line = ma.fields.Integer(required=True)
    text = said("As given.")
    food = ma.fields.Dict()
    grams = ma.fields.Float()
    reason = said("Why nothing is known.")


class Explanation(Answer):
    """The amounts of `lines` add up to `amount`."""

    nutrient = said("Its code.")
    name = said("What people call it.")
    unit = said("Of the amounts.")
    amount = ma.fields.Float(required=True, allow_none=True)
    low = ma.fields.Float(metadata={"description": "Lower end of the 95 % interval."})
    high = ma.fields.Float(metadata={"description": "Upper end of it."})
    coverage = ma.fields.Float(required=True)
    lines = ma.fields.List(ma.fields.Nested(ExplainedLine), required=True)
    unknown_lines = ma.fields.List(ma.fields.Nested(UnknownLine), required=True)


@explanations.route(
    "GET",
    "/v1/analyses/<uuid:analysis_id>/explanation",
    query=NutrientQuery,
    headers=[IF_NONE_MATCH],
    replies={
        200: json_reply("Line by line, largest first.", Explanation, "ETag"),
        202: json_reply("Not finished yet: its job.", Job, "Location", "Retry-After"),
        304: Reply(description="Unchanged since the ETag that was sent.", headers=["ETag"]),
    },
    problems=[404, 409, 422],
)
def explain_analysis(query: dict[str, Any], analysis_id: uuid.UUID) -> Response:
    """Explain a figure of an analysis"""
    return finished(
        analysis_id, lambda stored: tagged_answer(explain.explanation(stored, query["nutrient"]))
    )
