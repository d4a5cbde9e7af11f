"""What a search means: its words as the catalogue spells them.

A word is taken as it is if any food is described with it; else as the beginning of one
("brocc"); else as two written together ("cornflakes"); else as the nearest ones in spelling
("brocoli", "mlik").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from services.catalogue.wording import fold

#: Words of a query that are looked at. More never make a search better, only slower.
MOST_WORDS = 8
#: Characters of a query that are looked at, before folding.
MOST_CHARACTERS = 400
#: No word of the catalogue is longer, by some margin.
LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Query:
    """A search, understood.

    words: for each word of the search that foods are described with, the lexemes it may stand
    for, likeliest first. unknown: the words that stand for nothing. corrected: the search as it
    was understood, None where it was taken as it came.
    """

    words: tuple[tuple[str, ...], ...]
    unknown: tuple[str, ...]
    corrected: str | None

    @property
    def likeliest(self) -> list[str]:
        """One lexeme a word."""
        return [choices[0] for choices in self.words]

    def each(self, weights: str = "") -> list[str]:
        """A tsquery for each word, found in these weights only ("" for all)."""
        # Folded lexemes are letters and digits: nothing of tsquery's own syntax is among them.
        return [
            "(" + " | ".join(f"'{choice}':{weights}" for choice in choices) + ")"
            for choices in self.words
        ]

    def all(self, weights: str = "") -> str:
        """A tsquery for all words together."""
        return " & ".join(self.each(weights))

    def any(self) -> str:
        """A tsquery for any of the words."""
        return " | ".join(self.each())


_UNDERSTAND = text("""
WITH asked AS MATERIALIZED (
    SELECT place, word, (tsvector_to_array(to_tsvector('english', word)))[1] AS lexeme
    FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS u (word, place)
), seen AS MATERIALIZED (
    SELECT *, EXISTS (SELECT FROM food_words f WHERE f.lexeme = asked.lexeme) AS known FROM asked
)
SELECT word, lexeme, known,
    CASE WHEN NOT known AND length(word) > 1 THEN ARRAY(
        SELECT f.lexeme FROM food_words f
        -- The word is letters and digits only: nothing in it means anything to LIKE.
        WHERE f.word LIKE seen.word || '%' ORDER BY f.foods DESC, f.word LIMIT 12
    ) END AS beginnings,
    CASE WHEN NOT known AND length(word) > 5 THEN (
        SELECT ARRAY[f.word, f.lexeme, s.word, s.lexeme]
        FROM generate_series(3, length(seen.word) - 3) AS cut
        JOIN food_words f ON f.word = left(seen.word, cut)
        JOIN food_words s ON s.word = substr(seen.word, cut + 1)
        ORDER BY least(f.foods, s.foods) DESC, cut LIMIT 1
    ) END AS joined,
    CASE WHEN NOT known AND length(word) > 2 THEN ARRAY(
        SELECT ARRAY[f.word, f.lexeme, f.foods::text] FROM food_words f
        -- Short words are as far from one another as hundreds: of those the common ones first.
        ORDER BY f.word <-> seen.word, f.foods DESC, f.word LIMIT 40
    ) END AS neighbours
FROM seen WHERE lexeme IS NOT NULL ORDER BY place
""")


def understand(session: Session, asked: str) -> Query:
    """The search *asked*, word by word. Anything may come in; a stop word means nothing."""
    folded = fold(asked[:MOST_CHARACTERS]).split()
    words = [word for word in dict.fromkeys(folded) if len(word) <= LONGEST_WORD][:MOST_WORDS]
    understood: list[tuple[str, ...]] = []
    unknown: list[str] = []
    spelt: list[str] = []
    for row in session.execute(_UNDERSTAND, {"words": words}) if words else ():
        spellings, choices = _choices(row)
        spelt += spellings
        understood += choices
        # Nothing can be compared with a letter or two; a longer word may yet look like a name.
        if not choices and len(row.word) > 2:
            unknown.append(row.word)
    corrected = " ".join(spelt) if set(spelt) - set(words) else None
    return Query(tuple(dict.fromkeys(understood)), tuple(unknown), corrected)


def _choices(row: Row[Any]) -> tuple[list[str], list[tuple[str, ...]]]:
    """How one word is spelt in the catalogue, and its lexemes; two of each for two words in one."""
    if row.known:
        return [row.word], [(row.lexeme,)]
    if row.beginnings:
        return [row.word], [tuple(dict.fromkeys(row.beginnings))]
    if row.joined:
        first, first_lexeme, second, second_lexeme = row.joined
        return [first, second], [(first_lexeme,), (second_lexeme,)]
    neighbours = [(word, lexeme, int(n)) for word, lexeme, n in row.neighbours or ()]
    if near := nearest(row.word, neighbours):
        return [near[0][0]], [tuple(dict.fromkeys(lexeme for _, lexeme in near))]
    return [], []


def nearest(word: str, neighbours: list[tuple[str, str, int]]) -> list[tuple[str, str]]:
    """Of (word, lexeme, foods), those that *word* may be a misspelling of; at most three.

    Trigrams find the neighbours and cannot tell "mlik" from "milk" well: edits decide, and among
    equals the word that more foods carry. A longer word may be further off.
    """
    limit = 1 if len(word) <= 4 else 2 if len(word) <= 8 else 3
    near = sorted(
        (distance, -foods, other, lexeme)
        for other, lexeme, foods in neighbours
        if (distance := edits(word, other)) <= limit
    )
    return [(other, lexeme) for d, _, other, lexeme in near if d == near[0][0]][:3]


def edits(a: str, b: str) -> int:
    """Damerau-Levenshtein distance (optimal string alignment): neighbours swapped count once."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
