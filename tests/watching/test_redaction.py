"""Redaction: a secret that reaches a log line or an error does not leave with it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from kernel import redaction
from kernel.settings import Settings
from services.accounts import secrets
from services.jobs.settle import describe
from services.webhooks import signing

JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJlLW9mLWl0"
PLANTED = [
    (key := secrets.new_secret(), key),
    (token := secrets.new_secret(secrets.REFRESH), token),
    (ticket := secrets.new_secret(secrets.TICKET), f"GET /v1/jobs/1/events?ticket={ticket}&x=1"),
    (hook := signing.new_secret(), hook),
    (JWT, f"'Authorization': 'Bearer {JWT}'"),
    ("bmFtZTpwYXNzd29yZA==", "Authorization: Basic bmFtZTpwYXNzd29yZA=="),
    ("hunter2", "postgresql+psycopg://user:hunter2@127.0.0.1:5432/db is away"),
    ("hunter2", "redis://:hunter2@[::1]:6379/0"),
    ("hunter2", "Password=hunter2; host=db"),
    (
        "someone@example.org",
        "violates a check\nDETAIL:  Failing row contains (someone@example.org)",
    ),
    (
        "someone@example.org",
        'no uuid: "x"\nCONTEXT:  COPY people, line 3, column email: "someone@example.org"',
    ),
    ("$argon2", 'extra data\nCONTEXT:  COPY people, line 12: "1\t"a"\t$argon2id$v=19"'),
]


@pytest.fixture
def known() -> Iterator[None]:
    redaction.know(
        Settings(
            database_url="postgresql://u:p%2Fssw%C3%B6rd-1@127.0.0.1/db",
            redis_url="redis://127.0.0.1",
            jwt_secret='a "secret" with quotes and more',
        )
    )
    yield
    redaction._literals = ()


# Secrets are made anew in each process: as ids they would name other tests in each of them.
@pytest.mark.parametrize(("secret", "line"), PLANTED, ids=range(len(PLANTED)))
@pytest.mark.parametrize(
    "wrapped", [str, repr, lambda line: json.dumps({"a": line})], ids=["plain", "repr", "json"]
)
def test_a_secret_is_told_by_its_form(secret: str, line: str, wrapped: object) -> None:
    assert callable(wrapped)
    told = redaction.redact(wrapped(line))

    assert secret not in told
    assert redaction.REDACTED in told


def test_a_quote_in_a_row_that_was_refused_does_not_show_the_rest_of_it() -> None:
    told = redaction.redact(
        'a check\nDETAIL:  Failing row contains (Ada "Al", ada@example.org)\nHere'
    )

    assert told == f"a check\nDETAIL: {redaction.REDACTED}\nHere"


@pytest.mark.parametrize(
    "line",
    [
        '{"event":"request","route":"/v1/analyses","actor":"key:018f3c2e-0000-7000-8000-000000000000"}',
        "http://127.0.0.1:8000/v1/jobs",
        "worker ready: interactive@host, see https://example.org/a:b@c",
        "the bearer of this message",
        "COPY people, line 3, column email: of what nothing is shown",
    ],
)
def test_what_is_no_secret_is_left_alone(line: str) -> None:
    assert redaction.redact(line) == line


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "spelled",
    [
        "p/sswörd-1",
        "p%2Fssw%C3%B6rd-1",
        json.dumps("p/sswörd-1"),
        'a "secret" with quotes and more',
        json.dumps('a "secret" with quotes and more'),
    ],
)
def test_this_process_s_own_secrets_are_known_by_value(spelled: str) -> None:
    told = redaction.redact(f"it said {spelled}.")

    assert "sw" not in told.replace(redaction.REDACTED, "")
    assert "quotes" not in told


def test_an_error_kept_with_a_job_has_none_however_long_it_is() -> None:
    key = secrets.new_secret()
    problem = describe(ValueError("x" * 950 + key))

    assert key[:20] not in problem["message"]


LOGS = """
import logging, sys, structlog
from kernel import logging as ours
ours.configure()
secret = sys.argv[1]
structlog.get_logger().info("said", what=secret, odd=object(), big=2**70, half="\\ud800")
logging.getLogger("library").warning("it says %s", secret)
try:
    held = secret
    raise ValueError(secret)
except ValueError:
    structlog.get_logger().exception("failed")
    logging.getLogger("library").exception("failed too")
"""


def test_every_way_into_the_log_is_covered_and_comes_out_as_json() -> None:
    key = secrets.new_secret()
    ran = subprocess.run([sys.executable, "-c", LOGS, key], capture_output=True, text=True)
    lines = [json.loads(line) for line in ran.stderr.splitlines()]

    assert [line["event"] for line in lines] == [
        "said",
        f"it says npk_{redaction.REDACTED}",
        "failed",
        "failed too",
    ]
    assert key not in ran.stderr
    assert "ValueError" in lines[2]["exception"]
    assert "ValueError" in lines[3]["exception"]
