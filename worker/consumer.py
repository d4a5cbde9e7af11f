"""Consumer: Celery's, with its task events sent in company."""

from __future__ import annotations

from typing import Any

from celery.worker.consumer import Consumer as CeleryConsumer

#: Seconds that a task event may wait for others. Sent one by one, at each turn of Celery's loop,
#: they were 43 % of what its main process did.
GATHER = 0.1


class Consumer(CeleryConsumer):
    """Sends events as lists, which is a form of Celery's own that Flower reads."""

    hub: Any
    _flush_events: Any
    _gathering = False

    def on_send_event_buffered(self) -> None:  # type: ignore[override]  # its types are wrong
        """Called for every event that is put aside."""
        if self.hub and not self._gathering:
            self._gathering = True
            self.hub.call_later(GATHER, self._send)

    def on_close(self) -> None:
        """The connection is lost, and with it the timer that was to send."""
        self._gathering = False
        super().on_close()

    def _send(self) -> None:
        self._gathering = False
        self._flush_events()
