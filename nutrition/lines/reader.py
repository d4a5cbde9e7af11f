"""The trained parser (ingredient-parser-nlp), with the repeated half of its work done once.

It describes every word by its own features and those of three neighbours on each side, and works
each of them out anew, seven times over. `_Once` keeps them by word: the same features, so the same
answer (a test compares them with the library's own), in two thirds of the time.
"""

from __future__ import annotations

import os
import threading
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

# Units that the parser does not know, plural to singular.
UNITS = {
    "thumbs": "thumb",
    "rashers": "rasher",
    "spoonfuls": "spoonful",
    "dollops": "dollop",
    "dl": "dl",
    "cl": "cl",
}

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
    from ingredient_parser.en._loaders import load_parser_model
    from ingredient_parser.en.postprocess import PostProcessor
    from ingredient_parser.en.preprocess import PreProcessor

    class _Once(PreProcessor):
        def sentence_features(self) -> list[dict[str, Any]]:
            own = super()._common_features
            places = range(len(self.tokenized_sentence))
            self._kept = [list(own(place, "").items()) for place in places]
            features: list[dict[str, Any]] = super().sentence_features()
            return features

        def _common_features(self, index: int, prefix: str) -> dict[str, Any]:
            return {prefix + name: value for name, value in self._kept[index]}

    tagger = load_parser_model()

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
        parsed = PostProcessor(line, tokens, custom_units=UNITS, string_units=True).parsed
        return Reading(parsed, _bracketed([token.text for token in tokens]))

    return reader
