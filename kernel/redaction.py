"""Redaction: the second wall before secrets. The first is that nobody logs one.

Whatever leaves for a log or a job's history passes here: secrets whose form tells them, and the
values of this process's own settings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import fields
from urllib.parse import quote, unquote, urlsplit

from kernel.settings import Settings

REDACTED = "[redacted]"
#: Characters of a value of the settings that is looked for: shorter ones are words, too.
SHORTEST = 10

#: What a line contains if the expression beside it may find something: a look that costs 50 ns.
_FORMS: tuple[tuple[str, re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    # API keys, refresh tokens, tickets and unsubscribe links of ours, whole or cut short.
    ("np", re.compile(r"(np[krtu]_)[0-9A-Za-z_-]{6,}"), rf"\1{REDACTED}"),
    ("whsec_", re.compile(r"(whsec_)[0-9A-Za-z+/=_-]{6,}"), rf"\1{REDACTED}"),
    # RFC 7519: the base64 of {" begins every JSON Web Token.
    ("eyJ", re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*)*"), REDACTED),
    ("earer", re.compile(r"(\b[Bb]earer\s+)[^\s\"'\\,]{12,}"), rf"\1{REDACTED}"),
    ("asic ", re.compile(r"(\b[Bb]asic\s+)[0-9A-Za-z+/]{8,}=*"), rf"\1{REDACTED}"),
    # The password of an address, and none of a port: it ends with @.
    ("://", re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@\"']*:)[^\s/@\"']+(?=@)"), rf"\1{REDACTED}"),
    (
        "=",
        re.compile(r"\b((?:ticket|token|password|secret|api_key)=)[^\s&\"'\\,;)]+", re.IGNORECASE),
        rf"\1{REDACTED}",
    ),
    # PostgreSQL shows the row that it refused. Until the line's end, which in JSON is \n; there a
    # quote ends the text, too, and where it stands at a line's begin it does not.
    ("DETAIL:", re.compile(r"^(DETAIL:).*", re.MULTILINE), rf"\1 {REDACTED}"),
    ("DETAIL:", re.compile(r"(DETAIL:)(?:[^\"\\\n]|\\[^n])*"), rf"\1 {REDACTED}"),
    # So it does while rows are copied in: of what table, line and column stays.
    (
        "COPY ",
        re.compile(
            r"(\bCOPY [\w.]+, line \d+(?:, column \w+)?: )(?:\".*|\\+\"(?:[^\"\\\n]|\\[^n])*)"
        ),
        rf"\1{REDACTED}",
    ),
)
_literals: tuple[str, ...] = ()


def know(settings: Settings) -> None:
    """Have the secrets of *settings* redacted wherever they appear, spelled as JSON or in a URL."""
    global _literals
    found = {
        form
        for secret in _secrets(settings)
        if len(secret) >= SHORTEST
        for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])
    }
    _literals = tuple(sorted(found, key=len, reverse=True))


def redact(text: str) -> str:
    """The text, with REDACTED in the place of every secret that is found in it."""
    for literal in _literals:
        if literal in text:
            text = text.replace(literal, REDACTED)
    for mark, form, instead in _FORMS:
        if mark in text:
            text = form.sub(instead, text)
    return text


def _secrets(settings: Settings) -> Iterable[str]:
    for field in fields(settings):
        value = getattr(settings, field.name)
        if not isinstance(value, str) or not value:
            continue
        if field.name.endswith("_url") and "@" in value:
            password = urlsplit(value).password or ""
            yield from (password, unquote(password))
        elif "secret" in field.name or field.name.startswith("backup_key"):
            yield value
