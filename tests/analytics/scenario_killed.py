"""Workers killed while events stream in: every accepted event is counted once, in its bucket."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import httpx2

from tests.faults.report import Report
from tests.faults.scenario_killed import kill
from tests.faults.stage import Stage
from tests.processes import eventually

#: The program whose worker consumes the queue.
WORKER = "worker-upkeep"
NAMES = ("recipe.opened", "recipe.saved", "search.done")
#: Events lie over so many hours, which end an hour ago.
HOURS = 72
REPEATED = 0.05


def invent(count: int, dice: Random) -> list[dict[str, Any]]:
    """*count* events in no order, 5 % of which are there before."""
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    events: list[dict[str, Any]] = []
    for _ in range(count):
        if events and dice.random() < REPEATED:
            events.append(dice.choice(events))
            continue
        time = end - timedelta(milliseconds=dice.randrange(HOURS * 3_600_000) + 1)
        event = {"name": dice.choice(NAMES), "time": time.isoformat()}
        events.append(event | {"id": str(uuid.UUID(int=dice.getrandbits(128), version=4))})
    dice.shuffle(events)
    return events


def killed_while_ingesting(
    stage: Stage, dice: Random, *, events: int, kills: int, batch: int = 200
) -> Report:
    """*events* sent by four threads, the worker's processes killed *kills* times on the way."""
    stage = stage.fresh()
    report = Report(f"SIGKILL {kills} times under {events:,} events")
    sent = invent(events, dice)
    batches = [sent[at : at + batch] for at in range(0, len(sent), batch)]
    over = threading.Event()
    accepted = 0

    def send(some: list[dict[str, Any]]) -> None:
        nonlocal accepted
        with stage.http() as http:
            while not over.is_set():
                try:
                    answer = http.post("/v1/events", json={"events": some})
                except httpx2.TransportError:
                    continue  # whether it was accepted nobody knows: sent again, it counts once
                if answer.status_code == 202:
                    accepted += 1
                    return

    def enough(least: int) -> bool:
        return accepted >= least

    with ThreadPoolExecutor(4) as pool:
        sending = [pool.submit(send, some) for some in batches]
        try:
            for number in range(kills):
                eventually("events come", partial(enough, len(batches) * number // kills), 300)
                part = ("child", "main")[number % 2]
                eventually(f"{part} runs", partial(kill, stage, WORKER, part, dice), 120)
            eventually("all were accepted", lambda: all(one.done() for one in sending), 300)
        finally:
            over.set()
    for one in sending:
        one.result()
    _settle(stage)
    _compare(stage, report, sent)
    report.figures |= {
        "sent": len(sent),
        "once each": len({event["id"] for event in sent}),
        "lost attempts": stage.scalar(
            "SELECT coalesce(sum(lost), 0) FROM jobs_archive WHERE owner_id = :id", id=stage.account
        ),
    }
    return report


def _settle(stage: Stage) -> None:
    """Wait until all is ingested and counted."""
    for table in ("event_batches", "event_marks"):
        eventually(
            f"nothing waits in {table}",
            lambda table=table: stage.patient(f"SELECT count(*) FROM {table}") == 0,  # type: ignore[misc]
            300,
        )


def _compare(stage: Stage, report: Report, sent: list[dict[str, Any]]) -> None:
    """Rollups beside a plain count, in SQL of the rows and in Python of what was sent."""
    once = {event["id"]: event for event in sent}.values()
    for grain in ("hour", "day"):
        width: dict[str, Any] = {"minute": 0, "second": 0, "microsecond": 0} | (
            {"hour": 0} if grain == "day" else {}
        )
        required = Counter(
            (datetime.fromisoformat(event["time"]).replace(**width), event["name"])
            for event in once
        )
        kept = _tally(
            stage,
            """SELECT date_trunc(:grain, time, 'UTC') AS start, name, count(*) AS total
            FROM events WHERE owner_id = :id GROUP BY 1, 2""",
            grain,
        )
        counted = _tally(
            stage,
            """SELECT start, name, count AS total FROM event_counts
            WHERE owner_id = :id AND grain = :grain""",
            grain,
        )
        report.none(f"by the {grain}, rows unlike what was sent", _unlike(required, kept))
        report.none(f"by the {grain}, rollups unlike a plain count", _unlike(kept, counted))
    since = min(event["time"] for event in once)
    with stage.http() as http:
        answer = http.get(
            "/v1/analytics/events", params={"bucket": "hour", "scope": "own", "from": since}
        )
    told = sum(bucket["count"] for bucket in answer.json()["buckets"])
    report.equal("events told over HTTP", len(once), told)


def _tally(stage: Stage, statement: str, grain: str) -> Counter[tuple[datetime, str]]:
    rows = stage.rows(statement, id=stage.account, grain=grain)
    return Counter({(row.start.astimezone(UTC), row.name): row.total for row in rows})


def _unlike(one: Counter[tuple[datetime, str]], other: Counter[tuple[datetime, str]]) -> list[str]:
    return [
        f"{start:%d %H:%M} {name}: {one[start, name]} and {other[start, name]}"
        for start, name in sorted(one.keys() | other.keys())
        if one[start, name] != other[start, name]
    ]
