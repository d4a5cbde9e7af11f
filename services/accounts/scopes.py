"""What a caller may do: scopes, each `resource:read` or `resource:write`, and roles above them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from kernel.errors import Invalid

#: Every scope that any key may have. A key has those it was made with; none implies another.
SCOPES = (
    "account:read",
    "account:write",
    "analyses:read",
    "analyses:write",
    "analytics:read",
    "batches:read",
    "batches:write",
    "events:write",
    "foods:read",
    "jobs:read",
    "jobs:write",
    "notifications:read",
    "notifications:write",
    "webhooks:read",
    "webhooks:write",
)
#: Scopes that reach beyond the caller's own account: queues, dead jobs and rules of everybody,
#: backups, and what was announced.
OPERATOR_SCOPES = (
    "admin:read",
    "admin:write",
    "backups:read",
    "backups:write",
    "broadcasts:read",
)
#: Scopes over other people: who may sign in, and what everybody is told.
ADMIN_SCOPES = ("broadcasts:write", "users:read", "users:write")
#: Each may have what the one before may, and more.
ROLES = ("user", "operator", "admin")
_OF_ROLE = {
    "user": SCOPES,
    "operator": (*SCOPES, *OPERATOR_SCOPES),
    "admin": (*SCOPES, *OPERATOR_SCOPES, *ADMIN_SCOPES),
}


def scopes_of(role: str) -> tuple[str, ...]:
    """Every scope that a caller of that role may have, and has where none is named."""
    return _OF_ROLE[role]


def role_for(scope: str) -> str:
    """The lowest role that may have *scope*."""
    return next(role for role in ROLES if scope in _OF_ROLE[role])


def check_scopes(scopes: Sequence[str], role: str = "user") -> list[str]:
    """The scopes in order, each once.

    Raises Invalid for one unknown, naming the nearest, and for one beyond the role.
    """
    known = scopes_of("admin")
    for scope in scopes:
        if scope not in known:
            near = difflib.get_close_matches(scope, known, 1) or list(known)
            raise Invalid(
                f"There is no scope {scope!r}.", {"scopes": [f"Did you mean {', '.join(near)}?"]}
            )
        if scope not in scopes_of(role):
            raise Invalid(
                f"A key of the role {role!r} cannot have the scope {scope}.",
                {"scopes": [f"{scope} needs the role {role_for(scope)}."]},
            )
    if not scopes:
        raise Invalid("A key needs at least one scope.", {"scopes": ["Name at least one."]})
    return sorted(set(scopes))


def check_role(role: str) -> str:
    """The role. Raises Invalid for one unknown."""
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}.", {"role": [f"One of {', '.join(ROLES)}."]})
    return role
