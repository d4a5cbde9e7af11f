"""Alerts: each rule has its paragraph, asks for metrics that exist, and passes its tests."""

from __future__ import annotations

import re
import subprocess

import pytest

from kernel import metrics
from kernel.database import Database
from kernel.settings import Settings
from services.jobs.kinds import NOTIFICATIONS
from services.kinds import KINDS
from tests.conftest import ROOT
from worker.metrics import Standing
from worker.surroundings import Surroundings

FOLDER = ROOT / "deploy" / "prometheus"
RULES = (FOLDER / "rules.yml").read_text()
ALERTS = re.findall(r"- alert: (\w+)", RULES)


def test_ten_things_wake_somebody() -> None:
    assert len(ALERTS) == len(set(ALERTS))
    assert RULES.count("{severity: page}") == 10


def test_each_alert_has_a_paragraph_that_it_names_and_a_test_in_which_it_fires() -> None:
    paragraphs = re.findall(r"^## (\w+)", (ROOT / "docs" / "runbooks.md").read_text(), re.MULTILINE)
    named = re.findall(r"runbook: docs/runbooks.md#(\w+)", RULES)
    tests = (FOLDER / "tests.yml").read_text()

    assert paragraphs == ALERTS
    assert named == [alert.lower() for alert in ALERTS]
    for alert in ALERTS:
        assert re.search(rf"alertname: {alert}\n +exp_alerts:\n +- exp_labels", tests), alert


def test_every_queue_but_that_of_calls_to_the_outside_has_a_target() -> None:
    targets = set(re.findall(r"labels: \{queue: ([\w.]+)\}", RULES))

    # Calls to one host take turns: what waits there may be somebody else's affair.
    assert targets == {kind.queue for kind in KINDS} - {NOTIFICATIONS}


def test_rules_ask_for_metrics_that_are_served(database: Database, settings: Settings) -> None:
    served = {
        family.name
        for collector in (metrics.REGISTRY, Standing(database, 8), Surroundings(settings))
        for family in collector.collect()
    }
    asked = set(re.findall(r"\bnutrition_\w+", RULES))
    bare = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in asked}

    assert bare <= served


@pytest.mark.debian
@pytest.mark.parametrize(
    "words", ["check rules rules.yml", "check config prometheus.yml", "test rules tests.yml"]
)
def test_promtool_agrees(words: str) -> None:
    ran = subprocess.run(["promtool", *words.split()], cwd=FOLDER, capture_output=True, text=True)

    assert ran.returncode == 0, ran.stdout + ran.stderr
