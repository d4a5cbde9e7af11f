"""Search: foods for a few words, the likeliest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from services.catalogue.query import understand

MOST_RESULTS = 100
#: Beyond the whole catalogue; a larger offset is an empty page all the same.
DEEPEST = 1_000_000


@dataclass(frozen=True, slots=True)
class FoodHit:
    """A food in a list of results. score is comparable within one search only."""

    id: str
    name: str
    source: str
    ndb_no: str
    group: str
    manufacturer: str | None
    common_names: str | None
    energy_kcal: float | None
    score: float


@dataclass(frozen=True, slots=True)
class Page:
    """Results from *offset* on. next is the offset of the page after, None on the last.

    corrected: how a misspelt search was understood, None where it was taken as it came.
    """

    items: list[FoodHit]
    total: int
    next: int | None
    corrected: str | None = None


# The terms of the ranking, each readable by itself. Weights were set by hand on everyday words
# (tests/catalogue/test_search.py lists them) and are steps, not decimals: a term decides among
# foods that the terms above it leave equal.
#   20   the search is an everyday name of this very food (data/food_aliases/)
#    3   it is the food's whole head: "egg" of "Egg, whole, raw", "olive oil" of "Oil, olive"
#    3   all its words stand in the head, "egg" in "Egg substitute, powder"
#    1   all stand in the head or next to it, or in a common name
#    2 x the share of the name's words that it mentions: the plainest name of several wins
#    1 x commonness, -3 to 3: what people eat, unbranded, in its unmarked form (wording.py)
#    4 x the share of the search's words that the food has; 4 where all are required
_RANKED = """
WITH asked AS MATERIALIZED (
    SELECT array_to_string(tsvector_to_array(array_to_tsvector(CAST(:likeliest AS text[]))), ' ')
        AS head, cardinality(CAST(:likeliest AS text[]))::real AS words
), found AS MATERIALIZED (
    SELECT f.id, f.code,
        20 * (:asked_as = ANY (f.asked_as))::int
        + 3 * (asked.head = ANY (f.heads))::int
        + 3 * (f.search @@ CAST(:in_head AS tsquery))::int
        + (f.search @@ CAST(:near_head AS tsquery))::int
        + 2 * least(1, matched / f.words)
        + 4 * matched / asked.words
        + f.commonness AS score
    FROM asked, foods f, LATERAL ({matched}) AS m (matched)
    WHERE f.listed AND f.search @@ CAST(:wanted AS tsquery)
), page AS (
    SELECT * FROM found ORDER BY score DESC, code LIMIT :limit OFFSET :offset
)
SELECT (SELECT count(*) FROM found) AS total, f.*, page.score
FROM (SELECT) AS always LEFT JOIN page ON true LEFT JOIN ({hit}) AS f USING (id)
ORDER BY page.score DESC, f.ndb_no
"""

#: What a result shows of a food; energy tells two kinds of one food apart at a glance.
_HIT = """
    SELECT f.id, f.name, f.source, f.code AS ndb_no, g.name AS "group", f.manufacturer,
        f.common_names, v.amount AS energy_kcal, f.commonness
    FROM foods f JOIN food_groups g ON (g.source, g.code) = (f.source, f.group_code)
    LEFT JOIN food_nutrients v ON v.food_id = f.id AND v.nutrient_id = 208
"""

#: Every word is required, so every word matched.
_ALL = text(_RANKED.format(hit=_HIT, matched="SELECT asked.words"))
#: Any word will do; count them.
_ANY = text(
    _RANKED.format(
        hit=_HIT,
        matched="SELECT count(*)::real FROM unnest(CAST(:each AS text[])) AS word"
        " WHERE f.search @@ CAST(word AS tsquery)",
    )
)

#: Where no word is known, nor any like it: names that look like the search, nearest first by index.
_ALIKE = text(f"""
WITH alike AS MATERIALIZED (
    SELECT id, 1 - (:phrase <<-> lower(name)) AS score FROM foods
    WHERE listed ORDER BY :phrase <<-> lower(name) LIMIT 50
), found AS MATERIALIZED (
    SELECT * FROM alike WHERE score >= 0.5
), page AS (
    SELECT f.*, found.score FROM found JOIN ({_HIT}) AS f USING (id)
    ORDER BY score DESC, commonness DESC, ndb_no LIMIT :limit OFFSET :offset
)
SELECT (SELECT count(*) FROM found) AS total, page.*
FROM (SELECT) AS always LEFT JOIN page ON true
ORDER BY score DESC, commonness DESC, ndb_no
""")

_BROWSE = text(f"""
WITH page AS (
    SELECT id FROM foods WHERE listed ORDER BY name, code LIMIT :limit OFFSET :offset
)
SELECT (SELECT count(*) FROM foods WHERE listed) AS total, f.*, 0.0 AS score
FROM (SELECT) AS always LEFT JOIN page ON true LEFT JOIN ({_HIT}) AS f USING (id)
ORDER BY f.name, f.ndb_no
""")


def search(session: Session, q: str, limit: int = 20, offset: int = 0) -> Page:
    """Foods that *q* asks for, the likeliest first; all foods by name where *q* is blank.

    Any text may come in; where it means nothing the page is empty. limit is 1 to 100. Pages are
    consecutive as long as the catalogue stays the same.
    """
    window = {"limit": max(1, min(limit, MOST_RESULTS)), "offset": max(0, min(offset, DEEPEST))}
    if not q.strip():
        return _page(session, _BROWSE, window)
    query = understand(session, q)
    page = Page([], 0, None)
    if query.words:
        wanted = window | {
            "asked_as": " ".join(query.likeliest),
            "likeliest": query.likeliest,
            "in_head": query.all("A"),
            "near_head": query.all("AB"),
        }
        page = _page(session, _ALL, wanted | {"wanted": query.all()}, query.corrected)
        if not page.total and len(query.words) > 1:
            either = {"wanted": query.any(), "each": query.each()}
            page = _page(session, _ANY, wanted | either, query.corrected)
    elif query.unknown:
        page = _page(session, _ALIKE, window | {"phrase": " ".join(query.unknown)})
    return page


def _page(
    session: Session,
    statement: TextClause,
    parameters: Mapping[str, Any],
    corrected: str | None = None,
) -> Page:
    rows = session.execute(statement, parameters).all()
    hits = [
        FoodHit(
            id=str(row.id),
            name=row.name,
            source=row.source,
            ndb_no=row.ndb_no,
            group=row.group,
            manufacturer=row.manufacturer or None,
            common_names=row.common_names or None,
            energy_kcal=None if row.energy_kcal is None else float(row.energy_kcal),
            score=round(float(row.score), 4),
        )
        for row in rows
        if row.id is not None
    ]
    # The total comes in every row, and in a row of its own where the page is empty.
    total = rows[0].total
    after = parameters["offset"] + len(hits)
    return Page(hits, total, after if hits and after < total else None, corrected)
