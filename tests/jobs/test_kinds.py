"""Payloads outlive releases: upcasters bring old ones up, newer ones are left alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from services.analyses.jobs import ANALYZE, Analyze
from services.jobs import kinds
from services.jobs.kinds import Kind, NewerPayload
from services.jobs.retry import COMPUTE, Permanent
from services.kinds import KINDS
from tests.conftest import ROOT

GOLDEN = json.loads((ROOT / "tests" / "releases" / "payloads.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bake:
    """The third form: an oven and its temperature in °C."""

    oven: str
    celsius: int


def named(payload: dict[str, Any]) -> dict[str, Any]:
    """1 to 2: ovens got names; until then there was one."""
    return {"oven": "the oven", **payload}


def metric(payload: dict[str, Any]) -> dict[str, Any]:
    """2 to 3: degrees Fahrenheit became Celsius."""
    kept = {name: value for name, value in payload.items() if name != "fahrenheit"}
    return {**kept, "celsius": round((payload["fahrenheit"] - 32) / 1.8)}


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch):
    """Declares a kind that is forgotten after the test."""
    monkeypatch.setattr(kinds, "_BY_NAME", dict(kinds._BY_NAME))
    monkeypatch.setattr(kinds, "_BY_PAYLOAD", dict(kinds._BY_PAYLOAD))

    def declared(**options: Any) -> Kind[Bake]:
        return Kind(name="tests.bake", payload=Bake, queue="tests", retry=COMPUTE, **options)

    return declared


@pytest.mark.parametrize(
    ("version", "payload"),
    [
        (1, {"fahrenheit": 392}),
        (2, {"oven": "the oven", "fahrenheit": 392}),
        (3, {"oven": "the oven", "celsius": 200}),
    ],
)
def test_a_payload_of_any_version_climbs_to_the_present_one(declare, version, payload):
    bake = declare(version=3, upcasters={1: named, 2: metric})
    before = dict(payload)

    assert bake.decode(payload, version) == Bake(oven="the oven", celsius=200)
    assert payload == before  # it is the row's own: a retry reads it again


@pytest.mark.parametrize(
    ("upcasters", "missing"), [({}, "[1, 2]"), ({1: named}, "[2]"), ({2: metric}, "[1]")]
)
def test_a_version_that_nothing_brings_up_is_refused_where_it_is_declared(
    declare, upcasters, missing
):
    with pytest.raises(ValueError, match="no upcaster from") as refused:
        declare(version=3, upcasters=upcasters)

    assert missing in str(refused.value)
    assert "could not be read" in str(refused.value)


def test_a_newer_payload_is_left_to_a_newer_release(declare):
    """Unspent: NewerPayload is not a failure (`worker/run.py` hands the job back)."""
    with pytest.raises(NewerPayload, match="v4; this release reads v3"):
        declare(version=3, upcasters={1: named, 2: metric}).decode({}, 4)


def test_a_payload_that_does_not_fit_after_its_climb_is_permanent_and_says_where(declare):
    bake = declare(version=3, upcasters={1: named, 2: metric})

    with pytest.raises(Permanent, match=r"tests\.bake does not fit.*oven"):
        bake.decode({"oven": 7, "fahrenheit": 392}, 2)


REPAIR = (
    "A job that a release accepted must be read by every later one. Changed the payload's class? "
    "Raise the kind's version, write an upcaster from the version before, and add an example of "
    "the new form to tests/releases/payloads.json. Never change an example that was released."
)


@pytest.mark.parametrize(
    "example", GOLDEN, ids=lambda example: f"{example['kind']}-v{example['version']}"
)
def test_every_payload_that_was_ever_released_is_read_today(example):
    known = {kind.name: kind for kind in KINDS}
    assert example["kind"] in known, f"{example['kind']} is gone from services/kinds.py. {REPAIR}"
    try:
        payload = known[example["kind"]].decode(example["payload"], example["version"])
    except (Permanent, NewerPayload, KeyError, TypeError) as error:
        pytest.fail(f"{error}. {REPAIR}")
    assert isinstance(payload, known[example["kind"]].payload)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_version_of_every_kind_has_an_example(kind):
    kept = {example["version"] for example in GOLDEN if example["kind"] == kind.name}
    assert kept == set(range(1, kind.version + 1)), REPAIR


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_example_of_the_present_version_is_what_is_written_today(kind):
    """So that a field added, renamed or taken out is noticed, in nested forms too."""
    examples = {(example["kind"], example["version"]): example["payload"] for example in GOLDEN}
    assert (kind.name, kind.version) in examples, REPAIR
    latest = examples[kind.name, kind.version]
    written = msgspec.json.encode(kind.decode(latest, kind.version))

    assert json.loads(written) == latest, REPAIR


def test_a_payload_is_written_in_the_oldest_version_that_says_all_of_it(declare):
    kind = declare(
        version=3,
        upcasters={1: named, 2: metric},
        oldest=lambda bake: 3 if bake.oven != "the oven" else 2,
    )

    assert kind.written(Bake(oven="the oven", celsius=200))["version"] == 2
    assert kind.written(Bake(oven="the other", celsius=200))["version"] == 3


def test_an_analysis_without_a_method_is_one_that_the_release_before_reads():
    plain, boiled = (
        Analyze(ingredients=("1 egg",)),
        Analyze(ingredients=("1 egg",), method="boiled"),
    )

    assert ANALYZE.written(plain)["version"] == 1
    assert ANALYZE.written(boiled)["version"] == 2
