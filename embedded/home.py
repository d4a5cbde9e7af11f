"""The folders and files of one installation, and whether it can live where it is."""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded.errors import EmbeddedError

# A socket's path may have 107 bytes on Linux and 103 on macOS; supervisord adds ".<pid>" to it.
SOCKET_BYTES = 90
# PostgreSQL's first files, a checkpoint's worth of log, and the catalogue.
NEEDED_MB = 600
# Characters that supervisord's configuration gives a meaning of its own inside a path.
UNUSABLE = '%[]*?"\\\n'


class Home:
    """A checkout at *root*; what it generates lies under `var/`."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))
        self.var = self.root / "var"
        self.log = self.var / "log"
        self.environment = self.var / "platform.env"
        self.access = self.var / "access.json"
        self.configuration = self.root / "supervisord.conf"
        self.embedded_configuration = self.var / "embedded.conf"

    def check(self) -> None:
        """Make the folders. Raises EmbeddedError where this place will not do."""
        if bad := sorted(set(str(self.root)) & set(UNUSABLE)):
            raise EmbeddedError(
                f"the folder {self.root} has {' '.join(bad)} in its path, which supervisord takes "
                "for something else: move or rename it"
            )
        try:
            self.log.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EmbeddedError(f"cannot write to {self.var}: {error.strerror}") from error
        if not os.access(self.var, os.W_OK):
            raise EmbeddedError(
                f"cannot write to {self.var} as this user: start as its owner, or give it back"
            )

    def check_space(self) -> None:
        """Raises EmbeddedError where the disk is too full for a first start."""
        free = shutil.disk_usage(self.var).free // 2**20
        if free < NEEDED_MB:
            raise disk_full(self.var, f"{free} MB free, {NEEDED_MB} MB needed")

    @property
    def socket(self) -> Path:
        """Where supervisord listens: under var/, or in a short private folder for a deep path."""
        usual = self.var / "supervisor.sock"
        if len(os.fsencode(usual)) <= SOCKET_BYTES:
            return usual
        key = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        # Not TMPDIR: the next command may have another one. The mode and the owner make it ours.
        folder = Path("/tmp") / f"nutrition-{os.getuid()}-{key}"  # noqa: S108
        folder.mkdir(mode=0o700, exist_ok=True)
        seen = folder.lstat()
        if folder.is_symlink() or seen.st_uid != os.getuid() or seen.st_mode & 0o077:
            raise EmbeddedError(
                f"{folder} belongs to somebody else: remove it, or move the project"
            )
        return folder / "supervisor.sock"

    def discard_socket(self) -> None:
        """Remove what a supervisord that is gone left, and the short folder where one was made."""
        self.socket.unlink(missing_ok=True)
        if self.socket.parent != self.var:
            self.socket.parent.rmdir()

    @contextmanager
    def starting(self) -> Iterator[None]:
        """One start or stop at a time; a second waits for the first."""
        with (self.var / "start.lock").open("w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("  another start or stop is under way here; waiting for it", flush=True)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def disk_full(path: Path, detail: str = "no space left") -> EmbeddedError:
    """The error for a disk without room."""
    return EmbeddedError(
        f"the disk that holds {path} is full ({detail}): make room and start again"
    )


def explain(error: OSError) -> EmbeddedError:
    """The operating system's refusal as one line for the reader."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(Path(error.filename or "var"))
    where = f": {error.filename}" if error.filename else ""
    return EmbeddedError(f"{error.strerror or error}{where}")
