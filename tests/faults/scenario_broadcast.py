"""A broadcast while the workers that fan it out and deliver it are killed: everybody, each once."""

from __future__ import annotations

import json
import time
from collections import Counter
from functools import partial
from random import Random

from sqlalchemy import text

from tests.faults.report import Report
from tests.faults.scenario_killed import kill
from tests.faults.stage import Stage
from tests.processes import eventually
from tests.webhooks.sink import Sink

WORKER = "worker-notifications"
#: What the stage needs besides: the sink is on this machine.
ENVIRON = {"OUTBOUND_LOOPBACK": "1"}
#: Seconds that the last deliveries may take once the faults are over.
PATIENCE = 900

# Accounts in one statement: twenty thousand sign-ups would take longer than their broadcast.
_PEOPLE = text("""
    WITH made AS (
        INSERT INTO accounts (id, name)
        SELECT uuidv7(), 'broadcast ' || gen_random_uuid() FROM generate_series(1, :people)
        RETURNING id
    ), person AS (
        INSERT INTO people (account_id, email, password_hash)
        SELECT id, id || '@example.org', 'nobody signs in' FROM made
    )
    INSERT INTO webhook_endpoints (id, owner_id, url, events, secret)
    SELECT gen_random_uuid(), id, :url, '{notification.*}', :secret FROM made
""")
_STANDING = """
    SELECT count(*) FROM webhook_deliveries WHERE state <> 'pending' AND key LIKE 'notification:%'
"""


def killed_on_the_way(stage: Stage, dice: Random, *, people: int, kills: int) -> Report:
    """A broadcast to *people* by inbox and webhook; SIGKILL for its worker, *kills* times."""
    stage = stage.fresh()
    report = Report(f"a broadcast to {people:,} people, its worker killed {kills} times")
    eventually("notifications are served", partial(stage.serves, "notifications"))
    sink = Sink()
    try:
        _sign_up(stage, sink, people)
        broadcast = _begin(stage)
        began = time.monotonic()
        # The first while people are told, the others while webhooks are delivered.
        marks = sorted(dice.random() * 0.9 for _ in range(kills - 1))
        eventually("somebody was told", partial(_told, stage, 1), 120)
        eventually("killed", partial(kill, stage, WORKER, "main", dice))
        for mark in marks:
            enough = int(people * mark)
            eventually(f"{enough} were delivered", partial(_delivered, stage, enough), PATIENCE)
            eventually("killed", partial(kill, stage, WORKER, "main", dice))
        eventually("nothing is pending", partial(_over, stage, broadcast), PATIENCE)
        report.figures["seconds to the last delivery"] = round(time.monotonic() - began, 1)
        _account(stage, report, broadcast, sink, people)
    finally:
        sink.close()
    return report


def _sign_up(stage: Stage, sink: Sink, people: int) -> None:
    secret = "whsec_" + "QUFB" * 8
    with stage.database.transaction() as session:
        session.execute(_PEOPLE, {"people": people, "url": sink.url, "secret": secret})


def _begin(stage: Stage) -> str:
    with stage.http() as http:
        answer = http.post(
            "/v1/admin/broadcasts",
            json={
                "topic": "announcement",
                "title": "Maintenance on Sunday",
                "body": "An hour from six.",
                "audience": "everyone",
                "channels": ["inbox", "webhook"],
            },
        )
    assert answer.status_code == 202, answer.text
    return str(answer.headers["Location"].rpartition("/")[2])


def _told(stage: Stage, people: int) -> bool:
    return (stage.patient("SELECT count(*) FROM notifications") or 0) >= people


def _delivered(stage: Stage, enough: int) -> bool:
    return (stage.patient(_STANDING) or 0) >= enough


def _over(stage: Stage, broadcast: str) -> bool:
    with stage.http() as http:
        answer = http.get(f"/v1/admin/broadcasts/{broadcast}")
    shown = answer.json()
    return shown.get("state") == "finished" and not shown["deliveries"]["pending"]


def _account(stage: Stage, report: Report, broadcast: str, sink: Sink, people: int) -> None:
    with stage.http() as http:
        shown = http.get(f"/v1/admin/broadcasts/{broadcast}").json()
    report.equal("recipients", people, shown["recipients"])
    report.equal(
        "deliveries",
        {"pending": 0, "delivered": 2 * people, "failed": 0, "skipped": 0},
        shown["deliveries"],
    )
    report.none(
        "people who were skipped",
        stage.rows("""
            SELECT account_id FROM people p WHERE NOT EXISTS (SELECT 1 FROM notifications n
                WHERE n.account_id = p.account_id AND n.key = :key AND n.in_inbox)
            """, key=f"broadcast:{broadcast}"),
    )  # fmt: skip
    report.none(
        "people who were told twice",
        stage.rows("""
            SELECT account_id FROM notifications GROUP BY account_id HAVING count(*) > 1
        """),
    )
    # By its key: a worker that dies after a call makes it again, under the same webhook-id.
    calls = Counter(
        {name.lower(): value for name, value in one.headers.items()}["webhook-id"]
        for one in list(sink.received)
    )
    made = {str(row.id) for row in stage.rows("SELECT id FROM webhook_deliveries")}
    report.equal("webhooks by their id", people, len(calls))
    report.none("webhooks that were never received", made - calls.keys())
    report.none("webhooks that nobody ordered", calls.keys() - made)
    told = Counter(json.loads(one.body)["data"]["id"] for one in list(sink.received))
    report.equal("notifications in webhooks", people, len(told))
    report.figures["calls made again under their id"] = sum(calls.values()) - len(calls)
    report.figures["parts and deliveries that were lost and run again"] = stage.scalar(
        "SELECT count(*) FROM jobs_archive WHERE lost > 0"
    )
