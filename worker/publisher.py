"""Publish: messages for the broker, many in one round trip."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from kombu import Connection, Producer

from services.jobs.kinds import kind_named
from services.jobs.take import Message
from worker.app import app, group_name
from worker.queues import EXCHANGE, QUEUES

#: Commands sent in one round trip at most.
BATCH = 500


class Publisher:
    """A connection to the broker and a producer on it, made anew after an error."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._producer: Producer | None = None

    def publish(self, messages: Sequence[Message]) -> None:
        """Send *messages*. Raises what kombu and redis raise; some may have arrived then."""
        producer = self._connected()
        with producer.batch(max_size=BATCH):  # type: ignore[attr-defined]  # new in kombu 5.7
            for message in messages:
                _send(producer, message)

    def close(self) -> None:
        """Drop the connection; the next publish makes another."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            connection.release()

    def _connected(self) -> Producer:
        if self._producer is None:
            self._connection = app.connection_for_write(
                transport_options={
                    "socket_connect_timeout": 1,
                    "socket_timeout": 2,
                    # A batch that was retried blindly could arrive twice.
                    "retry_on_timeout": False,
                }
            )
            channel = self._connection.channel()
            for queue in QUEUES:
                queue.bind(channel).declare()
            self._producer = Producer(channel, exchange=EXCHANGE, serializer="json")
        return self._producer


def _send(producer: Producer, message: Message) -> None:
    first = message.members[0]
    # The id in Flower is the job's own, with the claim behind it: one line an attempt.
    task_id = f"{first.job_id}.{first.claim}"
    name: str = message.kind
    args: tuple[Any, ...] = (str(first.job_id), first.claim)
    shown = f"(job {first.job_id}, claim {first.claim}, owner {first.owner_id})"
    limits: tuple[int, int] | None = None
    if len(message.members) > 1:
        kind = kind_named(message.kind)
        name = group_name(message.kind)
        args = ([[str(member.job_id), member.claim] for member in message.members],)
        shown = f"({len(message.members)} jobs of {message.kind})"
        limits = (
            math.ceil(kind.hard_limit * len(message.members)),
            math.ceil(kind.soft_limit * len(message.members)),
        )
    task: Any = app.amqp.as_task_v2(
        task_id,
        name,
        args,
        argsrepr=shown,
        kwargsrepr="{}",
        ignore_result=True,
        time_limit=limits and limits[0],
        soft_time_limit=limits and limits[1],
    )
    headers = {**task.headers, "request_id": first.correlation_id}
    producer.publish(task.body, routing_key=message.queue, headers=headers, **task.properties)
