"""The engine: ingredient lines to foods, grams, nutrients and labels. Pure but for `load`.

    engine = nutrition.load(Path("data"), Path("var/nutrition"))
    engine.analyze(AnalysisRequest(("2 cups flour", "1 egg"), servings=4)).document()

Importing the package reads nothing and imports no parser; `load` does both.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nutrition.engine import Engine

__all__ = ["load"]


def load(data_folder: Path, work_folder: Path) -> Engine:
    """Read the shipped data and return an engine, ready in about two seconds.

    data_folder: the repository's `data/`. work_folder: where the memory-mapped catalogue and a
    private copy of the tagger are unpacked; made if absent, shared by all processes of a machine.
    Raises MissingData where a file of the data folder is absent.
    """
    from nutrition import catalogue, unpacking
    from nutrition.cooking import kitchen
    from nutrition.engine import Engine
    from nutrition.errors import MissingData
    from nutrition.foods import aliases
    from nutrition.foods.matcher import Matcher, Weights
    from nutrition.lines import parser_model

    work_folder.mkdir(parents=True, exist_ok=True)
    parser_model.prepare(data_folder / "nltk_data", work_folder)
    try:
        table = catalogue.load(unpacking.unpack(data_folder / "sr28.npz", work_folder))
    except FileNotFoundError as error:
        raise MissingData(f"{error.filename} is missing from the data folder") from error
    pairs = aliases.read_folder(data_folder / "food_aliases")
    weights = Weights.load(data_folder / "food_weights.json")
    return Engine(
        table,
        Matcher(table, pairs, weights),
        kitchen.load(data_folder / "cooking", table),
    )
