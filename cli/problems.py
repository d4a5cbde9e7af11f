"""An answer that refuses (RFC 9457 problem+json) as an error for the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.exits import CommandFailed, Exit

if TYPE_CHECKING:
    import httpx2

CODES = {
    401: Exit.REFUSED,
    403: Exit.REFUSED,
    404: Exit.NOT_FOUND,
    429: Exit.UNREACHABLE,
    502: Exit.UNREACHABLE,
    503: Exit.UNREACHABLE,
    504: Exit.UNREACHABLE,
}


def refusal(response: httpx2.Response) -> CommandFailed:
    """The error that *response*, which was read, stands for."""
    code = CODES.get(response.status_code, Exit.FAILED)
    try:
        problem = response.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict) or "title" not in problem:
        return CommandFailed(
            f"{response.request.url} answered {response.status_code} "
            f"{response.reason_phrase}, which is not an answer of the platform's.",
            code,
        )
    return CommandFailed(problem_text(problem), code)


def failure(job: dict[str, Any]) -> CommandFailed:
    """The error for a job that ended without success, in the job's own words."""
    error = job.get("error") or {}
    reason = error.get("message") or error.get("detail")
    return CommandFailed(
        f"Job {job['id']} ended as {job['state']}" + (f": {reason}" if reason else ".")
    )


def problem_text(problem: dict[str, Any]) -> str:
    """Title, detail and each field's reasons, a line each.

    `errors` may be a mapping of field to reasons or a list of {field, reasons} objects.
    """
    lines = [str(problem.get("title", "Failed"))]
    detail = problem.get("detail")
    if detail and detail != lines[0]:
        lines[0] += f": {detail}"
    lines += [f"  {field}: {why}" for field, why in _fields(problem.get("errors"))]
    return "\n".join(lines)


def _fields(errors: Any) -> list[tuple[str, str]]:
    if isinstance(errors, dict):
        return [
            (str(field), "; ".join(map(str, why)) if isinstance(why, list) else str(why))
            for field, why in errors.items()
        ]
    if isinstance(errors, list):
        return [
            (str(each.get("field") or each.get("pointer") or "?"), str(each.get("detail") or each))
            for each in errors
            if isinstance(each, dict)
        ]
    return []
