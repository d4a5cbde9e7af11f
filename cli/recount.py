"""`nutrition recount`: have hours of events counted anew, where their counts are doubted."""

from __future__ import annotations

import datetime as dt

import click

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%MZ"]


@click.command()
@click.argument("since", type=click.DateTime(FORMATS))
@click.argument("until", type=click.DateTime(FORMATS))
def recount(since: dt.datetime, until: dt.datetime) -> None:
    """Count the events from SINCE to before UNTIL (UTC) anew, each hour and its day (operators).

    The id of the job that does it goes to standard output. It needs the platform's DATABASE_URL.
    """
    from cli.operator import actor, app_session, settings
    from services.analytics.rollup import order_again

    with app_session(settings()) as session:
        job = order_again(
            session, actor(), since.replace(tzinfo=dt.UTC), until.replace(tzinfo=dt.UTC)
        )
    click.echo(job)
