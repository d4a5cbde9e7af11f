"""A broadcast to people behind many hosts, of which one hangs and one asks to be left alone."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from functools import partial

from sqlalchemy import text

from kernel.ids import new_id
from services.notifications import broadcasts
from services.notifications.broadcasts import Draft
from services.webhooks import endpoints
from services.webhooks.jobs import DELIVER
from tests.faults.hosts import Host, Hosts
from tests.faults.report import Report
from tests.faults.stage import Stage
from tests.processes import eventually

#: The figure that is compared.
TOOK = "seconds until the others had theirs"
_PEOPLE = text("""
    WITH made AS (
        INSERT INTO accounts (id, name) SELECT id, 'person-' || id
        FROM unnest(CAST(:ids AS uuid[])) AS id RETURNING id
    )
    INSERT INTO people (account_id, email, password_hash)
    SELECT id, id || '@example.org', '!' FROM unnest(CAST(:ids AS uuid[])) AS id
""")
_STATES = """
    SELECT d.state FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
    WHERE e.url = :url
"""


def one_hangs(
    stage: Stage, *, hosts: int, people: int, block: int, calm: bool, latency: float = 0.05
) -> Report:
    """*people* behind each of *hosts* get a broadcast. Unless it is calm, two hosts misbehave.

    block: of addresses, one for each time. latency: seconds until an answer. The report has the
    seconds until those that are well in both cases had all of theirs.
    """
    said = "all are well" if calm else "one hangs, one answers 429"
    report = Report(f"{hosts} hosts, {people} people each, {latency:g} s an answer: {said}")
    receivers = Hosts(hosts, block=block, latency=latency)
    deaf, busy, *well = receivers.hosts
    try:
        if not calm:
            deaf.way, busy.way = "deaf", "busy"
        recipients = _settle(stage, receivers, people)
        began = _tell(stage, recipients)
        eventually("those that are well have theirs", partial(_have, well, people), 600)
        took = max(max(host.accepted.values()) for host in well) - began
        report.figures[TOOK] = round(took, 2)
        report.equal("delivered twice", 0, sum(len(one.calls) - people for one in well))
        if not calm:
            waiting = [row.state for row in stage.rows(_STATES, url=receivers.url(deaf))]
            report.equal("pending for the one that hangs", people, waiting.count("pending"))
            eventually("the busy one has its own", partial(_have, [busy], people), 600)
            _kept(report, busy, receivers.retry_after)
        most = max(host.most for host in receivers.hosts)
        limit = DELIVER.per_key or 0
        report.holds("calls to a host at once", f"at most {limit}", most, most <= limit)
        report.figures["calls to the one that hangs"] = len(deaf.calls)
        _forget(stage, receivers)
    finally:
        receivers.close()
    return report


def _settle(stage: Stage, receivers: Hosts, people: int) -> list[uuid.UUID]:
    """People, each with an endpoint at one of the hosts; their ids, the hosts in turn."""
    ids = [new_id() for _ in range(people * len(receivers.hosts))]
    with stage.database.transaction() as session:
        session.execute(_PEOPLE, {"ids": ids})
        for number, person in enumerate(ids):
            host = receivers.hosts[number % len(receivers.hosts)]
            endpoints.create(session, person, receivers.url(host), loopback=True)
    return ids


def _tell(stage: Stage, recipients: Sequence[uuid.UUID]) -> float:
    """Have a broadcast accepted; answers when (of the monotonic clock)."""
    draft = Draft(
        topic="announcement",
        title="News",
        body="There are news.",
        user_ids=recipients,
        channels=["webhook"],
    )
    began = time.monotonic()
    with stage.database.transaction() as session:
        broadcasts.accept(session, draft, owner=stage.account, actor="person:tests")
    return began


def _have(hosts: Sequence[Host], people: int) -> bool:
    return all(len(host.accepted) >= people for host in hosts)


def _kept(report: Report, busy: Host, retry_after: float) -> None:
    """No message is sent again before the time that its refusal named."""
    report.none(
        "refused by the busy one, and never accepted", set(busy.refused) - set(busy.accepted)
    )
    waited = [
        at - busy.refused[message] for message, at in busy.calls if at > busy.refused[message]
    ]
    early = [round(seconds, 2) for seconds in waited if seconds < retry_after]
    report.none(f"sent again within the {retry_after:g} s it asked for", early)
    report.figures["seconds after which it was called again"] = (
        f"{min(waited):.1f} to {max(waited):.1f}"
    )


def _forget(stage: Stage, receivers: Hosts) -> None:
    """What waits still is not delivered: the next broadcast finds nothing of this one."""
    urls = [receivers.url(host) for host in receivers.hosts]
    with stage.database.transaction() as session:
        session.execute(
            text("DELETE FROM webhook_endpoints WHERE url = ANY(:urls)"), {"urls": urls}
        )
