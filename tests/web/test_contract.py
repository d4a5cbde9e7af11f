"""The contract: what the OpenAPI document promises is what a caller with a good key gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from tests.web.client import Caller
from web import policy

OPERATIONS = sorted(
    re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
    for route in policy.POLICY
    # Streams are endless; tests/web/test_jobs.py and tests/notifications/test_inbox.py read them.
    if route not in policy.STREAMS and not route.startswith(("GET /docs", "GET /v1/openapi"))
)
DOCUMENTED = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
#: What the document allows is accepted, and what it forbids is refused: its schemas state the
#: very rules that services/analyses/requests.py checks.
AGREED = {
    GenerationMode.POSITIVE: checks.positive_data_acceptance,
    GenerationMode.NEGATIVE: checks.negative_data_rejection,
}
#: What these accept depends on the present time, on what is stored, or on two fields together: no
#: schema states it.
TIMELY = (
    "POST /v1/events",
    "GET /v1/analytics/",
    "GET /v1/analyses/{analysis_id}/label",
    "PATCH /v1/me",
    "DELETE /v1/me",
    "POST /v1/admin/broadcasts",
)


#: A probe takes nothing that could be wrong, and any text may be a token.
ANYTHING = ("z", "GET /v1/unsubscribe/{token}")
CASES = [
    (operation, mode)
    for operation in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or not operation.endswith(ANYTHING)
]


@pytest.fixture
def document(app: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/v1/openapi.json", app)


@pytest.mark.parametrize(("operation", "mode"), CASES)
def test_answers_are_as_documented(
    document: Any,
    new_key: Callable[..., str],
    new_person: Callable[..., Caller],
    operation: str,
    mode: GenerationMode,
) -> None:
    method, _, path = operation.partition(" ")
    positive = mode is GenerationMode.POSITIVE
    # What makes sense is sent by an administrator who has signed in, and what makes none by a key.
    who = new_person(role="admin").secret if positive else new_key(role="admin", scopes=None)
    # Plain, because schemathesis unpacks nothing that comes from an application in its own process.
    headers = {"Authorization": f"Bearer {who}", "Accept-Encoding": "identity"}

    @examples(
        max_examples=15,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=document[path][method].as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        if positive:
            # Two bodies under one key are refused, and rightly: tests/web/test_idempotency.py.
            case.headers.pop("Idempotency-Key", None)
        answer = case.call(headers=headers)
        agreed = [] if positive and operation.startswith(TIMELY) else [AGREED[mode]]
        case.validate_response(answer, checks=[*DOCUMENTED, *agreed])

    holds()
