"""/v1/foods: the food catalogue."""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from flask import Response

from services.catalogue.cached import FOODS, SEARCHES, search_key
from services.catalogue.search import MOST_RESULTS
from web.caching import cached_answer
from web.context import caller, platform
from web.forms import Answer, Form
from web.resource import Header, Reply, Resource, json_reply
from web.schemas import identity, text

foods = Resource("foods", "The food catalogue: USDA SR28.")

_IF_NONE_MATCH = Header(name="If-None-Match", description="An `ETag` of before.", example='"33a6"')

#: Characters of a search.
LONGEST_QUERY = 200
#: Beyond the whole catalogue.
DEEPEST = 1_000_000


class FoodsQuery(Form):
    q = ma.fields.String(
        load_default="",
        validate=ma.validate.Length(0, LONGEST_QUERY),
        metadata={"description": "A few words; typing errors are forgiven. Without: all foods."},
    )
    limit = ma.fields.Integer(load_default=20, validate=ma.validate.Range(1, MOST_RESULTS))
    cursor = ma.fields.Integer(
        load_default=0,
        validate=ma.validate.Range(0, DEEPEST),
        metadata={"description": "`next` of the page before; absent for the first page."},
    )


class FoodListed(Answer):
    id = identity("The food, the same for ever.")
    name = text("As the source names it.")
    source = text("`sr28`.")
    ndb_no = text("Its number in the source.")
    group = text("Its food group.")
    manufacturer = text("Where it is a brand's.", null=True)
    common_names = text("Other names.", null=True)
    energy_kcal = ma.fields.Float(
        required=True, allow_none=True, metadata={"description": "kcal in 100 g."}
    )
    score = ma.fields.Float(required=True)


class FoodPage(Answer):
    items = ma.fields.List(ma.fields.Nested(FoodListed), required=True)
    next = ma.fields.Integer(required=True, allow_none=True)
    total = ma.fields.Integer(required=True)
    corrected = text("How a misspelt search was understood.", null=True)


class Food(Answer):
    """A food with all that is known of it. A nutrient that was never measured is absent or null."""

    id = identity("The food.")
    name = text("As the source names it.")
    source = text("`sr28`.")
    nutrients = ma.fields.Dict(
        keys=ma.fields.String(),
        required=True,
        metadata={"description": "By INFOODS tagname: `amount` in 100 g, `unit`, …"},
    )
    portions = ma.fields.List(ma.fields.Dict(), required=True)


@foods.route(
    "GET",
    "/v1/foods",
    query=FoodsQuery,
    headers=[_IF_NONE_MATCH],
    replies={
        200: json_reply("Foods, the likeliest first.", FoodPage, "ETag", "Cache-Status"),
        304: Reply(description="Unchanged since the ETag that was sent.", headers=["ETag"]),
    },
    problems=[422],
)
def search_foods(query: dict[str, Any]) -> Response:
    """Search foods"""
    asked = query["q"], query["limit"], query["cursor"]
    found = platform().foods.search(*asked)
    platform().tally.wanted_text(SEARCHES.name, search_key(*asked), caller().account_id)
    return cached_answer(found)


@foods.route(
    "GET",
    "/v1/foods/<uuid:food_id>",
    headers=[_IF_NONE_MATCH],
    replies={
        200: json_reply("The food.", Food, "ETag", "Cache-Status"),
        304: Reply(description="Unchanged since the ETag that was sent.", headers=["ETag"]),
    },
    problems=[404],
)
def show_food(food_id: uuid.UUID) -> Response:
    """Show a food"""
    found = platform().foods.food(food_id)
    platform().tally.wanted(FOODS.name, str(food_id))
    return cached_answer(found)
