"""Three foods in the form of USDA's files, for tests that must not take the whole catalogue."""

from pathlib import Path

from scripts.build_catalogue import Rows, members_of, write

FILES = {
    "FD_GROUP": "0100^Dairy and Egg Products\n0900^Fruits and Fruit Juices",
    # number, group, name, short, common, maker, survey, refuse text and %, Latin, four factors
    "FOOD_DES": """\
00001^0100^Egg, of the moa, raw^EGG,MOA,RAW^giant egg^^Y^Shell^12^Dinornis^6.25^4.36^9.02^3.68
00002^0900^Quandongs, raw^QUANDONGS,RAW^^^^^^^^^^
00003^0900^Quandongs, dried^QUANDONGS,DRIED^^Bush Ltd.^^Stone^30^^^^^""",
    # number, unit, tagname, name, decimals, order
    "NUTR_DEF": """\
208^kcal^ENERC_KCAL^Energy^0^300
324^IU^VITD^Vitamin D^0^8750
328^µg^VITD^Vitamin D (D2 + D3)^1^8700
257^g^^Adjusted Protein^2^700""",
    # food, nutrient, value, points, error, source, derivation, from, added, studies, min, max,
    # degrees of freedom, lower, upper, comments, modified, confidence
    "NUT_DATA": """\
00001^208^143^0^^4^NC^^^^^^^^^^03/2011^
00001^328^2.0^10^.801^1^A^^N^1^-0.50^4.10^9^0.185^111560.368^2, 3^08/2010^
00002^208^61.00^3^^1^^00001^^^^^^^^^08/2010^
00002^257^0.00^1^^1^A^^^^^^^^^^08/2010^""",
    # Nutrients and codes are shared by all sources: these say what SR28 says, in its words.
    "SRC_CD": "1^Analytical or derived from analytical\n4^Calculated or imputed",
    "DERIV_CD": (
        "A^Analytical data\n"
        "NC^Nutrient that is based on other nutrient/s; calculated rather than analyzed"
    ),
    "WEIGHT": "00001^1^1^large^5200^^\n00001^2^.5^cup (4.86 \\ eggs)^121.5^7^1.50",
    "LANGUAL": "00001^X0001",
    "LANGDESC": "X0001^EGG, OF BIRDS",
    "FOOTNOTE": "00001^01^N^328^Feathers vary.\n00001^01^D^^Extinct.",
    "DATA_SRC": "X1^A. Author^Moas^1840^^^^^\nX2^^Eggs^^^^^^",
    "DATSRCLN": "00001^328^X2\n00001^328^X1",
}


def write_tiny(path: Path, version: str = "tiny-1", source: str = "tiny", **changed: str) -> Path:
    """A catalogue file of three foods. changed: files to put in place of those above."""
    tables: dict[str, Rows] = {
        name: [line.split("^") for line in content.split("\n")]
        for name, content in {**FILES, **changed}.items()
    }
    write(members_of(tables, version, source), path)
    return path
