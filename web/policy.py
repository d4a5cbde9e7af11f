"""Who may call what: one table, and what is not in it is refused.

A scope is what a caller must have; OPEN is for the few routes that need no credential, ANYBODY for
those that check by themselves what a caller, whoever it is, may do.
"""

from __future__ import annotations

from typing import Final

from kernel.errors import Forbidden
from services.accounts.keys import Caller
from services.accounts.scopes import scopes_of

OPEN: Final = "open"
ANYBODY: Final = "anybody"
#: Methods that routes have.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
#: Event streams, which a ticket opens too (web/stream_tickets.py).
STREAMS = frozenset(
    {
        "GET /v1/jobs/<uuid:job_id>/events",
        "GET /v1/notifications/stream",
    }
)

#: By method and rule, as the route is declared.
POLICY: dict[str, str] = {
    "GET /livez": OPEN,
    "GET /readyz": OPEN,
    "GET /docs": OPEN,
    "GET /docs/style.css": OPEN,
    "GET /v1/openapi.json": OPEN,
    # The token in the address is the proof: no sign-in (RFC 8058).
    "GET /v1/unsubscribe/<token>": OPEN,
    "POST /v1/unsubscribe/<token>": OPEN,
    "POST /v1/auth/register": OPEN,
    "POST /v1/auth/login": OPEN,
    "POST /v1/auth/refresh": OPEN,
    "POST /v1/auth/logout": OPEN,
    "GET /v1/me": "account:read",
    "PATCH /v1/me": "account:write",
    "DELETE /v1/me": "account:write",
    # Whoever has the archive has everything: more than reading an account's name.
    "POST /v1/me/export": "account:write",
    "GET /v1/me/exports/<uuid:export_id>/archive": "account:write",
    "GET /v1/api-keys": "account:read",
    "POST /v1/api-keys": "account:write",
    "DELETE /v1/api-keys/<uuid:key_id>": "account:write",
    # The stream's own scope is asked for.
    "POST /v1/stream-tickets": ANYBODY,
    "GET /v1/admin/users": "users:read",
    "POST /v1/admin/users/<uuid:user_id>/disable": "users:write",
    "POST /v1/admin/users/<uuid:user_id>/enable": "users:write",
    "GET /v1/foods": "foods:read",
    "GET /v1/foods/<uuid:food_id>": "foods:read",
    "POST /v1/analyses": "analyses:write",
    "GET /v1/analyses": "analyses:read",
    "GET /v1/analyses/<uuid:analysis_id>": "analyses:read",
    "GET /v1/analyses/<uuid:analysis_id>/explanation": "analyses:read",
    "GET /v1/analyses/<uuid:analysis_id>/label": "analyses:read",
    "GET /v1/analyses/<uuid:analysis_id>/label.svg": "analyses:read",
    "GET /v1/analyses/<uuid:analysis_id>/label.html": "analyses:read",
    "GET /v1/analyses/<uuid:analysis_id>/label.txt": "analyses:read",
    "POST /v1/batches": "batches:write",
    "GET /v1/batches": "batches:read",
    "GET /v1/batches/<uuid:batch_id>": "batches:read",
    "DELETE /v1/batches/<uuid:batch_id>": "batches:write",
    "GET /v1/batches/<uuid:batch_id>/results": "batches:read",
    "GET /v1/batches/<uuid:batch_id>/errors": "batches:read",
    "POST /v1/events": "events:write",
    "GET /v1/analytics/events": "analytics:read",
    "GET /v1/analytics/active-users": "analytics:read",
    "GET /v1/analytics/foods": "analytics:read",
    "GET /v1/jobs": "jobs:read",
    "GET /v1/jobs/<uuid:job_id>": "jobs:read",
    "DELETE /v1/jobs/<uuid:job_id>": "jobs:write",
    "GET /v1/jobs/<uuid:job_id>/events": "jobs:read",
    "POST /v1/webhooks": "webhooks:write",
    "GET /v1/webhooks": "webhooks:read",
    "GET /v1/webhooks/<uuid:endpoint_id>": "webhooks:read",
    "PATCH /v1/webhooks/<uuid:endpoint_id>": "webhooks:write",
    "DELETE /v1/webhooks/<uuid:endpoint_id>": "webhooks:write",
    # Whoever has the secret can speak in our name.
    "GET /v1/webhooks/<uuid:endpoint_id>/secret": "webhooks:write",
    "POST /v1/webhooks/<uuid:endpoint_id>/rotate": "webhooks:write",
    "POST /v1/webhooks/<uuid:endpoint_id>/ping": "webhooks:write",
    "GET /v1/webhooks/<uuid:endpoint_id>/deliveries": "webhooks:read",
    "GET /v1/webhooks/<uuid:endpoint_id>/deliveries/<uuid:delivery_id>": "webhooks:read",
    "POST /v1/webhooks/<uuid:endpoint_id>/deliveries/<uuid:delivery_id>/redeliver": (
        "webhooks:write"
    ),
    "POST /v1/jobs/<uuid:job_id>/retry": "jobs:write",
    "GET /v1/notifications": "notifications:read",
    "GET /v1/notifications/stream": "notifications:read",
    "POST /v1/notifications/<uuid:notification_id>/read": "notifications:write",
    "POST /v1/notifications/read-all": "notifications:write",
    "GET /v1/notification-preferences": "notifications:read",
    "PUT /v1/notification-preferences": "notifications:write",
    "POST /v1/admin/broadcasts": "broadcasts:write",
    "GET /v1/admin/broadcasts/<uuid:broadcast_id>": "broadcasts:read",
    "DELETE /v1/admin/broadcasts/<uuid:broadcast_id>": "broadcasts:write",
    "GET /v1/admin/backups": "backups:read",
    "POST /v1/admin/backups": "backups:write",
    "GET /v1/admin/backups/<uuid:backup_id>": "backups:read",
    "POST /v1/admin/backups/<uuid:backup_id>/drill": "backups:write",
    "GET /v1/admin/cache": "admin:read",
    "POST /v1/admin/cache/warm": "admin:write",
    "POST /v1/admin/cache/flush": "admin:write",
    "GET /v1/admin/queues": "admin:read",
    "GET /v1/admin/schedule": "admin:read",
    "GET /v1/admin/rules": "admin:read",
    "GET /v1/admin/rules/<scope>/<name>": "admin:read",
    "PUT /v1/admin/rules/<scope>/<name>": "admin:write",
    "DELETE /v1/admin/rules/<scope>/<name>": "admin:write",
    "POST /v1/admin/rules/<scope>/<name>/drain": "admin:write",
    "GET /v1/admin/dead-jobs": "admin:read",
    "GET /v1/admin/dead-jobs/counts": "admin:read",
    "POST /v1/admin/dead-jobs/replay": "admin:write",
    "GET /v1/admin/dead-jobs/<uuid:job_id>": "admin:read",
    "POST /v1/admin/dead-jobs/<uuid:job_id>/replay": "admin:write",
}


def scope_of(method: str, rule: str) -> str | None:
    """The scope that a route needs, OPEN, or None where the table has no rule for it."""
    return POLICY.get(f"{'GET' if method == 'HEAD' else method} {rule}")


def check(caller: Caller, scope: str | None) -> None:
    """Raise Forbidden unless *caller* has *scope*; a route without a rule is nobody's."""
    if scope is None:
        raise Forbidden("This route is not open to anybody yet.")
    if scope == ANYBODY:
        return
    if scope not in caller.scopes:
        raise Forbidden(f"The caller lacks the scope {scope}.")
    if scope not in scopes_of(caller.role):
        raise Forbidden(f"The role {caller.role} does not reach what {scope} is for.")
