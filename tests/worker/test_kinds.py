"""Kinds, queues, handlers and supervisord.conf belong together, and nobody writes them twice."""

from __future__ import annotations

import configparser
import dataclasses
import re

import msgspec
import pytest

from services.jobs.kinds import NewerPayload, kind_named
from services.jobs.retry import Permanent
from services.kinds import KINDS
from services.upkeep.jobs import CANARIES, ENSURE_PARTITIONS
from tests.conftest import ROOT
from worker import handlers


@pytest.fixture(scope="module")
def programs() -> dict[str, str]:
    conf = configparser.RawConfigParser(strict=True, inline_comment_prefixes=(" ;",))
    conf.read(ROOT / "supervisord.conf")
    return {
        name.removeprefix("program:"): conf[name]["command"]
        for name in conf.sections()
        if name.startswith("program:")
    }


def test_every_queue_is_consumed_by_some_worker_and_no_other_is(programs):
    consumed = set()
    for command in programs.values():
        for queues in re.findall(r"-Q (\S+)", command):
            consumed |= set(queues.split(","))
    assert consumed == {kind.queue for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_has_a_handler(kind):
    handlers.load()
    assert callable(handlers.handler_of(kind).function)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_payload_is_a_frozen_dataclass_that_json_carries(kind):
    assert dataclasses.is_dataclass(kind.payload)
    assert kind.payload.__dataclass_params__.frozen
    msgspec.json.schema(kind.payload)


def test_a_misspelt_kind_is_met_with_the_nearest_name():
    with pytest.raises(LookupError, match=re.escape("Did you mean upkeep.partitions")):
        kind_named("upkeep.partition")


def test_a_newer_payload_is_left_to_a_newer_worker():
    with pytest.raises(NewerPayload):
        ENSURE_PARTITIONS.decode({"days": 1}, version=ENSURE_PARTITIONS.version + 1)


def test_a_payload_that_does_not_fit_is_permanent_and_says_where():
    with pytest.raises(Permanent, match="days"):
        ENSURE_PARTITIONS.decode({"days": "many"}, version=1)


def test_a_second_handler_for_a_kind_is_refused():
    handlers.load()
    with pytest.raises(ValueError, match="has a handler already"):
        handlers.handles(ENSURE_PARTITIONS.payload)(print)


def test_every_queue_has_a_canary():
    assert {kind.queue for kind in CANARIES} == {kind.queue for kind in KINDS}
