"""What the catalogue's file holds for each table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nutrition.archive import Archive
from nutrition.catalogue import food_id
from nutrition.foods import aliases
from nutrition.unpacking import nutrient_codes
from services.catalogue.rows import (
    NULL,
    Coded,
    Column,
    Table,
    by_code,
    copy_text,
    decimals,
    integers,
    table,
    text_array,
    texts,
)
from services.catalogue.wording import commonness, fold, heads, weighted


def coded(archive: Archive) -> Iterator[Table]:
    """What foods and values refer to, in an order that satisfies the references."""
    a = archive
    source = [a.source] * len(a.text("group_code"))
    yield table(
        "food_groups",
        ("source", "code"),
        source=source,
        code=a.text("group_code"),
        name=texts(a.text("group_name")),
    )
    numbers = a.text("nutrient_number")
    yield table(
        "nutrients",
        ("id",),
        id=numbers,
        code=nutrient_codes(a),
        name=texts(a.text("nutrient_name")),
        unit=a.text("nutrient_unit"),
        decimals=integers(a.array("nutrient_places")),
        position=integers(a.array("nutrient_order")),
    )
    yield table(
        "value_sources",
        ("code",),
        code=integers(a.array("source_code")),
        name=texts(a.text("source_name")),
    )
    for name in ("derivation", "reference"):
        fields = ("name",) if name == "derivation" else _REFERENCE_FIELDS
        columns = {field: texts(a.text(f"{name}_{field}")) for field in ("code", *fields)}
        yield table(f"value_{name}s", ("code",), **columns)
    yield table(
        "langual_factors",
        ("code",),
        code=a.text("langual_code"),
        name=texts(a.text("langual_name")),
    )


_REFERENCE_FIELDS = ("authors", "title", "year", "journal", "volume", "issue", "first", "last")


def foods(archive: Archive, alias_lines: str) -> Table:
    """Foods as published, with the texts from which SEARCHABLE_FOODS makes the search columns."""
    a = archive
    names, ndb_nos = a.text("food_name"), a.text("food_ndb_no")
    group_codes = a.text("group_code")
    groups = [group_codes[g] for g in a.array("food_group").tolist()]
    makers, survey = a.text("food_manufacturer"), a.array("food_in_survey").tolist()
    portions = np.bincount(a.array("portion_food"), minlength=len(names)).tolist()
    points = _per_food(a, a.array("value_data_points")).sum(axis=0).tolist()
    everyday: dict[str, list[str]] = {}
    for ndb_no, alias in aliases.read(alias_lines.splitlines()):
        everyday.setdefault(ndb_no, []).append(fold(alias))
    also = [everyday.get(ndb_no, []) for ndb_no in ndb_nos]
    weights = [weighted(name) for name in names]
    columns: dict[str, Column] = {
        "id": [food_id(ndb_no, a.source) for ndb_no in ndb_nos],
        "source": [a.source] * len(names),
        "code": ndb_nos,
        "name": texts(names),
        "short_name": texts(a.text("food_short_name")),
        "common_names": texts(a.text("food_common_names")),
        "manufacturer": texts(makers),
        "scientific_name": texts(a.text("food_scientific_name")),
        "group_code": groups,
        "in_survey": [str(yes) for yes in survey],
        "refuse_percent": decimals(a, "food_refuse_percent"),
        "refuse_description": texts(a.text("food_refuse_description")),
        "nitrogen_factor": decimals(a, "food_nitrogen_factor"),
        "protein_factor": decimals(a, "food_protein_factor"),
        "fat_factor": decimals(a, "food_fat_factor"),
        "carbohydrate_factor": decimals(a, "food_carbohydrate_factor"),
        "aliases": [text_array(names) for names in also],
        "head_texts": [text_array(heads(name)) for name in names],
        "commonness": [
            f"{commonness(n, group=g, branded=bool(m), in_survey=s, portions=p, data_points=d):.4f}"
            for n, g, m, s, p, d in zip(
                names, groups, makers, survey, portions, points, strict=True
            )
        ],
        "text_a": [text for text, _, _ in weights],
        "text_b": [text for _, text, _ in weights],
        "text_c": [text for _, _, text in weights],
    }
    return Table("foods", ("id",), tuple(columns), copy_text(list(columns.values())))


FOOD_COLUMNS = (
    *("id", "source", "code", "name", "short_name", "common_names", "manufacturer"),
    *("scientific_name", "group_code", "in_survey", "refuse_percent", "refuse_description"),
    *("nitrogen_factor", "protein_factor", "fat_factor", "carbohydrate_factor", "aliases"),
    *("commonness", "listed", "asked_as", "heads", "words", "search"),
)

NEW_FOODS = """
CREATE TEMP TABLE new_foods (LIKE foods, head_texts text[], text_a text, text_b text, text_c text)
ON COMMIT DROP;
ALTER TABLE new_foods ALTER asked_as DROP NOT NULL, ALTER heads DROP NOT NULL,
    ALTER listed DROP NOT NULL, ALTER words DROP NOT NULL, ALTER search DROP NOT NULL;
