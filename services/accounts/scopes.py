"""What a key may do: scopes, each `resource:read` or `resource:write`, and roles above them."""

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
#: Scopes that reach beyond the key's own account: queues, dead jobs and rules of everybody.
OPERATOR_SCOPES = ("admin:read", "admin:write")
#: `user` works on its own account; `operator` and `admin` may have the operators' scopes too.
ROLES = ("user", "operator", "admin")


def scopes_of(role: str) -> tuple[str, ...]:
    """Every scope that a key of that role may have, and has where none is named."""
    return SCOPES if role == "user" else (*SCOPES, *OPERATOR_SCOPES)


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
                {"scopes": [f"{scope} needs the role operator or admin."]},
            )
    if not scopes:
        raise Invalid("A key needs at least one scope.", {"scopes": ["Name at least one."]})
    return sorted(set(scopes))


def check_role(role: str) -> str:
    """The role. Raises Invalid for one unknown."""
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}.", {"role": [f"One of {', '.join(ROLES)}."]})
    return role
