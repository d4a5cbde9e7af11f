"""What may be called on somebody else's word, and what may not."""

from __future__ import annotations

import pytest

from kernel.addresses import refusal, target_of
from kernel.errors import Invalid

REFUSED = {
    "0.0.0.0": "unspecified",  # noqa: S104 - the point
    "10.1.2.3": "private",
    "100.64.0.1": "CGNAT",
    "100.100.100.200": "CGNAT",  # Alibaba's metadata
    "100.127.255.255": "CGNAT",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "168.63.129.16": "metadata",
    "169.254.0.1": "link-local",
    "169.254.169.254": "metadata",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.192": "protocols",  # Oracle's metadata
    "192.0.2.1": "documentation",
    "192.88.99.1": "6to4",
    "192.168.255.255": "private",
    "198.18.0.1": "benchmarks",
    "198.19.255.255": "benchmarks",
    "198.51.100.7": "documentation",
    "203.0.113.7": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.255": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "::": "unspecified",
    "::1": "loopback",
    "::7f00:1": "outside",  # IPv4-compatible, long given up
    "::ffff:127.0.0.1": "loopback",
    "::ffff:10.0.0.1": "private",
    "::ffff:169.254.169.254": "metadata",
    "64:ff9b::a00:1": "private",
    "64:ff9b::7f00:1": "loopback",
    "64:ff9b:1::8.8.8.8": "outside",
    "100::1": "outside",
    "2001::1": "Teredo",
    "2001:20::1": "protocols",
    "2001:db8::1": "documentation",
    "2002:7f00:1::": "6to4",
    "2002:808:808::": "6to4",
    "3fff::1": "documentation",
    "5f00::1": "outside",
    "fc00::1": "private",
    "fd00:ec2::254": "private",  # Amazon's metadata
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "fec0::1": "private",
    "ff02::1": "multicast",
}
PUBLIC = [
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize(("address", "why"), REFUSED.items())
def test_what_is_not_of_the_public_internet_is_refused_and_says_why(address, why):
    assert why in (refusal(address) or "")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address):
    assert refusal(address) is None


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
def test_the_setting_for_tests_opens_this_machine(address):
    assert refusal(address, loopback=True) is None


@pytest.mark.parametrize("address", [a for a, why in REFUSED.items() if why != "loopback"])
def test_the_setting_for_tests_opens_nothing_else(address):
    assert refusal(address, loopback=True) is not None


@pytest.mark.parametrize(
    ("url", "host", "port", "target"),
    [
        ("https://example.com", "example.com", 443, "/"),
        ("http://Example.com/a/b?c=d&e", "example.com", 80, "/a/b?c=d&e"),
        ("https://hooks.example.com:8443?x", "hooks.example.com", 8443, "/?x"),
        ("https://8.8.8.8/", "8.8.8.8", 443, "/"),
        ("https://[2606:4700::1]/", "2606:4700::1", 443, "/"),
        ("https://a_b.example-1.com/", "a_b.example-1.com", 443, "/"),
    ],
)
def test_a_url_is_taken_apart(url, host, port, target):
    found = target_of(url)

    assert (found.host, found.port, found.target) == (host, port, target)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "http://",
        "http:///path",
        "http://user:secret@example.com/",
        "http://user@example.com/",
        "http://example.com\\@10.0.0.1/",
        "http://example.com/#fragment",
        "http://example.com/a b",
        "http://example.com/\r\nHost: x",
        "http://exämple.com/",
        "http://exa mple.com/",
        "http://.example.com/",
        "http://example..com/",
        "http://example.com./",
        "http://example.com:22/",
        "http://example.com:0/",
        "http://example.com:65536/",
        "http://example.com:/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.0.0.0x1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1%25eth0]/",
        "http://[::/",
        "http://169.254.169.254/latest/meta-data/",
        "http://a/" + "x" * 2048,
        "http://" + "a" * 64 + ".com/",
    ],
)
def test_what_is_no_url_of_the_public_internet_is_refused_with_a_reason(url):
    with pytest.raises(Invalid) as refused:
        target_of(url)
    assert refused.value.errors["url"][0]
