"""supervisord.conf runs what the job kinds need, in the way the design asks for."""

import configparser
import re
import shlex
from pathlib import Path

import pytest

from services.kinds import KINDS

ROOT = Path(__file__).resolve().parent.parent.parent


def sections() -> configparser.RawConfigParser:
    """supervisord.conf, read as supervisord reads it."""
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"), strict=False)
    parser.read(ROOT / "supervisord.conf", encoding="utf-8")
    return parser


def programs() -> list[str]:
    """The names of all programs."""
    return [name[8:] for name in sections().sections() if name.startswith("program:")]


def workers() -> dict[str, list[str]]:
    """Worker → the words of its command."""
    parser = sections()
    commands = {name: shlex.split(parser[f"program:{name}"]["command"]) for name in programs()}
    return {name: words for name, words in commands.items() if "worker" in words}


def consumed(words: list[str]) -> list[str]:
    """The queues that a worker's command names."""
    return words[words.index("-Q") + 1].split(",")


def test_every_queue_of_the_kinds_is_consumed_and_no_other():
    named = {queue for words in workers().values() for queue in consumed(words)}

    assert named == {kind.queue for kind in KINDS}


def test_a_person_who_waits_shares_no_process_with_bulk():
    for words in workers().values():
        assert not {"nutrition.interactive", "nutrition.bulk"} <= set(consumed(words))


@pytest.mark.parametrize("flag", ["--without-gossip", "--without-mingle", "-E", "--pool"])
def test_every_worker_has_the_flags_that_the_design_asks_for(flag: str):
    assert [name for name, words in workers().items() if flag not in words] == []


def test_a_worker_has_time_for_its_soft_shutdown_before_it_is_killed():
    stated = re.search(
        r'"worker_soft_shutdown_timeout": ([\d.]+)', (ROOT / "worker" / "app.py").read_text()
    )
    assert stated
    for name in workers():
        section = sections()[f"program:{name}"]
        assert "REMAP_SIGTERM" in section["environment"]
        assert float(section["stopwaitsecs"]) >= float(stated[1]) + 10


def test_all_programs_stop_together_and_are_started_again_for_ever():
    parser = sections()

    assert parser["group:platform"]["programs"].split(",") == programs()
    for name in programs():
        section = parser[f"program:{name}"]
        assert section["autorestart"] == "true"
        assert int(section["startretries"]) >= 1000
        assert section["killasgroup"] == "true"


def test_every_log_is_bounded():
    parser = sections()

    for name in programs():
        assert parser[f"program:{name}"]["stdout_logfile_maxbytes"] == "10MB"
        assert int(parser[f"program:{name}"]["stdout_logfile_backups"]) > 0


def test_no_secret_stands_in_a_command():
    assert not re.search(
        r"basic.auth|password|secret",
        " ".join(sections()[f"program:{name}"]["command"] for name in programs()),
        re.IGNORECASE,
    )
