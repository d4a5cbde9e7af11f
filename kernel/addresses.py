"""Which URLs and addresses may be called on somebody else's word: those of the public internet.

The ranges are those of IANA's special-purpose address registries (RFC 6890 and its updates), held
here and not asked of `ipaddress`, whose `is_global` changes between Python releases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from kernel.errors import Invalid

#: Characters of a URL.
LONGEST = 2048
#: The form of a URL that may be called. A name, or an address; no credentials and no fragment.
_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>[/?][!-\"$-~]*)?",
    re.ASCII,
)
_PORTS = {"http": 80, "https": 443}

_V4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a provider (CGNAT)"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),  # Azure's, in a public range
        ("169.254.169.254/32", "cloud metadata"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a relay of 6to4"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
#: IPv4 addresses written as IPv6: what they lead to is judged.
_CARRIES_V4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
_V6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), why)
    for network, why in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("2001::/32", "a tunnel (Teredo)"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "a tunnel (6to4)"),
        ("3fff::/20", "for documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
    )
)
#: All of IPv6 that is given out for use on the internet lies in here.
_GLOBAL_V6 = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A URL, taken apart. host: without brackets. target: path and query, as they are sent."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """What `Host` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def refusal(address: str, *, loopback: bool = False) -> str | None:
    """Why *address*, as a resolver writes it, may not be called; None where it may.

    loopback: addresses of this machine itself may be called too.
    Raises ValueError for what is no address.
    """
    found = ip_address(address)
    why = _of_v4(found) if isinstance(found, IPv4Address) else _of_v6(found)
    return None if loopback and why == "loopback" else why


def target_of(url: str, *, loopback: bool = False) -> Target:
    """The parts of a URL that may be called, as far as can be told without resolving its name.

    Raises Invalid, saying what is wrong with it.
    """
    if len(url) > LONGEST:
        raise _invalid(f"Must have at most {LONGEST} characters.")
    match = _URL.fullmatch(url)
    if match is None:
        raise _invalid(
            "Must be http:// or https://, a host name in ASCII, perhaps a port, path and query; no "
            "credentials, no fragment, no spaces."
        )
    scheme, host = match["scheme"], match["host"].strip("[]").lower()
    port = int(match["port"] or _PORTS[scheme])
    if not (port in _PORTS.values() or 1024 <= port <= 65535):
        raise _invalid("The port must be 80, 443, or 1024 to 65535.")
    if ".." in host or any(len(label) > 63 for label in host.split(".")):
        raise _invalid("This is no host name.")
    if ":" in host or host.rpartition(".")[2].isdigit() or host.rpartition(".")[2][:2] == "0x":
        # The last label of a name is never a number, so this means an address.
        try:
            why = refusal(host, loopback=loopback)
        except ValueError:
            raise _invalid("This is no address; write IPv4 as four decimal numbers.") from None
        if why is not None:
            raise _invalid(f"Must be an address of the public internet; {host} is {why}.")
    path = match["target"] or "/"
    return Target(
        scheme=scheme, host=host, port=port, target=path if path[0] == "/" else f"/{path}"
    )


def _of_v4(address: IPv4Address) -> str | None:
    return next((why for network, why in _V4 if address in network), None)


def _of_v6(address: IPv6Address) -> str | None:
    if any(address in network for network in _CARRIES_V4):
        return _of_v4(IPv4Address(int(address) & 0xFFFF_FFFF))
    why = next((why for network, why in _V6 if address in network), None)
    return why or (None if address in _GLOBAL_V6 else "outside of the global unicast range")


def _invalid(reason: str) -> Invalid:
    return Invalid(f"url: {reason}", {"url": [reason]})
