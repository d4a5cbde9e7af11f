"""Published recipes become requests, with the servings that their yields state and no others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.recipes import servings_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("yields", "servings"),
    [
        ("4 servings", 4.0),
        ("24 cookies", 24.0),
        ("2 dozen", 24.0),
        ("3 1/2 dozen cookies", 42.0),
        ("4-6 servings", 5.0),
        ("Serves 4 to 6", 5.0),
        ("12", 12.0),
        (8, 8.0),
        (True, None),
        (["4 servings"], None),
        ("0 servings", None),
        ("2 loaves", None),
        ("2 dozen cakes", 24.0),
        ("1 9-inch cake", None),
        ("1 - 9x13 inch pan", None),
        ("6 cups", None),
        ("0.75 cups", None),
        ("1 loaf", None),
        ("", None),
        (None, None),
    ],
)
def test_servings_are_read_where_a_yield_counts_what_is_eaten(
    yields: object, servings: float | None
) -> None:
    assert servings_of(yields) == servings


def test_each_row_becomes_a_request_that_names_its_row(tmp_path: Path) -> None:
    one = {"name": "Pie", "servings_n": 8.0, "ingredients": ["1 egg"], "calories": "9"}
    other = {"title": "Sauce", "yields": "2 cups", "ingredients": ["½ cup water"], "host": "x"}
    (tmp_path / "recipes_allrecipes.jsonl").write_text(json.dumps(one) + "\n")
    (tmp_path / "recipes_scraped.jsonl").write_text(json.dumps(other) + "\n")
    out = tmp_path / "requests.jsonl"

    script = ROOT / "benchmarks" / "recipes.py"
    words = [sys.executable, str(script), "--data", str(tmp_path), "--out", str(out)]
    subprocess.run(words, check=True, capture_output=True)

    assert [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] == [
        {
            "custom_id": "recipes_allrecipes:1",
            "title": "Pie",
            "servings": 8.0,
            "ingredients": ["1 egg"],
        },
        {"custom_id": "recipes_scraped:1", "title": "Sauce", "ingredients": ["½ cup water"]},
    ]