"""

#: asked_as: the everyday names as lexemes in their order ("milk chocolate" is no "chocolate milk").
#: heads: lexemes in any order, sorted, so that "olive oil" asks for "Oil, olive".
SEARCHABLE_FOODS = """
INSERT INTO foods (id, source, code, name, short_name, common_names, manufacturer, scientific_name,
    group_code, in_survey, refuse_percent, refuse_description, nitrogen_factor, protein_factor,
    fat_factor, carbohydrate_factor, aliases, commonness, listed, asked_as, heads, words, search)
SELECT id, source, code, name, short_name, common_names, manufacturer, scientific_name,
    group_code, in_survey, refuse_percent, refuse_description, nitrogen_factor, protein_factor,
    fat_factor, carbohydrate_factor, aliases, commonness, true,
    ARRAY(SELECT (SELECT string_agg(lexeme, ' ' ORDER BY positions[1])
                  FROM unnest(to_tsvector('english', alias))) FROM unnest(aliases) AS alias),
    ARRAY(SELECT array_to_string(tsvector_to_array(to_tsvector('english', head)), ' ')
          FROM unnest(head_texts) AS head),
    length(to_tsvector('english', name)),
    setweight(to_tsvector('english', text_a), 'A')
    || setweight(to_tsvector('english', text_b || ' ' || unaccent(common_names)
                             || ' ' || array_to_string(aliases, ' ')), 'B')
    || setweight(to_tsvector('english', text_c), 'C')
    || setweight(to_tsvector('english', unaccent(scientific_name || ' ' || manufacturer)), 'D')
