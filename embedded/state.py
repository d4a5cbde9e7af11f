"""What the engines keep between starts beside their data: ports and passwords."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from embedded.errors import EmbeddedError
from embedded.ports import free_port, is_free
from embedded.private import write_private

FILE = "engines.json"


def _password() -> str:
    return secrets.token_urlsafe(24)


@dataclass(slots=True)
class State:
    """Ports are kept while they are free; passwords are made once, before the first data."""

    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> "State":
        """Read the file in *folder*; a new folder gives an empty state."""
        path = folder / FILE
        if not path.exists():
            return cls(folder)
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            return cls(folder, dict(kept["ports"]), dict(kept["passwords"]))
        except (ValueError, KeyError, TypeError) as error:
            raise EmbeddedError(
                f"{path} is damaged ({error}): restore it, or remove {folder} to start anew"
            ) from error

    def password(self, name: str) -> str:
        """The password called *name*, made and saved at its first use."""
        if name not in self.passwords:
            self.passwords[name] = _password()
            self._save()
        return self.passwords[name]

    def port(self, name: str) -> int:
        """The port called *name*, chosen and saved at its first use."""
        if name not in self.ports:
            self.choose_port(name)
        return self.ports[name]

    def choose_port(self, name: str) -> None:
        """Take another port for *name*."""
        self.ports[name] = free_port()
        self._save()

    def ensure_port_free(self, name: str) -> None:
        """Call before a start: a kept port that somebody took meanwhile is chosen anew."""
        if not is_free(self.port(name)):
            self.choose_port(name)

    def _save(self) -> None:
        kept = asdict(self)
        del kept["folder"]
        write_private(self.folder / FILE, json.dumps(kept, indent=2, sort_keys=True) + "\n")
