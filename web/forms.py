"""Forms: the base of all schemas, and errors by the path of their field."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, NoReturn

import marshmallow as ma
from webargs.flaskparser import FlaskParser

from kernel.errors import Invalid


class Form(ma.Schema):
    """A schema that refuses unknown fields by name and says which one may have been meant."""

    class Meta:
        unknown = ma.RAISE
        ordered = True

    def load(self, data: Any, **options: Any) -> Any:
        try:
            return super().load(data, **options)
        except ma.ValidationError as error:
            messages = error.messages
            if isinstance(messages, dict):
                known = {field.data_key or name: field for name, field in self.fields.items()}
                for name in messages:
                    if isinstance(name, str) and name not in known and name != "_schema":
                        messages[name] = [f"Unknown field.{_hint(name, known)}"]
            raise


class Answer(ma.Schema):
    """A schema of what we send: documentation, which the contract test holds answers against."""


def errors_by_path(messages: Any, path: str = "") -> dict[str, list[str]]:
    """Marshmallow's nested messages as field paths: ``{"ingredients.3.quantity": [...]}``."""
    if isinstance(messages, Mapping):
        flat: dict[str, list[str]] = {}
        for name, below in messages.items():
            step = path if name == "_schema" else f"{path}.{name}" if path else str(name)
            for found, reasons in errors_by_path(below, step).items():
                flat.setdefault(found, []).extend(reasons)
        return flat
    reasons = messages if isinstance(messages, list) else [messages]
    return {path or "body": [str(reason) for reason in reasons]}


class _Typed(ma.fields.Field[Any]):
    """Refuses what JSON spells as another type: the text "1" is no number, and 1 no boolean."""

    takes: tuple[type, ...] = ()

    def _deserialize(self, value: Any, *args: Any, **more: Any) -> Any:
        if type(value) not in self.takes:
            raise self.make_error("invalid")
        return super()._deserialize(value, *args, **more)


class Whole(_Typed, ma.fields.Integer):
    takes = (int, float)

    def _deserialize(self, value: Any, *args: Any, **more: Any) -> Any:
        if isinstance(value, float):
            if not value.is_integer():
                raise self.make_error("invalid")
            value = int(value)  # JSON Schema calls 3.0 an integer
        return super()._deserialize(value, *args, **more)


class Number(_Typed, ma.fields.Float):
    takes = (int, float)


class Truth(_Typed, ma.fields.Boolean):
    takes = (bool,)


def loaded(form: type[Form], value: Any) -> dict[str, Any]:
    """The fields of a body. Raises Invalid with the reasons by field."""
    try:
        fields: dict[str, Any] = form().load(value)
    except ma.ValidationError as error:
        errors = errors_by_path(error.messages)
        name, reasons = next(iter(errors.items()))
        raise Invalid(f"{name}: {reasons[0]}", errors) from None
    return fields


class QueryParser(FlaskParser):
    """Reads queries: unknown parameters are refused, and errors are the platform's own."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": None}

    def handle_error(self, error: ma.ValidationError, *_: Any, **__: Any) -> NoReturn:
        messages = error.messages
        if isinstance(messages, Mapping):
            messages = messages.get("query", messages)
        errors = errors_by_path(messages)
        name, reasons = next(iter(errors.items()))
        raise Invalid(f"{name}: {reasons[0]}", errors) from error


def _hint(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f" Did you mean {near[0]!r}?" if near else ""
