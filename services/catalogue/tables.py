"""The catalogue file's columns as rows for COPY, table by table.

Rows are built column-wise: 679,045 values become text in about a second, where a tuple each
would take ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nutrition.archive import NO_DECIMAL, Archive
from nutrition.catalogue import food_id, nutrient_codes
from services.catalogue.wording import commonness, heads, read_aliases, weighted

#: Rows a block of COPY text.
BLOCK = 20_000

#: PostgreSQL's NULL in COPY text.
NULL = r"\N"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one table: its key, its columns, and COPY text in blocks."""

    name: str
    key: Sequence[str]
    columns: Sequence[str]
    blocks: Iterable[str]


def coded(archive: Archive) -> Iterator[Table]:
    """What foods and values refer to, in an order that satisfies the references."""
    a = archive
    source = [a.source] * len(a.text("group_code"))
    yield _table(
        "food_groups",
        ("source", "code"),
        source=source,
        code=a.text("group_code"),
        name=_texts(a.text("group_name")),
    )
    numbers = a.text("nutrient_number")
    yield _table(
        "nutrients",
        ("id",),
        id=numbers,
        code=nutrient_codes(a),
        name=_texts(a.text("nutrient_name")),
        unit=a.text("nutrient_unit"),
        decimals=_integers(a.array("nutrient_places")),
        position=[str(i) for i in range(len(numbers))],
    )
    yield _table(
        "value_sources",
        ("code",),
        code=_integers(a.array("source_code")),
        name=_texts(a.text("source_name")),
    )
    for name in ("derivation", "reference"):
        fields = ("name",) if name == "derivation" else _REFERENCE_FIELDS
        columns = {field: _texts(a.text(f"{name}_{field}")) for field in ("code", *fields)}
        yield _table(f"value_{name}s", ("code",), **columns)
    yield _table(
        "langual_factors",
        ("code",),
        code=a.text("langual_code"),
        name=_texts(a.text("langual_name")),
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
    aliases = read_aliases(alias_lines.splitlines())
    also = [aliases.get(ndb_no, []) for ndb_no in ndb_nos]
    texts = [weighted(name) for name in names]
    columns: dict[str, Sequence[str]] = {
        "id": [food_id(ndb_no) for ndb_no in ndb_nos],
        "source": [a.source] * len(names),
        "code": ndb_nos,
        "name": _texts(names),
        "short_name": _texts(a.text("food_short_name")),
        "common_names": _texts(a.text("food_common_names")),
        "manufacturer": _texts(makers),
        "scientific_name": _texts(a.text("food_scientific_name")),
        "group_code": groups,
        "in_survey": [str(yes) for yes in survey],
        "refuse_percent": _decimals(a, "food_refuse_percent"),
        "refuse_description": _texts(a.text("food_refuse_description")),
        "nitrogen_factor": _decimals(a, "food_nitrogen_factor"),
        "protein_factor": _decimals(a, "food_protein_factor"),
        "fat_factor": _decimals(a, "food_fat_factor"),
        "carbohydrate_factor": _decimals(a, "food_carbohydrate_factor"),
        "aliases": [_array(names) for names in also],
        "head_texts": [_array(heads(name)) for name in names],
        "commonness": [
            f"{commonness(name=n, group=g, branded=bool(m), in_survey=s, portions=p, data_points=d):.4f}"
            for n, g, m, s, p, d in zip(
                names, groups, makers, survey, portions, points, strict=True
            )
        ],
        "text_a": [text for text, _, _ in texts],
        "text_b": [text for _, text, _ in texts],
        "text_c": [text for _, _, text in texts],
    }
    return Table("foods", ("id",), tuple(columns), _blocks(list(columns.values())))


FOOD_COLUMNS = (
    *("id", "source", "code", "name", "short_name", "common_names", "manufacturer"),
    *("scientific_name", "group_code", "in_survey", "refuse_percent", "refuse_description"),
    *("nitrogen_factor", "protein_factor", "fat_factor", "carbohydrate_factor", "aliases"),
    *("commonness", "listed", "heads", "words", "search"),
)

NEW_FOODS = """
CREATE TEMP TABLE new_foods (LIKE foods, head_texts text[], text_a text, text_b text, text_c text)
ON COMMIT DROP;
ALTER TABLE new_foods ALTER listed SET DEFAULT true, ALTER heads DROP NOT NULL,
    ALTER words DROP NOT NULL, ALTER search DROP NOT NULL;
"""

#: A head is its lexemes in order, so that "apples" asks for "Apples" and "olive oil" for "Oil, olive".
SEARCHABLE_FOODS = """
INSERT INTO foods (id, source, code, name, short_name, common_names, manufacturer, scientific_name,
    group_code, in_survey, refuse_percent, refuse_description, nitrogen_factor, protein_factor,
    fat_factor, carbohydrate_factor, aliases, commonness, listed, heads, words, search)
SELECT id, source, code, name, short_name, common_names, manufacturer, scientific_name,
    group_code, in_survey, refuse_percent, refuse_description, nitrogen_factor, protein_factor,
    fat_factor, carbohydrate_factor, aliases, commonness, true,
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
    ids = np.array([food_id(ndb_no) for ndb_no in a.text("food_ndb_no")], dtype=object)
    yield _values(a, ids)
    yield _table(
        "food_portions",
        ("food_id", "seq"),
        food_id=ids[a.array("portion_food")].tolist(),
        seq=_integers(a.array("portion_seq")),
        amount=_decimals(a, "portion_amount"),
        unit=_texts(a.text("portion_unit")),
        grams=_decimals(a, "portion_grams"),
        data_points=_integers(a.array("portion_data_points")),
        std_dev=_decimals(a, "portion_std_dev"),
    )
    note_foods = a.array("footnote_food")
    first_notes = np.searchsorted(note_foods, note_foods)
    yield _table(
        "food_footnotes",
        ("food_id", "position"),
        food_id=ids[note_foods].tolist(),
        position=_integers(np.arange(len(note_foods)) - first_notes),
        seq=_integers(a.array("footnote_seq")),
        kind=a.text("footnote_kind"),
        nutrient_id=_integers(a.array("footnote_nutrient")),
        text=_texts(a.text("footnote_text")),
    )
    factors = np.array(a.text("langual_code"), dtype=object)
    yield _table(
        "food_langual",
        ("food_id", "factor_code"),
        food_id=ids[a.array("langual_food")].tolist(),
        factor_code=factors[a.array("langual_factor")].tolist(),
    )


def _values(a: Archive, ids: NDArray[Any]) -> Table:
    """NUT_DATA in the order of the table's key: a food's values lie together on disk."""
    nutrient, food = np.nonzero(a.known())
    numbers = np.array([int(n) for n in a.text("nutrient_number")])
    order = np.lexsort((numbers[nutrient], ids.argsort().argsort()[food]))
    derivations = np.array([NULL, *a.text("derivation_code")], dtype=object)
    added = np.array([NULL, "false", "true"], dtype=object)
    imputed = np.unique(a.array("value_imputed_from"), return_inverse=True)
    imputed_texts = [NULL if n < 0 else f"{n:05d}" for n in imputed[0].tolist()]
    comments = [text or NULL for text in a.text("comments")]
    modified = [text or NULL for text in a.text("modified")]
    columns: dict[str, Sequence[str]] = {
        "food_id": ids[food],
        "nutrient_id": np.array(a.text("nutrient_number"), dtype=object)[nutrient],
        "amount": _decimals(a, "value_amount"),
        "data_points": _integers(a.array("value_data_points")),
        "standard_error": _decimals(a, "value_standard_error"),
        "source_code": _integers(a.array("value_source")),
        "derivation_code": derivations[a.array("value_derivation")],
        "imputed_from": np.array(imputed_texts, dtype=object)[imputed[1]],
        "added": added[a.array("value_added")],
        "studies": _integers(a.array("value_studies")),
        "minimum": _decimals(a, "value_minimum"),
        "maximum": _decimals(a, "value_maximum"),
        "degrees_of_freedom": _integers(a.array("value_degrees_of_freedom")),
        "lower_bound": _decimals(a, "value_lower_bound"),
        "upper_bound": _decimals(a, "value_upper_bound"),
        "comments": np.array(comments, dtype=object)[a.array("value_comments")],
        "modified": np.array(modified, dtype=object)[a.array("value_modified")],
        "reference_codes": _reference_codes(a),
    }
    sorted_columns = [np.asarray(c, dtype=object)[order] for c in columns.values()]
    return Table(
        "food_nutrients", ("food_id", "nutrient_id"), tuple(columns), _blocks(sorted_columns)
    )


def _reference_codes(a: Archive) -> Sequence[str]:
    """The references of each value as an array, NULL for the values without any."""
    codes = np.array(a.text("reference_code"), dtype=object)[a.array("reference_source")].tolist()
    ends = np.cumsum(a.array("reference_count"), dtype=np.int64)
    starts = ends - a.array("reference_count")
    texts = np.full(len(ends), NULL, dtype=object)
    for value in np.flatnonzero(ends > starts).tolist():
        texts[value] = "{" + ",".join(codes[starts[value] : ends[value]]) + "}"
    return texts


def _per_food(a: Archive, values: NDArray[Any]) -> NDArray[np.int64]:
    """Values of NUT_DATA as (nutrients, foods), 0 where there is none."""
    known = a.known()
    cells = np.zeros(known.shape, dtype=np.int64)
    cells[known] = values
    return cells


def _table(name: str, key: Sequence[str], /, **columns: Sequence[str]) -> Table:
    return Table(name, key, tuple(columns), _blocks(list(columns.values())))


def _blocks(columns: Sequence[Sequence[str]]) -> Iterator[str]:
    """COPY text, one row a line."""
    for start in range(0, len(columns[0]), BLOCK):
        rows = zip(*(column[start : start + BLOCK] for column in columns), strict=True)
        yield "\n".join(map("\t".join, rows)) + "\n"


def _integers(values: NDArray[Any]) -> Sequence[str]:
    """Integers as text, NULL for -1; each distinct one is written out once."""
    distinct, place = np.unique(values, return_inverse=True)
    texts = [NULL if value == -1 else str(value) for value in distinct.tolist()]
    column: Sequence[str] = np.array(texts, dtype=object)[place]
    return column


def _decimals(a: Archive, name: str) -> Sequence[str]:
    """Decimals as published, NULL where empty; each distinct one is written out once."""
    digits, places = a.array(name).astype(np.int64), a.array(f"{name}_decimals")
    distinct, place = np.unique(digits * 256 + places, return_inverse=True)
    texts = [_decimal(both >> 8, both & 255) for both in distinct.tolist()]
    column: Sequence[str] = np.array(texts, dtype=object)[place]
    return column


def _decimal(digits: int, places: int) -> str:
    if places == NO_DECIMAL:
        return NULL
    number = f"{abs(digits):0{places + 1}d}"
    whole, part = number[: len(number) - places], number[len(number) - places :]
    return ("-" if digits < 0 else "") + whole + ("." + part if places else "")


def _texts(texts: Iterable[str]) -> list[str]:
    """Text with COPY's own characters escaped."""
    return [text.replace("\\", r"\\").replace("\t", r"\t") for text in texts]


def _array(texts: Iterable[str]) -> str:
    """Folded texts (letters, digits, spaces) as an array."""
    return "{" + ",".join(f'"{text}"' for text in texts) + "}"
