"""What we sign, the reference library of Standard Webhooks verifies."""

from __future__ import annotations

import base64
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from services.webhooks import signing

BODY = '{"type":"batch.succeeded","data":{"title":"Crème brûlée"}}'


def _signed(*keys: str) -> dict[str, str]:
    return signing.headers(keys, message_id="msg_1", timestamp=int(time.time()), body=BODY)


def test_the_reference_library_verifies_a_message():
    key = signing.new_secret()

    assert Webhook(key).verify(BODY, _signed(key))["type"] == "batch.succeeded"


def test_a_signature_is_the_one_that_the_standard_shows():
    # The example of the specification: secret, id, timestamp and body give this signature.
    signed = signing.headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body='{"test": 2432232314}',
    )

    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_replaced_receivers_that_know_either_accept():
    new, old = signing.new_secret(), signing.new_secret()
    signed = _signed(new, old)

    for key in (new, old):
        assert Webhook(key).verify(BODY, signed)


@pytest.mark.parametrize("what", ["webhook-id", "webhook-timestamp", "body", "key"])
def test_nothing_of_a_message_can_be_changed_unnoticed(what):
    key = signing.new_secret()
    signed, body = _signed(key), BODY
    if what == "body":
        body += " "
    elif what == "key":
        key = signing.new_secret()
    else:
        signed[what] = str(int(time.time()) + 1)
    with pytest.raises(WebhookVerificationError):
        Webhook(key).verify(body, signed)


def test_secrets_are_of_the_length_that_the_standard_asks_for_and_never_the_same():
    keys = {signing.new_secret() for _ in range(50)}

    assert len(keys) == 50
    assert {len(base64.b64decode(key.removeprefix("whsec_"))) for key in keys} == {32}
