"""A line in a language nobody taught is told as such; an English one with foreign names is not."""

from __future__ import annotations

import pytest

from nutrition.foods import aliases
from nutrition.lines import language
from nutrition.lines.parsing import parse
from tests.nutrition.conftest import DATA


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2 EL Olivenöl", "de"),
        ("1 Prise Salz", "de"),
        ("250 g Mehl", "de"),
        ("3 Knoblauchzehen, gehackt", "de"),
        ("500 g Kartoffeln, festkochend", "de"),
        ("Salz und Pfeffer", "de"),
        ("1 cuillère à soupe d'huile d'olive", "fr"),
        ("2 gousses d'ail", "fr"),
        ("200 g de farine", "fr"),
        ("sel et poivre", "fr"),
        ("2 cucharadas de aceite de oliva", "es"),
        ("1 cebolla picada", "es"),
        ("3 dientes de ajo", "es"),
        ("2 cucchiai di olio", "it"),
        ("100 g di zucchero", "it"),
        ("2 spicchi d'aglio", "it"),
        ("2 colheres de sopa de azeite", "pt"),
        ("1 xícara de açúcar", "pt"),
        ("2 eetlepels olijfolie", "nl"),
        ("1 ui, gesnipperd", "nl"),
        ("2 msk smör", "sv"),
        ("3 dl vetemjöl", "sv"),
        ("2 spsk olie", "da"),
        ("1 løg", "da"),
        ("2 łyżki mąki", "pl"),
        ("1 szklanka cukru", "pl"),
        ("2 lžíce cukru", "cs"),
        ("1 su bardağı şeker", "tr"),
        ("2 rkl sokeria", "fi"),
        ("20 dkg liszt", "hu"),
        ("玉ねぎ 1個", "ja"),
        ("牛乳 200cc", "zh"),
        ("薄力粉 大さじ1/2", "ja"),
        ("2 стакана муки", "ru"),
        ("200 г борошна, просіяного крізь сито; сіль", "uk"),
        ("٢ كوب طحين", "ar"),
        ("میدہ۔۔۔۔۔1کپ", "ur"),
        ("2 φλιτζάνια αλεύρι", "el"),
        ("밀가루 2컵", "ko"),
        ("2 कप आटा", "hi"),
    ],
)
def test_a_line_of_another_language_is_named(line: str, code: str) -> None:
    assert language.of(line) == code


@pytest.mark.parametrize(
    "line",
    [
        "1/2 cup crème fraîche",
        "200g/7oz crème fraîche",
        "2 jalapeños, seeded",
        "chicken liver pâté",
        "100 g jamón serrano",
        "1 shot crème de cacao",
        "1 tsp herbes de Provence",
        "dulce de leche",
        "1 bouquet garni",
        "fleur de sel",
        "haricots verts",
        "4 oz queso fresco, crumbled",
        "pico de gallo",
        "2 oz prosciutto di Parma",
        "aceto balsamico",
        "1 cup açaí purée",
        "2 tbsp nước mắm (fish sauce)",
        "3 Bratwurst",
        "1 (10 ounce) package Old El Paso taco shells",
        "salt",
        "2 courgettes",
        "1 cup Gruyère",
        "pasta al dente",
        "½ jalapeño",
        "filet mignon",
        "pommes frites",
        "1 lb boeuf bourguignon cut beef",
        "5 leaves of gelatine, soaked in a bowl of cold water",
        "garam masala",
        "masa harina",
        "panna cotta",
        "Garbanzos",
        "queso blanco",
        "arroz",
        "confit de canard",
        "500g fromage frais",
        "1 lb Maris Piper potatoes",
        "8 cornichons, sliced",
        "1 cup farina",
        "beef au jus",
        "candied citron",
        "cavolo nero",
        "petits pois",
        "acini di pepe",
        "spaghetti alle vongole",
        "1 tin cannellini beans",
        "mahi mahi",
        "mirin",
        "",
        "1 2 3",
    ],
)
def test_an_english_line_with_foreign_names_raises_no_alarm(line: str) -> None:
    assert language.of(line) == ""


def test_a_line_of_another_language_is_not_read_but_kept(engine: object) -> None:
    parsed = parse("• 2 EL Olivenöl")

    assert parsed.language == "de"
    assert parsed.names == ("2 EL Olivenöl",)
    assert not parsed.amounts


def test_no_everyday_name_of_a_food_is_taken_for_another_language() -> None:
    names = {name for _, name in aliases.read_folder(DATA / "food_aliases")}

    assert [name for name in sorted(names) if language.of(name)] == []
