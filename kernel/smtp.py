"""SMTP (RFC 5321): mails handed to a server, many over one connection, each within a deadline."""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
import threading
import time
from collections import deque
from concurrent.futures import Future
from email.headerregistry import Address
from typing import Any

from kernel.mail import Mail, MailFailed, MailRefused, Server, ServerAway, address_of, compose
from kernel.outbound import resolve

#: Bytes that are written before the deadline is looked at again, and of answers to one mail.
_PIECE = 4096
_MOST = 1 << 16
#: A connection that nobody used for so long (seconds) is not used again: servers hang up by then.
IDLE = 30.0
#: Mails over one connection: servers that count want a new one after about so many.
PER_CONNECTION = 100
_MAILBOX_FULL_OR_TOO_MANY = 552


class Mailer:
    """Hands mails to one server. Safe between threads: each uses a connection of its own.

    seconds: for one mail, connection, TLS and sign-in included. trust: whom to believe that it is
    the server; without it, whom the system trusts.
    """

    def __init__(
        self,
        server: Server,
        sender: Address,
        *,
        seconds: float = 20.0,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.server = server
        self.sender = sender
        self._seconds = seconds
        self._trust = trust
        self._idle: deque[_Conversation] = deque()
        self._lock = threading.Lock()

    def send(self, mail: Mail) -> None:
        """Hand over one mail.

        Raises MailRefused where it will never be taken, ServerAway where none would have been, and
        MailFailed where it may be later, or was perhaps: it comes again under the same Message-ID.
        """
        content = compose(mail, self.sender)
        recipient = address_of(mail.recipient)
        deadline = time.monotonic() + self._seconds
        talk = self._ready(deadline) or self._open(deadline)
        try:
            talk.hand_over(self.sender, recipient, content)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise self._problem(error, deadline) from error
        finally:
            self._keep(talk)

    def close(self) -> None:
        """Take leave of the server."""
        with self._lock:
            idle, self._idle = list(self._idle), deque()
        for talk in idle:
            talk.leave()

    def _ready(self, deadline: float) -> _Conversation | None:
        """A connection from before on which the server still answers."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                talk = self._idle.pop()
            talk.until(deadline)
            try:
                if talk.used_at > time.monotonic() - IDLE and talk.rset()[0] == 250:
                    return talk
            except (smtplib.SMTPException, OSError):
                pass  # hung up meanwhile: nothing was sent, so another connection is no repetition
            talk.close()

    def _open(self, deadline: float) -> _Conversation:
        """A new connection. Raises ServerAway."""
        trust = None
        if self.server.security != "none":
            trust = self._trust = self._trust or ssl.create_default_context()
        talk = _Conversation(self.server, trust, self.sender.domain)
        talk.until(deadline)
        try:
            talk.begin()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            talk.close()
            raise ServerAway(str(self._problem(error, deadline))) from error
        return talk

    def _keep(self, talk: _Conversation) -> None:
        """Back with the idle ones, where it is in order; those idle for too long go."""
        talk.used_at = time.monotonic()
        leaving = []
        with self._lock:
            while self._idle and self._idle[0].used_at < talk.used_at - IDLE:
                leaving.append(self._idle.popleft())
            if talk.in_order and talk.mails < PER_CONNECTION:
                self._idle.append(talk)
            else:
                leaving.append(talk)
        for old in leaving:
            old.leave()

    def _problem(self, error: Exception, deadline: float) -> Exception:
        where = f"{self.server.host}:{self.server.port}"
        match error:
            case smtplib.SMTPRecipientsRefused():
                code, said = next(iter(error.recipients.values()))
                # At RCPT 552 has meant "too many recipients", which passes (RFC 5321, 4.5.3.1.10).
                lasting = code >= 500 and code != _MAILBOX_FULL_OR_TOO_MANY
                kind: type[Exception] = MailRefused if lasting else MailFailed
                return kind(f"{where} refused the recipient: {_said(code, said)}")
            case smtplib.SMTPSenderRefused():
                # All but the size is about us, not about this mail: an operator mends it.
                kind = MailRefused if error.smtp_code == 552 else MailFailed
                return kind(
                    f"{where} refused the sender: {_said(error.smtp_code, error.smtp_error)}"
                )
            case smtplib.SMTPDataError():
                kind = MailRefused if error.smtp_code >= 500 else MailFailed
                return kind(f"{where} refused the mail: {_said(error.smtp_code, error.smtp_error)}")
            case smtplib.SMTPAuthenticationError():
                return MailFailed(
                    f"{where} refused the sign-in of SMTP_URL: "
                    f"{_said(error.smtp_code, error.smtp_error)}"
                )
            case smtplib.SMTPResponseException():
                return MailFailed(f"{where}: {_said(error.smtp_code, error.smtp_error)}")
            case ssl.SSLCertVerificationError():
                return MailFailed(
                    f"{where} did not prove who it is: {error.verify_message}. "
                    "Name its authority in SMTP_CA_FILE."
                )
            case _ if time.monotonic() >= deadline:
                return MailFailed(f"{where} did not take the mail within {self._seconds:g} s.")
        return MailFailed(f"{where}: {str(error) or type(error).__name__}.")


class _Conversation(smtplib.SMTP):
    """One connection. Every step has what is left until one deadline: no drip outlasts it."""

    def __init__(self, server: Server, trust: ssl.SSLContext | None, name: str) -> None:
        super().__init__(local_hostname=name)
        self.server = server
        self.trust = trust
        self.mails = 0
        self.in_order = False
        self.used_at = time.monotonic()
        self._deadline = 0.0
        self._read = 0
        self._host = server.host

    def until(self, deadline: float) -> None:
        """What is done next has time until *deadline*, of the monotonic clock."""
        self._deadline = deadline
        self._read = 0

    def left(self) -> float:
        """Seconds until the deadline. Raises TimeoutError when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left

    def begin(self) -> None:
        """Connect, prove who is who, and sign in."""
        code, said = self.connect(self.server.host, self.server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)
        if self.server.security == "starttls":
            assert self.sock is not None
            self.ehlo_or_helo_if_needed()
            self.sock.settimeout(self.left())
            self.starttls(context=self.trust)
        self.ehlo_or_helo_if_needed()
        if self.server.user:
            self.login(self.server.user, self.server.password)
        self.in_order = True

    def hand_over(self, sender: Address, recipient: Address, content: bytes) -> None:
        """One mail. After a refusal the connection is in order again; else it is not."""
        self.mails += 1
        self.in_order = False
        foreign = not recipient.username.isascii()
        if foreign and not self.has_extn("smtputf8"):
            self.in_order = True
            raise smtplib.SMTPRecipientsRefused(
                {recipient.addr_spec: (553, b"no SMTPUTF8, which this address needs")}
            )
        options = ["SMTPUTF8", "BODY=8BITMIME"] if foreign else []
        try:
            self.sendmail(sender.addr_spec, [recipient.addr_spec], content, options)
        except (
            smtplib.SMTPRecipientsRefused,
            smtplib.SMTPDataError,
            smtplib.SMTPSenderRefused,
        ):
            self.in_order = self.sock is not None
            raise
        self.in_order = True

    def leave(self) -> None:
        """QUIT, for which nobody waits long, and hang up."""
        self.until(time.monotonic() + 1)
        try:
            if self.in_order and self.sock is not None:
                self.docmd("QUIT")
        except (smtplib.SMTPException, OSError):
            pass
        finally:
            self.close()

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        addresses = self._resolved(host, port)
        for number, address in enumerate(addresses):
            try:
                # An address that swallows everything leaves time for the next.
                share = self.left() / (len(addresses) - number)
                opened = socket.create_connection((address, port), share)
                break
            except OSError:
                if number == len(addresses) - 1:
                    raise
        if self.server.security != "tls":
            return opened
        assert self.trust is not None
        try:
            opened.settimeout(self.left())
            return self.trust.wrap_socket(opened, server_hostname=host)
        except BaseException:
            opened.close()
            raise

    def _resolved(self, host: str, port: int) -> list[str]:
        # The system's resolver knows no deadline, so it is left behind in a thread of its own.
        found: Future[list[str]] = Future()

        def ask() -> None:
            try:
                found.set_result(resolve(host, port))
            except Exception as error:  # noqa: BLE001 - raised to whoever waits
                found.set_exception(error)

        threading.Thread(target=ask, name="resolver", daemon=True).start()
        return found.result(timeout=self.left())[:3]

    def send(self, s: Any) -> None:
        data = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection was closed before")
        try:
            for start in range(0, len(data), _PIECE):
                self.sock.settimeout(self.left())
                self.sock.sendall(data[start : start + _PIECE])
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(f"the connection was lost: {error}") from error

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = io.BufferedReader(_Answers(self))
        return super().getreply()

    def took(self, read: int) -> None:
        """Count bytes of answers. Raises OSError where they are too many."""
        self._read += read
        if self._read > _MOST:
            raise OSError(f"the server answered more than {_MOST:,} bytes")


class _Answers(io.RawIOBase):
    """What the server says, as long as there is time."""

    def __init__(self, talk: _Conversation) -> None:
        self._talk = talk
        self._sock = talk.sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        assert self._sock is not None
        self._sock.settimeout(self._talk.left())
        read = self._sock.recv_into(buffer)
        self._talk.took(read)
        return read


def _said(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(said.split())}"[:500]
