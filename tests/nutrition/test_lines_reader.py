"""Our quicker way through the trained parser gives the parser's own answer."""

from __future__ import annotations

import pytest

from nutrition.engine import Engine
from nutrition.lines.reader import read

LINES = """2 cups all-purpose flour, sifted
1 (14.5 oz) can diced tomatoes, drained
2 tbsp butter or margarine, melted
1 cup plus 2 tablespoons sugar
salt and freshly ground black pepper, to taste
1 lb (450 g) boneless, skinless chicken breasts, cut into 1-inch pieces
1 cup chicken or vegetable broth (or water)
3 large eggs, at room temperature
1/2 cup packed fresh basil leaves, such as Genovese
2 x 400 g / 14 oz tins of chickpeas
1 to 2 teaspoons finely grated ginger, from a 2-inch piece
Juice of half a lemon, for serving"""


@pytest.mark.parametrize("line", LINES.splitlines())
def test_the_answer_is_the_librarys_own(engine: Engine, line: str) -> None:
    from ingredient_parser import parse_ingredient

    assert read(line).parsed == parse_ingredient(line, string_units=True)


def test_words_in_brackets_are_told(engine: Engine) -> None:
    assert read("1 cup (240 ml) milk").bracketed == {2, 3, 4, 5}
