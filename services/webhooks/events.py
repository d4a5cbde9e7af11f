"""Event types: what an endpoint can listen to, and which ends of jobs are events."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from kernel.errors import Invalid

#: Kinds of jobs whose end is an event, by name (the capabilities lie above us), and what the event
#: is about.
STEMS = {"analyses.analyze": "analysis", "batches.conclude": "batch"}
#: Where the result of such a job is found, by its id: a path of the API.
RESULTS = {"analysis": "/v1/analyses/{}", "batch": "/v1/batches/{}"}
_ENDS = ("succeeded", "failed", "dead", "cancelled")

#: A notification, by its topic (services/notifications/topics.py, which lies above us).
NOTIFICATION = "notification"
_TOPICS = ("batch.finished", "export.ready", "backup.failed", "announcement", "service.notice")

TYPES = (
    *(f"{stem}.{end}" for stem in STEMS.values() for end in _ENDS),
    *(f"{NOTIFICATION}.{topic}" for topic in _TOPICS),
)
#: Sent on request alone, to one endpoint, whatever it listens to.
PING = "webhook.ping"
#: All that an endpoint may listen to: types, the types of one thing, everything.
PATTERNS = ("*", *(f"{stem}.*" for stem in (*STEMS.values(), NOTIFICATION)), *TYPES)


def check_patterns(patterns: Sequence[str]) -> list[str]:
    """The patterns, each once, in order. Raises Invalid with the path of each that is none."""
    errors = {}
    for number, pattern in enumerate(patterns):
        if pattern not in PATTERNS:
            near = difflib.get_close_matches(pattern, PATTERNS, 1) or PATTERNS[:3]
            errors[f"events.{number}"] = [f"No such type. Did you mean {', '.join(near)}?"]
    if errors:
        path, (reason,) = next(iter(errors.items()))
        raise Invalid(f"{path}: {reason}", errors)
    return list(dict.fromkeys(patterns))


def listens(patterns: Sequence[str], event_type: str) -> bool:
    """True where one of *patterns* covers *event_type*."""
    stem = event_type.partition(".")[0]
    return not {"*", f"{stem}.*", event_type}.isdisjoint(patterns)
