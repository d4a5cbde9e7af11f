"""Labels: whatever comes from outside, a metric has the series that its closed sets allow."""

from __future__ import annotations

from kernel import metrics

HOSTILE = [
    "",
    "/v1/jobs/018f3c2e-0000-7000-8000-000000000000",
    "someone@example.org",
    'a"} 1\nnutrition_forged{b="',
    "\x00",
    "é" * 5_000,
    "../../etc/passwd",
]


def test_hostile_values_share_one_series_and_take_no_memory() -> None:
    for metric in metrics.ALL:
        before = set(metric._children)
        for number, value in enumerate(HOSTILE * 20):
            metric.labels(*([f"{value}{number}"] * len(metric.names)))

        assert set(metric._children) - before <= {(metrics.OTHER,) * len(metric.names)}


def test_every_label_has_a_closed_set_or_one_that_its_owner_tells() -> None:
    told_by_owners = {"route", "kind", "region", "entry"}
    for metric in metrics.ALL:
        for name in metric.names:
            assert name in told_by_owners or metrics._KNOWN[name]


def test_what_is_known_is_told_by_its_name() -> None:
    metrics.know("region", ["tests"])
    metrics.CACHE.labels("tests", "failed").inc()

    samples = [sample for family in metrics.REGISTRY.collect() for sample in family.samples]
    assert [
        sample.value
        for sample in samples
        if sample.name == "nutrition_cache_requests_total"
        and sample.labels == {"region": "tests", "outcome": "failed"}
    ] == [1]
