"""/v1/admin/backups: what operators see of backups, and have made."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from kernel.database import Database
from kernel.ids import new_id
from services.backups import records
from tests.web.client import Caller
from tests.web.conftest import anonymous, app, caller, new_key, operator  # noqa: F401 - fixtures


@pytest.fixture
def reader(operator: Caller) -> Caller:  # noqa: F811 - the fixture
    """An operator, whom this resource is for."""
    return operator


def test_backups_are_listed_newest_first_and_shown(reader: Caller, database: Database) -> None:
    first, second = new_id(), new_id()
    with database.transaction() as session:
        records.begin(session, first, "beat", None)
        records.begin(session, second, "beat", None)
        records.fail(session, second, ValueError("no room"))

    page = reader.get("/v1/admin/backups?limit=1").json
    rest = reader.get(f"/v1/admin/backups?cursor={page['next']}").json
    shown = reader.get(f"/v1/admin/backups/{second}").json

    assert [one["id"] for one in page["items"]] == [str(second)]
    assert [one["id"] for one in rest["items"]] == [str(first)]
    assert (shown["state"], shown["error"]) == ("failed", "ValueError: no room")
    assert reader.get(f"/v1/admin/backups/{new_id()}").status_code == 404


def test_one_is_made_by_a_job_and_asking_again_meanwhile_is_the_same_job(
    reader: Caller, database: Database
) -> None:
    answer = reader.post("/v1/admin/backups")
    again = reader.post("/v1/admin/backups")

    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/jobs/{answer.json['id']}"
    assert answer.json["kind"] == "backups.create"
    assert again.json["id"] == answer.json["id"]
    with database.transaction() as session:
        deeds = session.scalars(text("SELECT action FROM audit_log")).all()
    assert deeds == ["backup.create"]


def test_a_complete_one_can_be_tested_and_no_other(reader: Caller, database: Database) -> None:
    running, complete = new_id(), new_id()
    with database.transaction() as session:
        records.begin(session, running, "beat", None)
        records.begin(session, complete, "beat", None)
        session.execute(
            text("UPDATE backups SET state = 'complete' WHERE id = :id"), {"id": complete}
        )

    answer = reader.post(f"/v1/admin/backups/{complete}/drill")

    assert (answer.status_code, answer.json["kind"]) == (202, "backups.drill")
    assert reader.post(f"/v1/admin/backups/{running}/drill").status_code == 409
    assert reader.post(f"/v1/admin/backups/{new_id()}/drill").status_code == 404


def test_they_are_the_operators_alone(caller: Caller, app: object) -> None:  # noqa: F811
    for method, path in (
        ("GET", "/v1/admin/backups"),
        ("POST", "/v1/admin/backups"),
        ("GET", f"/v1/admin/backups/{new_id()}"),
        ("POST", f"/v1/admin/backups/{new_id()}/drill"),
    ):
        assert caller.send(method, path).status_code == 403
