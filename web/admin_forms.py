"""What the operators' resources take and answer."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from services.jobs import dead, queues, replay, rules
from web.forms import Answer, Form, Number, Truth, Whole
from web.paging import PageQuery
from web.schemas import anything, identity, text, when

#: Jobs that one request replays at most; the answer says whether there are more.
MOST = 10_000


def _described(description: str, **more: Any) -> dict[str, Any]:
    return {"description": description, **more}


class SearchFields(Form):
    """Which dead jobs are meant: those to which everything that is given applies."""

    state = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf(dead.STATES),
        metadata=_described("How they ended."),
    )
    reason = ma.fields.String(
        load_default=None,
        validate=ma.validate.Regexp(r"^[a-z_]{1,64}\Z"),
        metadata=_described("Why, such as `exhausted`.", pattern="^[a-z_]{1,64}$"),
    )
    kind = ma.fields.String(
        load_default=None,
        validate=ma.validate.Regexp(r"^[a-z0-9_.]{1,64}\Z"),
        metadata=_described("Only jobs of this kind.", pattern="^[a-z0-9_.]{1,64}$"),
    )
    owner = ma.fields.UUID(load_default=None, metadata=_described("Only this account's."))
    text = ma.fields.String(
        load_default=None,
        validate=ma.validate.Regexp(r"^[^\x00]{1,200}\Z"),
        metadata=_described("Part of the error's type or message.", pattern="^[^\\u0000]{1,200}$"),
    )
    since = ma.fields.AwareDateTime(
        load_default=None, metadata=_described("Only those that ended at this moment or later.")
    )
    until = ma.fields.AwareDateTime(
        load_default=None, metadata=_described("Only those that ended before this moment.")
    )


def search_of(given: dict[str, Any]) -> dead.Search:
    """The search among what a form of SearchFields loaded."""
    return dead.Search(**{name: given[name] for name in dead.Search.__dataclass_fields__})


class DeadQuery(SearchFields, PageQuery):
    pass


class ReplayForm(SearchFields):
    rate = Number(
        load_default=replay.RATE,
        validate=ma.validate.Range(0, replay.FASTEST, min_inclusive=False),
        metadata=_described("Jobs that come due in a second."),
    )
    most = Whole(
        load_default=MOST,
        validate=ma.validate.Range(1, MOST),
        metadata=_described("Jobs replayed by this request."),
    )


class Replay(Answer):
    """What a replay did."""

    id = identity("The replay, as the audit log names it.")
    replayed = ma.fields.Integer(required=True)
    skipped = ma.fields.Integer(
        required=True, metadata=_described("Left dead: another job holds their dedupe key.")
    )
    more = ma.fields.Boolean(
        required=True, metadata=_described("There may be more; send the request again.")
    )
    until = when("When the last of them comes due", null=True)


class Replayed(Answer):
    id = identity("The job; it is queued again.")
    state = ma.fields.String(required=True)


class DeadJob(Answer):
    """A job that ended `dead` or `failed`."""

    id = identity("The job.")
    kind = text("What it did.")
    queue = text("Where it waited.")
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(dead.STATES))
    reason = text("Such as `exhausted`, `permanent`, `quarantined`, `deadline`.", null=True)
    owner_id = identity("Whose it is.")
    actor = text("Who submitted it.")
    attempts = ma.fields.Integer(required=True)
    failures = ma.fields.Integer(required=True)
    lost = ma.fields.Integer(required=True, metadata=_described("Workers that vanished under it."))
    limit_key = text("What it shared a limit with; empty for none.")
    parent_id = ma.fields.UUID(required=True, allow_none=True)
    correlation_id = text("The request that made it.", null=True)
    created_at = when("When it was accepted")
    started_at = when("When it was first begun", null=True)
    finished_at = when("When it ended")
    expires_at = when("When it will be deleted, at the earliest")
    error = anything("The last one: `type`, `message`.", null=True)
    history = ma.fields.List(
        ma.fields.Dict(),
        required=True,
        metadata=_described(
            "Attempts that did not succeed (`error`, `host`, `seconds`, `log`), and replays (`by`)."
        ),
    )


class DeadPage(Answer):
    items = ma.fields.List(ma.fields.Nested(DeadJob), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class DeadCount(Answer):
    kind = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    reason = ma.fields.String(required=True, allow_none=True)
    jobs = ma.fields.Integer(required=True)
    capped = ma.fields.Boolean(
        required=True, metadata=_described("There may be more than were counted.")
    )
    latest = when("When the latest ended")


class DeadCounts(Answer):
    items = ma.fields.List(ma.fields.Nested(DeadCount), required=True)


class RuleForm(Form):
    """All that shall hold; what is not given does not."""

    paused = Truth(load_default=False, metadata=_described("Nothing more of it is begun."))
    concurrency = Whole(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Range(1, rules.CONCURRENCY),
        metadata=_described("Jobs in the broker and at work at once."),
    )
    per_second = Number(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Range(0, rules.PER_SECOND, min_inclusive=False),
        metadata=_described("Jobs begun in a second."),
    )


class InFlight(Answer):
    dispatched = ma.fields.Integer(required=True)
    running = ma.fields.Integer(required=True)


class Rule(Answer):
    """What holds for a queue, a kind or an owner. Without limits where nothing was said."""

    scope = ma.fields.String(required=True, validate=ma.validate.OneOf(rules.SCOPES))
    name = ma.fields.String(required=True)
    paused = ma.fields.Boolean(required=True)
    concurrency = ma.fields.Integer(required=True, allow_none=True)
    per_second = ma.fields.Float(required=True, allow_none=True)
    changed_at = when("When it was last changed", null=True)
    changed_by = text("Who changed it.", null=True)


class RuleInForce(Rule):
    in_flight = ma.fields.Nested(InFlight, required=True)


class RuleList(Answer):
    items = ma.fields.List(ma.fields.Nested(Rule), required=True)


class Standing(Answer):
    """How something stands, in jobs."""

    name = ma.fields.String(required=True)
    paused = ma.fields.Boolean(required=True)
    depth = ma.fields.Integer(required=True, metadata=_described("Due, and not sent yet."))
    at_least = ma.fields.Boolean(
        required=True, metadata=_described("There may be more than were counted.")
    )
    oldest_seconds = ma.fields.Float(
        required=True, allow_none=True, metadata=_described("Since the oldest came due.")
    )
    later = ma.fields.Integer(required=True, metadata=_described("Not due yet."))
    waiting = ma.fields.Integer(required=True, metadata=_described("For other jobs."))
    dispatched = ma.fields.Integer(required=True, metadata=_described("In the broker."))
    running = ma.fields.Integer(required=True)


class Flow(Standing):
    succeeded = ma.fields.Integer(
        required=True, metadata=_described(f"Within the last {queues.LATELY} seconds.")
    )
    failed = ma.fields.Integer(required=True)
    dead = ma.fields.Integer(required=True)
    cancelled = ma.fields.Integer(required=True)
    per_second = ma.fields.Float(required=True, metadata=_described("Of all that ended."))


class QueueFlow(Flow):
    slots = ma.fields.Integer(
        required=True, metadata=_described("Jobs that its living workers execute at once.")
    )
    processes = ma.fields.Integer(required=True, metadata=_described("Its living workers."))


class KindFlow(Flow):
    queue = ma.fields.String(required=True)


class Process(Answer):
    id = identity("The process.")
    role = ma.fields.String(required=True)
    host = ma.fields.String(required=True)
    pid = ma.fields.Integer(required=True)
    queues = ma.fields.List(ma.fields.String(), required=True)
    slots = ma.fields.Integer(required=True)
    running = ma.fields.Integer(required=True)
    started_at = when("When it started")
    beat_seconds = ma.fields.Float(required=True, metadata=_described("Since it last beat."))
    alive = ma.fields.Boolean(required=True, metadata=_described("It is not taken for dead."))


class Queues(Answer):
    """Everything at one moment."""

    at = when("The moment")
    queues = ma.fields.List(ma.fields.Nested(QueueFlow), required=True)
    kinds = ma.fields.List(ma.fields.Nested(KindFlow), required=True)
    owners = ma.fields.List(
        ma.fields.Nested(Standing),
        required=True,
        metadata=_described("Those with the most jobs."),
    )
    processes = ma.fields.List(ma.fields.Nested(Process), required=True)
