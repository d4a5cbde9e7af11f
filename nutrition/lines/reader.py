"""The trained parser (ingredient-parser-nlp), with the repeated half of its work done once.

It describes every word by its own features and those of three neighbours on each side, and works
each of them out anew, seven times over; and it runs patterns of hundreds of units where a glance
tells that none can match. `_Once` keeps and skips: the same features, so the same answer (a test
compares it with the library's own), in three quarters of the time.
"""

from __future__ import annotations

import os
import re
import threading
from functools import cache, lru_cache
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

# Units that the parser does not know, plural to singular.
UNITS = {"thumbs": "thumb", "spoonfuls": "spoonful", "dl": "dl", "cl": "cl"}
UNITS |= {"sleeves": "sleeve", "pouches": "pouch", "canisters": "canister", "tubs": "tub"}
UNITS |= {"slugs": "slug", "racks": "rack"}

# Words, and amounts, of which what was worked out is kept: those of recipes, not of malice.
MOST_KEPT = 4_096
GLUED = re.compile(r"[^\W\d]-?\d")

# The parser keeps the last sentence's probabilities on the shared model: one sentence at a time.
_parser_lock = threading.Lock()


def _new_lock() -> None:
    """A fork while another thread parses would leave the child a lock that nobody opens."""
    global _parser_lock
    _parser_lock = threading.Lock()


os.register_at_fork(after_in_child=_new_lock)


class Reading(NamedTuple):
    """parsed: the parser's `ParsedIngredient`, units as strings. bracketed: words in brackets."""

    parsed: Any
    bracketed: frozenset[int]


def read(line: str) -> Reading:
    """The parser's answer for a clean line.

    Raises whatever the parser raises for text it cannot take ("1/0 cup", nothing but blanks).
    """
    reader = _reader()
    with _parser_lock:
        return reader(line)


def _bracketed(words: list[str]) -> frozenset[int]:
    depth, found = 0, []
    for place, word in enumerate(words):
        depth += word == "("
        if depth > 0:
            found.append(place)
        depth -= word == ")"
    return frozenset(found)


@cache
def _reader() -> Callable[[str], Reading]:
    # Imported late: it loads NLTK, which must first be told where the tagger is (parser_model).
    from ingredient_parser.dataclasses import LabelledToken
    from ingredient_parser.en import _regex, _utils, postprocess
    from ingredient_parser.en._constants import pluralise_known_unit
    from ingredient_parser.en._loaders import load_parser_model
    from ingredient_parser.en.postprocess import PostProcessor
    from ingredient_parser.en.preprocess import PreProcessor

    class _Once(PreProcessor):
        def sentence_features(self) -> list[dict[str, Any]]:
            own = super()._common_features
            self._kept = [own(place, "") for place in range(len(self.tokenized_sentence))]
            features: list[dict[str, Any]] = super().sentence_features()
            return features

        def _common_features(self, index: int, prefix: str) -> dict[str, Any]:
            kept = self._kept[index]
            names = prefixed.get(prefix)
            if names is None:
                names = prefixed[prefix] = tuple(prefix + name for name in kept)
            return dict(zip(names, kept.values(), strict=True))

        def _split_quantity_and_units(self, sentence: str) -> str:
            # Two of its patterns try 300 units at every letter, for "cup2" and "cup-2".
            if GLUED.search(sentence):
                split: str = super()._split_quantity_and_units(sentence)
                return split
            sentence = _regex.QUANTITY_UNITS_PATTERN.sub(r"\1 \2", sentence)
            return str(_regex.STRING_QUANTITY_HYPHEN_PATTERN.sub(r"\1 \2", sentence))

        def _word_shape(self, token: str) -> str:
            found = shapes.get(token)
            if found is None:
                found = super()._word_shape(token)
                if len(shapes) < MOST_KEPT:
                    shapes[token] = found
            return found

    # A pattern of 200 alternatives, run three times a line over the same few words ("2 cup").
    # And the mean of confidences, by exact fractions where floats tell the same to 6 digits.
    vars(postprocess)["mean"] = fmean
    vars(_utils)["pluralise_known_unit"] = lru_cache(MOST_KEPT)(pluralise_known_unit)
    tagger = load_parser_model()
    shapes: dict[str, str] = {}
    prefixed: dict[str, tuple[str, ...]] = {}

    def reader(line: str) -> Reading:
        prepared = _Once(line, custom_units=UNITS)
        tagged = tagger.tag_from_features(prepared.sentence_features(), True)
        tokens = [
            LabelledToken(
                index=token.index,
                text=token.text,
                pos_tag=token.pos_tag,
                label=label,
                score=score,
                plural=token.index in prepared.singularised_indices,
            )
            for token, (label, score) in zip(prepared.tokenized_sentence, tagged, strict=True)
        ]
        parsed = PostProcessor(line, tokens, custom_units={}, string_units=True).parsed
        return Reading(parsed, _bracketed([token.text for token in tokens]))

    return reader
