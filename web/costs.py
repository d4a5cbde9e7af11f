"""What a request costs of its caller's limits: 1, unless it makes work that many others pay for."""

from __future__ import annotations

#: By method and rule. Long work costs where it is accepted; what runs later has no limit.
COSTS: dict[str, int] = {
    # Up to 100,000 recipes.
    "POST /v1/batches": 50,
    # A hash fills 46 MiB and a core for a moment.
    "POST /v1/auth/register": 10,
    "POST /v1/auth/login": 10,
    "PATCH /v1/me": 5,
    "DELETE /v1/me": 10,
    # Reads all that somebody has.
    "POST /v1/me/export": 50,
    # One request, jobs without number.
    "POST /v1/jobs/<uuid:job_id>/retry": 5,
    "POST /v1/admin/dead-jobs/replay": 20,
}


def cost_of(method: str, rule: str) -> int:
    """Requests as which one at this route counts."""
    return COSTS.get(f"{method} {rule}", 1)
