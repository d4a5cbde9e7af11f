"""Templates: a notification in the words of an e-mail, plain text and HTML.

A pair for each topic lies in `templates/`, and a layout for all. What comes from outside (an
administrator's words, counts, reasons) is data in them: the HTML escapes it.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.notifications.channels import Letter

#: Characters of a line of plain text, so that it can be quoted a few times (RFC 3676, 4.2).
WIDTH = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where links lead. api: the API's own URL. frontend: of a browser application, or empty.

    Both without a slash at the end.
    """

    api: str
    frontend: str = ""

    def of(self, path: str | None) -> str | None:
        """Where a person sees what lies at *path* of the API.

        The browser application shows `/v1/batches/…` at `/batches/…`; without one there is nothing
        for a browser to see, since the API asks for a credential.
        """
        if path is None or not self.frontend:
            return None
        return self.frontend + quote(path.removeprefix("/v1"), safe="/?&=%")


@dataclass(frozen=True, slots=True)
class Written:
    """The words of one e-mail. html: a whole document."""

    text: str
    html: str


def write(letter: Letter, places: Places, unsubscribe_url: str | None) -> Written:
    """A letter's words as an e-mail. unsubscribe_url: None where its topic cannot be muted."""
    values = {
        "title": letter.title,
        "text": letter.text,
        "name": letter.name,
        "parameters": letter.parameters,
        "url": places.of(letter.path),
        "api_url": None if letter.path is None else places.api + letter.path,
        "unsubscribe_url": unsubscribe_url,
    }
    text = _environment().get_template(f"{letter.topic}.txt").render(values)
    html = _environment().get_template(f"{letter.topic}.html").render(values)
    # What a template leaves out leaves no gap.
    return Written(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", html)


def paragraphs(text: str) -> list[list[str]]:
    """Text as paragraphs of lines: an empty line ends a paragraph."""
    parts = re.split(r"\n[ \t]*(?:\n[ \t]*)+", "\n".join(text.splitlines()).strip())
    return [part.split("\n") for part in parts if part]


def fill(text: str) -> str:
    """Text in lines of at most WIDTH characters, but for words that are longer themselves."""
    return "\n\n".join(
        "\n".join(
            textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
            for line in lines
        )
        for lines in paragraphs(text)
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("services.notifications", "templates"),
        # By name: what a template is missing is a defect, found by rendering each in a test.
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"fill": fill, "paragraphs": paragraphs}
    return environment
