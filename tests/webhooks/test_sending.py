"""A delivery is tried by the standard's table, honours what it is answered, and is logged."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook

import tasks.webhooks
from kernel.errors import Conflict
from kernel.outbound import Answer, Outside
from services import webhooks
from services.batches.jobs import ConcludeBatch
from services.jobs.cancel import cancel
from services.jobs.end import Ending, end
from services.jobs.enqueue import Order, enqueue
from services.jobs.retry import Outbound, Permanent, Snooze
from services.webhooks import deliveries, endpoints, sending
from tests.webhooks.sink import babble, drip, reset, silence, status


def _now_waits(post) -> tuple[str, float]:
    """The state of the only job, and the seconds until it is due."""
    with post.database.transaction() as session:
        row = session.execute(
            text("SELECT state, extract(epoch FROM next_at - now())::float8 AS due_in FROM jobs")
        ).one()
    return row.state, row.due_in


def test_a_delivery_arrives_signed_and_the_reference_library_verifies_it(post, sink):
    post.announce("7")
    assert post.attempt() is None

    (received,) = sink.received
    message = Webhook(post.secret()).verify(received.body, received.headers)
    assert message["type"] == "batch.succeeded"
    assert message["data"] == {"id": "7"}
    (delivery,) = post.deliveries()
    assert received.headers["webhook-id"] == str(delivery.id)
    assert received.headers["Content-Type"] == "application/json"
    assert (delivery.state, delivery.attempts, delivery.log[0].status) == ("delivered", 1, 204)


def test_the_ids_of_the_request_go_with_it(post, sink):
    post.announce()
    with post.database.transaction() as session:
        session.execute(text("UPDATE jobs SET correlation_id = 'request-1'"))
    post.attempt()

    assert sink.received[0].headers["X-Request-Id"] == "request-1"


def test_while_a_secret_is_replaced_both_verify_and_then_the_new_one_alone(post, sink):
    old = post.secret()
    with post.database.transaction() as session:
        endpoints.rotate(session, post.owner, post.endpoint.id)
    post.announce("during")
    post.attempt()
    post.age("previous_until", hours=25)
    post.announce("after")
    post.attempt()

    during, after = sink.received
    for key in (old, post.secret()):
        assert Webhook(key).verify(during.body, during.headers)
    assert Webhook(post.secret()).verify(after.body, after.headers)
    assert len(after.headers["webhook-signature"].split()) == 1


def test_a_failure_is_tried_again_by_the_table_with_the_same_id_and_body(post, sink):
    sink.answer(status(500, "so sorry"), status(204))
    post.announce()

    assert isinstance(post.attempt(), Outbound)

    state, due_in = _now_waits(post)
    assert state == "queued"
    assert 4 < due_in <= 5.5
    (delivery,) = post.deliveries()
    assert delivery.next_at is not None
    assert (delivery.state, delivery.log[0].status) == ("pending", 500)
    assert delivery.log[0].excerpt == "so sorry"
    post.hurry()
    assert post.attempt() is None
    first, second = sink.received
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert [one.status for one in post.deliveries()[0].log] == [500, 204]


def test_the_waits_are_those_of_the_standard_and_a_tenth_more_at_most():
    policy, error = webhooks.DELIVER.retry, Outbound("no")
    spec = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]

    for failures, wait in enumerate(spec, 1):
        assert wait <= policy.delay(error, failures, Random(7)) <= wait * 1.1
    assert policy.delay(error, 10, Random(7)) is None
    assert sum(spec) == timedelta(hours=75, minutes=35, seconds=5).total_seconds()


def test_a_delivery_that_was_tried_ten_times_has_failed(post, sink):
    sink.answer(*[status(500)] * 10)
    post.announce()
    for _ in range(10):
        assert isinstance(post.attempt(), Outbound)
        post.hurry()

    assert post.claim() is None
    (delivery,) = post.deliveries()
    assert (delivery.state, delivery.attempts, len(delivery.log)) == ("failed", 10, 10)
    assert delivery.ended_at is not None


@pytest.mark.parametrize("code", [200, 201, 204, 299])
def test_any_2xx_is_success(post, sink, code):
    sink.answer(status(code))
    post.announce()

    assert post.attempt() is None


@pytest.mark.parametrize("code", [301, 302, 307, 400, 401, 404, 422, 500, 502])
def test_anything_else_is_failure_and_a_redirect_is_not_followed(post, sink, code):
    sink.answer(status(code, Location=sink.url))
    post.announce()

    assert isinstance(post.attempt(), Outbound)
    assert len(sink.received) == 1


@pytest.mark.parametrize("how", [reset, "silence", "drip"])
def test_no_answer_in_time_is_a_failure_that_the_log_explains(post, sink, how):
    opening = b"HTTP/1.1 200 OK\r\nX: "
    sink.answer({"silence": silence(sink), "drip": drip(sink, opening)}.get(how, how))
    post.announce()

    assert isinstance(post.attempt(), Outbound)
    (attempt,) = post.deliveries()[0].log
    assert attempt.status is None
    assert attempt.error


def test_of_an_endless_answer_the_log_keeps_an_excerpt(post, sink, monkeypatch):
    monkeypatch.setattr(tasks.webhooks, "outside", lambda: Outside(loopback=True, seconds=10))
    sink.answer(babble)
    post.announce()

    assert post.attempt() is None
    assert post.deliveries()[0].log[0].excerpt.startswith("bla bla")
    assert len(post.deliveries()[0].log[0].excerpt) == sending.EXCERPT


def test_an_answer_of_any_bytes_can_be_logged(post, sink):
    def send(handler):
        handler.wfile.write(b"HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\n\x00\xff\xfe\x80")

    sink.answer(send)
    post.announce()
    post.attempt()

    assert post.deliveries()[0].log[0].excerpt == "\ufffd" * 4


@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_is_kept_by_the_delivery_and_by_its_neighbours(post, sink, code):
    sink.answer(status(code, Retry_After="120"))
    post.announce("one")
    post.attempt()
    state, due_in = _now_waits(post)
    assert state == "queued"
    assert 119 < due_in <= 132

    post.announce("two")
    with post.database.transaction() as session:
        session.execute(text("UPDATE jobs SET due = false WHERE failures > 0"))
    snoozed = post.attempt()

    assert isinstance(snoozed, Snooze)
    assert 100 < snoozed.seconds <= 120
    assert len(sink.received) == 1
    post.age("hold_until", minutes=3)
    post.hurry()
    assert post.attempt() is None


@pytest.mark.parametrize(
    ("code", "header", "seconds"),
    [
        (429, "7", 7),
        (503, "7", 7),
        (500, "7", None),
        (429, "", None),
        (429, "soon", None),
        (429, "-7", None),
        (429, "٧", None),
        (429, "1e9", None),
        (429, "99999999999999999999", 86400),
        (429, format_datetime(datetime(2026, 1, 1, 0, 1, tzinfo=UTC), usegmt=True), 60),
        (429, format_datetime(datetime(2025, 1, 1, tzinfo=UTC), usegmt=True), 0),
        (429, format_datetime(datetime(2030, 1, 1, tzinfo=UTC), usegmt=True), 86400),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date_and_clamped(code, header, seconds):
    answer = Answer(status=code, headers={"retry-after": header}, body=b"", seconds=0)

    assert sending.retry_after(answer, datetime(2026, 1, 1, tzinfo=UTC)) == seconds


def test_gone_disables_the_endpoint_at_once_and_what_waits_is_skipped(post, sink):
    sink.answer(status(410))
    post.announce("one")
    post.announce("two")

    assert isinstance(post.attempt(), Permanent)
    assert post.attempt() is None

    assert (post.state().enabled, post.state().disabled_reason) == (False, "gone")
    assert [one.state for one in post.deliveries()] == ["skipped", "failed"]
    assert len(sink.received) == 1
    assert post.announce("three") == 0


def test_five_days_of_nothing_but_failure_disable_the_endpoint(post, sink):
    sink.answer(*[status(500)] * 3)
    for key in ("one", "two"):
        post.announce(key)
        post.attempt()
        post.hurry()
        post.age("failing_since", days=2)
    assert post.state().enabled
    post.age("failing_since", days=1)

    post.attempt()

    assert (post.state().enabled, post.state().disabled_reason) == (False, "failing")


def test_one_success_forgives_all_failures_before_it(post, sink):
    sink.answer(status(500), status(204))
    post.announce()
    post.attempt()
    assert post.state().failing_since is not None
    post.age("failing_since", days=9)
    post.hurry()
    post.attempt()

    assert post.state().failing_since is None
    assert post.state().enabled


def test_an_endpoint_that_is_enabled_again_starts_afresh(post, sink):
    sink.answer(status(410))
    post.announce()
    post.attempt()

    with post.database.transaction() as session:
        endpoints.change(session, post.owner, post.endpoint.id, {"enabled": True})

    state = post.state()
    assert (state.enabled, state.disabled_reason, state.failing_since) == (True, None, None)


def test_a_name_that_leads_inside_is_refused_and_the_log_says_why(post, sink, monkeypatch):
    inside = Outside(resolve=lambda *_: ["169.254.169.254"])
    monkeypatch.setattr(tasks.webhooks, "outside", lambda: inside)
    with post.database.transaction() as session:
        changes = {"url": "http://metadata.example/"}
        endpoints.change(session, post.owner, post.endpoint.id, changes)
    post.announce()

    assert isinstance(post.attempt(), Permanent)
    (delivery,) = post.deliveries()
    assert delivery.state == "failed"
    assert "metadata" in delivery.log[0].error
    assert sink.received == []


def test_what_was_for_an_endpoint_that_is_removed_ends_quietly(post, sink):
    post.announce()
    with post.database.transaction() as session:
        endpoints.remove(session, post.owner, post.endpoint.id)

    assert post.attempt() is None
    assert sink.received == []


def test_a_cancelled_delivery_has_failed(post):
    post.announce()
    (delivery,) = post.deliveries()
    with post.database.transaction() as session:
        cancel(session, delivery.job_id, post.owner)

    assert post.deliveries()[0].state == "failed"


def test_a_redelivery_is_the_same_message_again(post, sink):
    post.announce()
    post.attempt()
    (delivery,) = post.deliveries()

    with post.database.transaction() as session:
        again = deliveries.redeliver(session, post.owner, post.endpoint.id, delivery.id)
    assert again.state == "pending"
    post.attempt()

    first, second = sink.received
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert [one.number for one in post.deliveries()[0].log] == [1, 2]


def test_what_is_still_tried_is_not_delivered_again(post):
    post.announce()
    (delivery,) = post.deliveries()
    with (
        pytest.raises(Conflict, match="still being tried"),
        post.database.transaction() as session,
    ):
        deliveries.redeliver(session, post.owner, post.endpoint.id, delivery.id)


def test_deliveries_are_deleted_when_their_time_is_up_and_their_attempts_with_them(post):
    post.announce()
    post.attempt()
    with post.database.transaction() as session:
        assert deliveries.delete_expired(session, timedelta(days=30)) == 0
        assert deliveries.delete_expired(session, timedelta(days=-1)) == 1
        assert session.scalar(text("SELECT count(*) FROM webhook_attempts")) == 0


def test_a_message_stays_within_what_the_standard_recommends(post, sink):
    largest = {f"{number:02}".ljust(64, "n"): "v" * 512 for number in range(16)}
    with post.database.transaction() as session:
        order = Order(
            payload=ConcludeBatch(batch_id=post.owner), owner=post.owner, actor="", metadata=largest
        )
        enqueue(session, order)
        error = {"type": "Permanent", "message": "m" * 2000}
        end(session, [order.id], Ending(state="failed", error=error))
    post.attempt()

    assert len(sink.received[0].body) < 20_000
    assert json.loads(sink.received[0].body)["type"] == "batch.failed"
