"""Point NLTK at the tagger that we ship, then import the line parser, without the network.

ingredient-parser-nlp looks for the tagger at import and downloads it where NLTK finds none; NLTK
finds none where another account could write it, as in a checkout made with a group-writable umask.
So a private copy goes into the work folder first, and a missing or refused one is an error here,
before the parser could reach out.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from nutrition.errors import MissingData

TAGGER = Path("taggers") / "averaged_perceptron_tagger_eng.zip"
RESOURCES = tuple(
    f"taggers/averaged_perceptron_tagger_eng/averaged_perceptron_tagger_eng.{part}.json"
    for part in ("classes", "tagdict", "weights")
)


def prepare(nltk_data: Path, work_folder: Path) -> None:
    """Import the parser and load its models. Takes about a second the first time, then nothing.

    nltk_data: the shipped data folder. work_folder: where the private copy goes.
    Raises MissingData where the tagger is not shipped or NLTK refuses the copy.
    """
    import nltk.data

    folder = str(_private_copy(nltk_data / TAGGER, work_folder))
    if folder not in nltk.data.path:
        nltk.data.path.insert(0, folder)
    for resource in RESOURCES:
        try:
            nltk.data.find(resource)
        except LookupError as error:
            raise MissingData(
                f"NLTK does not accept the tagger in {folder}: the folder must belong to this "
                f"account and be writable by no other ({resource} not found)"
            ) from error
    from nutrition.lines import reader

    reader.read("1 cup flour")  # loads the models, which forked workers then share


def _private_copy(shipped: Path, work_folder: Path) -> Path:
    """The tagger in a folder that only this account can write. Safe when many start at once."""
    try:
        content = shipped.read_bytes()
    except OSError as error:
        raise MissingData(
            f"{shipped} cannot be read ({error.strerror}): run python -m scripts.build_tagger"
        ) from error
    digest = hashlib.sha256(content).hexdigest()[:12]
    folder = work_folder / f"nltk-{digest}-{os.getuid()}"
    target = folder / TAGGER
    if not (target.is_file() and target.stat().st_size == len(content)):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkdir's mode is for the last folder alone, and the umask may have widened the others.
        for private in (folder, target.parent):
            private.chmod(0o700)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            file.write(content)
        Path(file.name).rename(target)
    return folder
