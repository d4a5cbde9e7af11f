"""An engine as a direct child of this process, as the tests run it."""

import os
import subprocess
import time
from pathlib import Path

from embedded.errors import EmbeddedError
from embedded.program import Engine

# A loaded machine takes several times the usual tenth of a second.
START_SECONDS = 90
STOP_SECONDS = 30
LOOK_AGAIN_SECONDS = 0.02


class Child:
    """Start, stop and kill one engine. Its port stays the same from start to start.

    engine: what to run. folder: where its log goes, unless *log* is another file, and what marks
    the process as ours.
    """

    def __init__(self, engine: Engine, folder: Path, log: Path | None = None) -> None:
        self.engine = engine
        self._folder = folder
        self._log = log or folder / "log" / f"{engine.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, *, empty: bool = False) -> None:
        """Start the server and wait until it answers; empty: without anything it had stored."""
        if self.pid is not None:
            return
        if empty:
            self.engine.discard_data()
        if not self._attempt() and (
            self.engine.mend(self._log_tail()) is None or not self._attempt()
        ):
            raise EmbeddedError(f"{self.engine.name} did not start: {last_words(self._log_tail())}")
        self.engine.settle()

    def stop(self) -> None:
        """Stop the server at once but in order."""
        self._signal(self.engine.program().stop_signal)

    def kill(self) -> None:
        """SIGKILL, as the kernel's out-of-memory killer would."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _attempt(self) -> bool:
        self.engine.prepare()
        program = self.engine.program()
        self._log.parent.mkdir(exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                program.command(self._folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                # A Ctrl-C at the terminal is for us; the engines go when we say so.
                start_new_session=True,
                **program.account.popen_options(),
            )
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None:
            if self.engine.answers():
                return True
            if time.monotonic() > deadline:
                self.kill()
                raise EmbeddedError(
                    f"{self.engine.name} did not answer within {START_SECONDS} s: "
                    f"{last_words(self._log_tail())}"
                )
            time.sleep(LOOK_AGAIN_SECONDS)
        return False

    def _signal(self, number: int) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        os.kill(self._process.pid, number)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def _log_tail(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-8000:]


def last_words(log: str) -> str:
    """The line of a server's *log* that says why it ended."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "rror" in line or "Fatal" in line]
    return (telling or lines or ["it wrote nothing"])[-1]
