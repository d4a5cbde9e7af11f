"""As whom a server runs that refuses to be root.

An ordinary user is itself. Root steps down to `nobody`; where a private folder (a home of mode
0700) keeps `nobody` out, root steps into a user namespace in which it merely appears as `nobody`,
and the files stay root's. No folder's permissions are ever widened.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel.errors import MachineError


@dataclass(frozen=True, slots=True)
class Account:
    """How to start a program: after *prefix*, as *uid* and *gid* where they are given."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def popen_options(self) -> dict[str, Any]:
        """The arguments of `subprocess.Popen` that start a program as this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make *path*, and all below it, this account's; only root can, so only root does."""
        uid = os.geteuid() if self.uid is None else self.uid
        gid = os.getegid() if self.gid is None else self.gid
        if os.geteuid() != 0 or path.stat().st_uid == uid:
            return
        for inner in path.rglob("*"):
            os.chown(inner, uid, gid, follow_symlinks=False)
        os.chown(path, uid, gid)


def lesser_account(program: Path, folder: Path, data: Path) -> Account:
    """The account that may run *program* on *data*, which is or will be below *folder*.

    Raises MachineError where this is root and no way is open.
    """
    if os.geteuid() != 0:
        return Account()
    nobody = pwd.getpwnam("nobody")
    account = Account(uid=nobody.pw_uid, gid=nobody.pw_gid)
    if data.exists() and data.stat().st_uid != 0:
        # Made by an ordinary user, who will want it back.
        owner = data.stat()
        account = Account(uid=owner.st_uid, gid=owner.st_gid)
    enter = 'cd "$1" && exec "$0" --version'
    if _runs(["/bin/sh", "-c", enter, str(program), str(folder)], account):
        return account
    if unshare := shutil.which("unshare"):
        prefix = (unshare, "-U", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}")
        if _runs([*prefix, str(program), "--version"], Account()):
            return Account(prefix=prefix)
    raise MachineError(
        f"PostgreSQL refuses to run as root, and the user nobody may not enter {folder}: "
        "start as an ordinary user, or move the project to a folder that others may enter"
    )


def _runs(command: list[str], account: Account) -> bool:
    done = subprocess.run(
        command, capture_output=True, check=False, timeout=30, **account.popen_options()
    )
    return done.returncode == 0
