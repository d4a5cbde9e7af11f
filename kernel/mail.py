"""A mail, and the server that takes it: from values to the bytes of RFC 5322, and from a URL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Any, Literal, Self
from urllib.parse import unquote, urlsplit

import idna

from kernel.errors import PlatformError, SettingsError

#: Ports where the URL names none: relay, submission (RFC 6409), submissions (RFC 8314).
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_SECURITY: dict[str, Literal["none", "starttls", "tls"]] = {
    "smtp": "none",
    "smtp+starttls": "starttls",
    "smtps": "tls",
}
_HERE = {"localhost", "127.0.0.1", "::1"}
#: Headers that may be folded or encoded. What the others hold is for machines: it stays whole.
_FOLDED = {"from", "to", "subject", "date"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
#: What the rest of the body may not hold: control characters but for tab and line feed.
_UNPRINTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
#: Characters of an address (RFC 5321, 4.5.3.1), and those that no local part holds unquoted.
LONGEST_ADDRESS, LONGEST_LOCAL, LONGEST_DOMAIN = 254, 64, 253
_NO_LOCAL = re.compile(r"[\s\"(),:;<>@\[\\\]]")
_DOMAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")


class MailRefused(PlatformError):
    """This very mail will never be taken: its recipient or its content is refused for good."""


class MailFailed(PlatformError):
    """The server took no mail just now, or did not say so; the same mail may be taken later."""


class ServerAway(MailFailed):
    """No connection could be made, or not signed in: no mail would have been taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Whom to hand mail to. security: `none`, `starttls` or `tls` from the first byte."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"]
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """From `smtp://`, `smtp+starttls://` or `smtps://user:password@host:port`.

        Raises SettingsError, which does not show the password.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise SettingsError(f"SMTP_URL cannot be read: {error}") from None
        if parts.scheme not in _PORTS or not host or parts.path.strip("/") or parts.query:
            raise SettingsError(
                "SMTP_URL must be smtp+starttls://user:password@host:587, smtps://…:465 or, "
                "without a password, smtp://host:25"
            )
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if not (user + password).isascii():
            raise SettingsError("SMTP_URL: user and password must be ASCII")
        if user and parts.scheme == "smtp" and host not in _HERE:
            raise SettingsError(
                "SMTP_URL would send its password in the clear; use smtp+starttls:// or smtps://"
            )
        return cls(
            host=host,
            port=port or _PORTS[parts.scheme],
            security=_SECURITY[parts.scheme],
            user=user,
            password=password,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one person.

    message_id: without brackets; the same for every attempt at the same mail. headers: further
    ones, ASCII, for machines (`List-Unsubscribe`, …): never folded.
    """

    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    date: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


class _Wire(EmailPolicy):
    """What machines read in a header is not broken over lines: not all of them mend it again."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in _FOLDED or name.lower().startswith(("content-", "mime-")):
            return super().fold_binary(name, value)
        return f"{name}: {value}\r\n".encode("ascii")


_ASCII = _Wire(linesep="\r\n", cte_type="7bit")
_UTF8 = _Wire(linesep="\r\n", cte_type="7bit", utf8=True)


def address_of(text: str) -> Address:
    """An address whose domain is ASCII (IDNA 2008). Its local part may not be: SMTPUTF8.

    Raises MailRefused for what is no address.
    """
    local, _, domain = text.rpartition("@")
    try:
        if not domain.isascii():
            domain = idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise MailRefused(f"The domain of the address is none: {error}.") from None
    if (
        not local
        or len(text) > LONGEST_ADDRESS
        or len(local.encode("utf-8", "replace")) > LONGEST_LOCAL
        or len(domain) > LONGEST_DOMAIN
        or _NO_LOCAL.search(local)
        or _CONTROL.search(local)
        or not _DOMAIN.fullmatch(domain)
        or ".." in domain
    ):
        raise MailRefused("The recipient's address is not one.")
    return Address(username=local, domain=domain)


def sender_of(text: str) -> Address:
    """The sender, from `MAIL_FROM`: an address, or `Name <address>`. Raises SettingsError."""
    name, spec = parseaddr(text)
    try:
        sender = address_of(spec)
    except MailRefused:
        sender = None
    if sender is None or not sender.addr_spec.isascii() or _CONTROL.search(text):
        raise SettingsError("MAIL_FROM must be an address, or `Name <address>`, on one line")
    return Address(display_name=name, username=sender.username, domain=sender.domain)


def one_line(text: str) -> str:
    """Text as a header takes it: what would end a line, and everything unprintable, is a space."""
    return " ".join(_UNPRINTED.sub(" ", _CONTROL.sub(" ", text)).split())


def compose(mail: Mail, sender: Address) -> bytes:
    """The mail as it is sent, plain text and HTML as alternatives, in 7 bits.

    Only a recipient whose local part is not ASCII makes the headers UTF-8 (RFC 6532).
    Raises MailRefused where the address is none.
    """
    recipient = address_of(mail.recipient)
    message = EmailMessage(policy=_ASCII if recipient.username.isascii() else _UTF8)
    try:
        message["From"] = sender
        message["To"] = recipient
        message["Subject"] = one_line(mail.subject)
        message["Date"] = format_datetime(mail.date)
        message["Message-ID"] = f"<{mail.message_id}>"
        for name, value in mail.headers.items():
            message[name] = one_line(value)
        message.set_content(_UNPRINTED.sub("\N{REPLACEMENT CHARACTER}", mail.text))
        html = _UNPRINTED.sub("\N{REPLACEMENT CHARACTER}", mail.html)
        message.add_alternative(html, subtype="html")
        return message.as_bytes()
    except (MessageError, ValueError) as error:
        raise MailRefused(f"The mail cannot be written: {error}") from error
