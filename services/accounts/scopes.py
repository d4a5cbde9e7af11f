"""What a key may do: scopes, each `resource:read` or `resource:write`, and roles above them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from kernel.errors import Invalid

#: Every scope there is. A key has those it was made with; none implies another.
SCOPES = (
    "analyses:read",
    "analyses:write",
    "batches:read",
    "batches:write",
    "foods:read",
    "jobs:read",
    "jobs:write",
)
#: `user` works on its own account; `operator` and `admin` will reach the operators' routes too.
ROLES = ("user", "operator", "admin")


def check_scopes(scopes: Sequence[str]) -> list[str]:
    """The scopes in order, each once. Raises Invalid, naming the nearest, for one unknown."""
    for scope in scopes:
        if scope not in SCOPES:
            near = difflib.get_close_matches(scope, SCOPES, 1) or list(SCOPES)
            raise Invalid(
                f"There is no scope {scope!r}.", {"scopes": [f"Did you mean {', '.join(near)}?"]}
            )
    if not scopes:
        raise Invalid("A key needs at least one scope.", {"scopes": ["Name at least one."]})
    return sorted(set(scopes))


def check_role(role: str) -> str:
    """The role. Raises Invalid for one unknown."""
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}.", {"role": [f"One of {', '.join(ROLES)}."]})
    return role
