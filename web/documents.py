"""A job as a document, and the links by which a client goes on from it."""

from __future__ import annotations

from typing import Any

from services.analyses.jobs import ANALYZE
from services.batches.jobs import CHUNK, CONCLUDE
from services.jobs.read import JobView
from services.privacy.jobs import EXPORT

#: Where the result of a job of each kind is found, by its id.
_RESULTS = {
    ANALYZE.name: "/v1/analyses/{}",
    CONCLUDE.name: "/v1/batches/{}",
    EXPORT.name: "/v1/me/exports/{}/archive",
}


def job_document(job: JobView) -> dict[str, Any]:
    """The job as its owner sees it. Keys without a meaning for its state are null."""
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "progress": job.progress,
        "attempt": job.attempt,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "run_at": job.run_at,
        "cancelling": job.cancelling,
        "result": job.result,
        "error": job.error,
        "history": job.history,
        "metadata": job.metadata,
        "links": _links(job),
    }


def _links(job: JobView) -> dict[str, str]:
    links = {"self": f"/v1/jobs/{job.id}", "events": f"/v1/jobs/{job.id}/events"}
    result = _RESULTS.get(job.kind)
    if result is not None:
        links["result"] = result.format(job.id)
    if job.kind == CHUNK.name and job.parent_id is not None:
        links["result"] = _RESULTS[CONCLUDE.name].format(job.parent_id)
    if job.parent_id is not None:
        links["parent"] = f"/v1/jobs/{job.parent_id}"
    return links
