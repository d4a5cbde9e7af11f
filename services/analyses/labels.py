"""The labels of a finished analysis: made from what was kept of it, whenever they are asked for.

Nothing of a label is stored but what the analysis itself shows: it follows from the totals within
milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from nutrition.labels import printing
from nutrition.labels.printing import AUDIENCES, STANDARDS, Audience, Standard
from services.analyses.store import Stored

__all__ = ["AUDIENCES", "FORMS", "STANDARDS", "Audience", "Form", "Standard", "label", "printed"]

Form = Literal["svg", "html", "txt"]
FORMS: Mapping[Form, Callable[[Mapping[str, Any]], str]] = {
    "svg": printing.as_svg,
    "html": printing.as_html,
    # With a newline at its end, as a text file has.
    "txt": lambda document: printing.as_text(document) + "\n",
}


def label(stored: Stored, standard: Standard, audience: Audience) -> dict[str, Any]:
    """The label as JSON values. Raises ValueError for an audience which that standard lacks."""
    return printing.label_of(stored.document, standard, audience)


def printed(stored: Stored, form: Form, standard: Standard, audience: Audience) -> str:
    """The label in one of `FORMS`. Raises ValueError for an audience which that standard lacks."""
    return FORMS[form](label(stored, standard, audience))
