"""A mail server that answers as it is told, with certificates of an authority of its own."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "platform", "p@ss:word/"


@dataclass(frozen=True)
class Authority:
    """Files: whom clients are to believe, and the chain and key of a server on 127.0.0.1."""

    trusted: Path
    chain: Path

    def for_server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain)
        return context


def make_authority(folder: Path) -> Authority:
    """An authority that is a day old, and a server's certificate by it."""
    now = datetime.now(UTC)
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority of the tests")])

    def certificate(name: x509.Name, of: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(root_name)
            .public_key(of.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(of.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), False
            )
        )

    usage = x509.KeyUsage(*(name in {"sign", "crl"} for name in _USAGES))
    root = (
        certificate(root_name, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(usage, True)
        .sign(root_key, hashes.SHA256())
    )
    names: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.IPAddress(ip_address("127.0.0.1")),
    ]
    leaf = (
        certificate(x509.Name([]), key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.SubjectAlternativeName(names), True)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    found = Authority(folder / "authority.pem", folder / "server.pem")
    found.trusted.write_bytes(root.public_bytes(pem))
    found.chain.write_bytes(private + leaf.public_bytes(pem))
    return found


#: What a key may be used for, in the order of x509.KeyUsage.
_USAGES = (
    "signature",
    "content",
    "key",
    "data",
    "agreement",
    "sign",
    "crl",
    "encipher",
    "decipher",
)

#: An answer (`550 unknown`), or what is done instead of one.
Step = str | Callable[[Any], str]


@dataclass(frozen=True)
class Got:
    """A mail that was taken: over which connection, for whom, by whom, and its bytes."""

    peer: Any
    recipient: str
    sender: str
    raw: bytes
    encrypted: bool
    signed_in: bool

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())


class _AnyPort(Controller):
    """Listens where there is room."""

    def bound(self) -> int:
        server: Any = self.server
        return int(server.sockets[0].getsockname()[1])

    def _trigger_server(self) -> None:
        # So the library sees that it answers; its own knock goes to the port asked for, 0.
        socket.create_connection(("127.0.0.1", self.bound())).close()


class PostOffice:
    """Takes every mail, unless it was told what the next RCPT or DATA is answered with."""

    def __init__(
        self,
        authority: Authority | None = None,
        *,
        implicit: bool = False,
        sign_in: bool = False,
        utf8: bool = True,
        greeting: str = "",
    ) -> None:
        self.got: list[Got] = []
        self.connections: set[Any] = set()
        self.at_recipient: list[Step] = []
        self.at_data: list[Step] = []
        self.at_reset: list[Step] = []
        self._closed = False
        tls = authority.for_server() if authority else None
        options: dict[str, Any] = {"enable_SMTPUTF8": utf8, "ident": greeting or None}
        if sign_in:
            options |= {
                "auth_required": True,
                "authenticator": _authenticate,
                "auth_require_tls": tls is not None and not implicit,
            }
        if tls and not implicit:
            options |= {"tls_context": tls, "require_starttls": True}
        self._controller = _AnyPort(
            self,
            hostname="127.0.0.1",
            port=0,
            ssl_context=tls if implicit else None,
            ready_timeout=30,
            **options,
        )
        self._controller.start()
        self.port = self._controller.bound()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._controller.stop()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, _: Any) -> str:
        self.connections.add(session.peer)
        if self.at_recipient and (answer := await _answer(self.at_recipient, server)) != "250 OK":
            return answer
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = await _answer(self.at_data, server) if self.at_data else "250 OK"
        if answer.startswith("250"):
            (recipient,) = envelope.rcpt_tos
            self.got.append(
                Got(
                    session.peer,
                    recipient,
                    envelope.mail_from,
                    envelope.content,
                    encrypted=session.ssl is not None or self._controller.ssl_context is not None,
                    signed_in=bool(session.authenticated),
                )
            )
        return answer

    async def handle_RSET(self, server: Any, session: Any, envelope: Any) -> str:
        return await _answer(self.at_reset, server) if self.at_reset else "250 OK"


async def _answer(steps: list[Step], server: Any) -> str:
    step = steps.pop(0)
    if isinstance(step, str):
        return step
    said = step(server)
    if said == "":
        await asyncio.Event().wait()  # never
    return said


def silence(_: Any) -> str:
    """Says nothing any more."""
    return ""


def hang_up(server: Any) -> str:
    """Cuts the connection off instead of answering."""
    server.transport.abort()
    return "250 OK"


def _authenticate(*arguments: Any) -> AuthResult:
    given = arguments[-1]
    assert isinstance(given, LoginPassword)
    wanted = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=given == wanted, handled=False)
