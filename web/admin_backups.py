"""/v1/admin/backups: what backups there are, and making or testing one."""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from flask import Response

from kernel.errors import Conflict
from services.audit import record
from services.backups import records
from services.backups.jobs import CreateBackup, DrillBackup
from services.jobs import read
from services.jobs.enqueue import Order, enqueue
from web.answers import json_answer
from web.context import caller, platform
from web.documents import job_document
from web.forms import Answer
from web.paging import PageQuery, decode, page
from web.resource import Resource, json_reply
from web.schemas import Job, identity, text, when

admin_backups = Resource("admin_backups", "Operators: backups, made and tested by restoring.")

STATES = ("running", "complete", "failed")


def _count(description: str) -> ma.fields.Integer:
    return ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": f"{description}; null till then."}
    )


def _seconds(description: str) -> ma.fields.Float:
    return ma.fields.Float(
        required=True, allow_none=True, metadata={"description": f"{description} (seconds)."}
    )


class Backup(Answer):
    """One backup, and what came of restoring it."""

    id = identity("The backup.")
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(STATES))
    job_id = ma.fields.UUID(
        required=True, allow_none=True, metadata={"description": "The job that made it."}
    )
    actor = text("Who had it made.")
    started_at = when("When it was begun")
    finished_at = when("When it was made, or failed", null=True)
    snapshot_at = when("The moment whose state it holds", null=True)
    bytes = _count("What it takes in the store")
    dump_bytes = _count("What its dump is before compression")
    rows = _count("Rows in it")
    schema_revision = text("The newest migration in it.", null=True)
    server_version = _count("PostgreSQL's version, as 180006")
    newest_row_at = when("When the newest row in it was written", null=True)
    verified_at = when("When it was last restored and found equal", null=True)
    drill_failed_at = when("When it could not be restored, or differed", null=True)
    restore_seconds = _seconds("How long that restore took")
    age_seconds = _seconds("How old its newest row was by then")
    error = text("Why it failed, or could not be restored.", null=True)


class BackupPage(Answer):
    items = ma.fields.List(ma.fields.Nested(Backup), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@admin_backups.route(
    "GET",
    "/v1/admin/backups",
    query=PageQuery,
    replies={200: json_reply("Backups, newest first.", BackupPage)},
    problems=[422],
)
def list_backups(query: dict[str, Any]) -> Response:
    """List backups

    Those that retention has deleted are left out.
    """
    with platform().database.transaction() as session:
        before, limit = decode(query["cursor"]), query["limit"]
        found = records.listing(session, before=before, limit=limit + 1)
    return json_answer(page(found, limit, _document, lambda backup: backup.id))


@admin_backups.route(
    "GET",
    "/v1/admin/backups/<uuid:backup_id>",
    replies={200: json_reply("The backup.", Backup)},
    problems=[404],
)
def show_backup(backup_id: uuid.UUID) -> Response:
    """Show a backup"""
    with platform().database.transaction() as session:
        found = records.find(session, backup_id)
    return json_answer(_document(found))


@admin_backups.route(
    "POST",
    "/v1/admin/backups",
    replies={202: json_reply("The job that makes it.", Job, "Location")},
)
def create_backup() -> Response:
    """Make a backup

    One at a time: while the job of an earlier request of yours has not ended, it is the answer.
    """
    return _accepted(CreateBackup(), "backup.create", "backups")


@admin_backups.route(
    "POST",
    "/v1/admin/backups/<uuid:backup_id>/drill",
    replies={202: json_reply("The job that restores it.", Job, "Location")},
    problems=[404, 409],
)
def drill_backup(backup_id: uuid.UUID) -> Response:
    """Test a backup

    It is restored into a throwaway server and compared, row by row, with what it was made from.
    """
    with platform().database.transaction() as session:
        state = records.find(session, backup_id).state
    if state != "complete":
        raise Conflict(f"The backup is {state}; only a complete one can be restored.")
    return _accepted(DrillBackup(backup_id=backup_id), "backup.drill", f"backup:{backup_id}")


def _accepted(payload: object, action: str, target: str) -> Response:
    me = caller()
    order = Order(
        payload=payload,
        owner=me.account_id,
        actor=me.actor,
        dedupe=f"{action}:{target}",
        dedupe_for=None,
    )
    with platform().database.transaction() as session:
        job_id = enqueue(session, order)
        if job_id == order.id:
            record(session, actor=me.actor, action=action, target=target)
        job = read.find(session, job_id, me.account_id)
    assert job is not None, "it was accepted a moment ago"
    return json_answer(job_document(job), 202, {"Location": f"/v1/jobs/{job_id}"})


def _document(backup: records.Record) -> dict[str, Any]:
    return {name: getattr(backup, name) for name in backup.__dataclass_fields__}