FROM new_foods ORDER BY id
"""

#: Every word that describes a listed food, of those that search can find.
WORDS = """
DELETE FROM food_words;
INSERT INTO food_words (word, lexeme, foods)
SELECT word, (tsvector_to_array(to_tsvector('english', word)))[1], count(*)
FROM foods, LATERAL (
    SELECT DISTINCT unnest(regexp_split_to_array(
        lower(unaccent(name || ' ' || common_names || ' ' || array_to_string(aliases, ' '))),
        '[^a-z0-9]+')) AS word
) AS words
WHERE listed AND length(word) > 1 AND length(to_tsvector('english', word)) = 1
GROUP BY word ORDER BY word
"""


def owned(archive: Archive) -> Iterator[Table]:
    """What belongs to a food: values, portions, footnotes, LanguaL terms."""
    a = archive
    ids = np.array([food_id(n, a.source) for n in a.text("food_ndb_no")], dtype=object)
    yield _values(a, ids)
    yield table(
        "food_portions",
        ("food_id", "seq"),
        food_id=by_code(ids, a.array("portion_food")),
        seq=integers(a.array("portion_seq")),
        amount=decimals(a, "portion_amount"),
        unit=texts(a.text("portion_unit")),
        grams=decimals(a, "portion_grams"),
        data_points=integers(a.array("portion_data_points")),
        std_dev=decimals(a, "portion_std_dev"),
    )
    note_foods = a.array("footnote_food")
    first_notes = np.searchsorted(note_foods, note_foods)
    yield table(
        "food_footnotes",
        ("food_id", "position"),
        food_id=by_code(ids, note_foods),
        position=integers(np.arange(len(note_foods)) - first_notes),
        seq=integers(a.array("footnote_seq")),
        kind=a.text("footnote_kind"),
        nutrient_id=integers(a.array("footnote_nutrient")),
        text=texts(a.text("footnote_text")),
    )
    yield table(
        "food_langual",
        ("food_id", "factor_code"),
        food_id=by_code(ids, a.array("langual_food")),
        factor_code=by_code(a.text("langual_code"), a.array("langual_factor")),
    )


def _values(a: Archive, ids: NDArray[Any]) -> Table:
    """NUT_DATA in the order of the table's key: a food's values lie together on disk."""
    nutrient, food = np.nonzero(a.known())
    numbers = np.array([int(n) for n in a.text("nutrient_number")])
    order = np.lexsort((numbers[nutrient], ids.argsort().argsort()[food]))
    imputed, imputed_place = np.unique(a.array("value_imputed_from"), return_inverse=True)
    ndb_nos = [NULL if n < 0 else f"{n:05d}" for n in imputed.tolist()]
    derivations = [NULL, *a.text("derivation_code")]
    columns: dict[str, Coded] = {
        "food_id": by_code(ids, food),
        "nutrient_id": by_code(a.text("nutrient_number"), nutrient),
        "amount": decimals(a, "value_amount"),
        "data_points": integers(a.array("value_data_points")),
        "standard_error": decimals(a, "value_standard_error"),
        "source_code": integers(a.array("value_source")),
        "derivation_code": by_code(derivations, a.array("value_derivation")),
        "imputed_from": by_code(ndb_nos, imputed_place),
        "added": by_code([NULL, "false", "true"], a.array("value_added")),
        "studies": integers(a.array("value_studies")),
        "minimum": decimals(a, "value_minimum"),
        "maximum": decimals(a, "value_maximum"),
        "degrees_of_freedom": integers(a.array("value_degrees_of_freedom")),
        "lower_bound": decimals(a, "value_lower_bound"),
        "upper_bound": decimals(a, "value_upper_bound"),
        "comments": by_code(_nulls(a.text("comments")), a.array("value_comments")),
        "modified": by_code(_nulls(a.text("modified")), a.array("value_modified")),
        "reference_codes": _reference_codes(a),
    }
    blocks = copy_text([column.sorted(order) for column in columns.values()])
    return Table("food_nutrients", ("food_id", "nutrient_id"), tuple(columns), blocks)


def _nulls(texts: Iterable[str]) -> list[str]:
    return [text or NULL for text in texts]


def _reference_codes(a: Archive) -> Coded:
    """The references of each value as an array, NULL for the values without any."""
    codes = np.array(a.text("reference_code"))[a.array("reference_source")].tolist()
    ends = np.cumsum(a.array("reference_count"), dtype=np.int64)
    starts = ends - a.array("reference_count")
    places = np.zeros(len(ends), dtype=np.int32)
    distinct = {NULL: 0}
    for value in np.flatnonzero(ends > starts).tolist():
        cited = "{" + ",".join(codes[starts[value] : ends[value]]) + "}"
        places[value] = distinct.setdefault(cited, len(distinct))
    return by_code(distinct, places)


def _per_food(a: Archive, values: NDArray[Any]) -> NDArray[np.int64]:
    """Values of NUT_DATA as (nutrients, foods), 0 where there is none."""
    known = a.known()
    cells = np.zeros(known.shape, dtype=np.int64)
    cells[known] = values
    return cells
