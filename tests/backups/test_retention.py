"""Which backups are kept, of whatever backups there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.backups.retention import RECENT, Policy, keep

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
times = st.sets(
    st.integers(0, 900 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes)), max_size=60
)
counts = st.integers(0, 12)
policies = st.builds(Policy, daily=counts, weekly=counts, monthly=counts)


@given(times, policies)
def test_the_newest_is_never_deleted(made: set[datetime], policy: Policy) -> None:
    assert not made or max(made) in keep(made, policy, NOW)


@given(times.filter(bool), policies, st.data())
def test_neither_is_the_newest_that_was_verified(
    made: set[datetime], policy: Policy, data: st.DataObject
) -> None:
    verified = data.draw(st.sampled_from(sorted(made)))

    assert verified in keep(made, policy, NOW, verified)


@given(times, policies)
def test_nothing_is_kept_that_is_not_there_and_no_more_than_asked(
    made: set[datetime], policy: Policy
) -> None:
    kept = keep(made, policy, NOW)

    assert kept <= made
    recent = {at for at in made if at > NOW - RECENT}
    assert len(kept - recent) <= policy.daily + policy.weekly + policy.monthly + 1


@given(times, policies, counts, counts, counts)
def test_a_policy_that_asks_for_more_keeps_no_fewer(
    made: set[datetime], policy: Policy, daily: int, weekly: int, monthly: int
) -> None:
    more = Policy(
        daily=policy.daily + daily,
        weekly=policy.weekly + weekly,
        monthly=policy.monthly + monthly,
    )

    assert keep(made, policy, NOW) <= keep(made, more, NOW)


@given(times, policies)
def test_what_was_kept_is_kept_again(made: set[datetime], policy: Policy) -> None:
    kept = keep(made, policy, NOW)

    assert keep(kept, policy, NOW) == kept


@given(times, policies)
def test_pruning_each_time_comes_to_the_same_as_pruning_at_the_end(
    made: set[datetime], policy: Policy
) -> None:
    held: set[datetime] = set()
    for at in sorted(made):
        held = keep({*held, at}, policy, at)

    assert keep(held, policy, NOW) == keep(made, policy, NOW)


def test_nightly_backups_of_two_years_become_days_weeks_and_months() -> None:
    made = {NOW - n * DAY for n in range(730)}

    kept = sorted(keep(made, Policy(daily=7, weekly=4, monthly=12), NOW), reverse=True)

    assert kept[:7] == [NOW - n * DAY for n in range(7)]
    # The newest of two weeks and of two months are among the days.
    assert len(kept) == 7 + 2 + 10
    assert kept[-1] == datetime(2025, 8, 31, 12, tzinfo=UTC)
