"""`nutrition migrate`: bring the schema to a revision, or say where it stands."""

from __future__ import annotations

import click

from cli.exits import CommandFailed, Exit
from cli.output import emit


@click.command()
@click.option("--to", "revision", metavar="REV", help="Another revision than the newest; or base.")
@click.option("--show", is_flag=True, help="Say where the database stands, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for machines.")
def migrate(revision: str | None, show: bool, as_json: bool) -> None:
    """Bring the database's schema up to date (operators; needs DATABASE_OWNER_URL).

    Going back to an older revision drops what came after it, rows included.
    """
    from alembic.script import ScriptDirectory

    from cli.operator import explained, owner_session, settings
    from migrations import run

    here = settings()
    # Oldest first; "base" is the database before all of them.
    scripts = ScriptDirectory(str(run.FOLDER)).walk_revisions()
    known = ["base", *reversed([script.revision for script in scripts])]
    target = known[-1] if revision in (None, "head") else str(revision)
    if target not in known:
        raise CommandFailed(
            f"There is no revision {target!r}; there are {', '.join(known)}.", Exit.USAGE
        )
    with owner_session(here) as session:
        before = run.current(session.connection()) or "base"
    if before not in known and revision is None:
        # Rolled back: old code runs on the newer schema, and starts on it.
        if as_json:
            emit({"before": before, "revision": before, "head": known[-1], "pending": []})
        else:
            click.echo(f"At {before}, made by a newer release; left alone.")
        return
    if before not in known:
        raise CommandFailed(
            f"The database is at revision {before!r}, which this code does not know: it was "
            "migrated by newer code. Run the migration from there."
        )
    if not show and before != target:
        change = run.upgrade if known.index(target) > known.index(before) else run.downgrade
        with explained():
            change(here.database_owner_url, here.database_url, target)
    after = before if show else target
    pending = known[known.index(after) + 1 :]
    if as_json:
        emit({"before": before, "revision": after, "head": known[-1], "pending": pending})
    elif show:
        click.echo(
            f"At {after}; " + (f"pending: {', '.join(pending)}." if pending else "up to date.")
        )
    elif before == after:
        click.echo(f"At {after} already.")
    else:
        click.echo(f"Migrated from {before} to {after}.")
