"""`python -m embedded up [--detach] | down | status | database`, called by scripts and commands."""

import argparse
import sys
from pathlib import Path

from embedded import launch
from embedded.home import Home, explain
from embedded.steps import fail
from kernel.errors import MachineError


def main() -> int:
    """Run one command on the checkout that this file lies in; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m embedded", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start everything, print an example label, serve")
    up.add_argument("--detach", action="store_true", help="leave it running and return")
    commands.add_parser("down", help="stop everything that was started here")
    commands.add_parser("status", help="what runs here")
    commands.add_parser("database", help="the database alone, until standard input ends")
    chosen = parser.parse_args()
    home = Home(Path(__file__).parent.parent)
    try:
        if chosen.command == "up":
            return launch.up(home, detach=chosen.detach)
        if chosen.command == "database":
            return launch.database(home)
        return launch.down(home) if chosen.command == "down" else launch.status(home)
    except MachineError as error:
        return fail(error)
    except launch.Interrupted:
        print("Stopped.", file=sys.stderr)
        return 130
    except OSError as error:
        return fail(explain(error))


if __name__ == "__main__":
    sys.exit(main())
