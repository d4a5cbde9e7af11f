"""Requests to the outside: to the address that was checked, within one deadline, and no further."""

from __future__ import annotations

import socket
import ssl
import threading

import pytest

from kernel.outbound import OutboundFailed, OutboundRefused, Outside
from tests.webhooks.sink import CERTIFICATE, Sink, babble, drip, reset, silence, status


def _send(sink: Sink, outside: Outside | None = None, url: str | None = None):
    return (outside or Outside(loopback=True, seconds=1)).post(url or sink.url, b"{}", {})


def test_a_request_arrives_as_it_was_sent(sink):
    answer = Outside(loopback=True).post(f"{sink.url}?a=b", b'{"x":1}', {"X-Some": "thing"})

    (received,) = sink.received
    assert (received.path, received.body) == ("/hook?a=b", b'{"x":1}')
    assert received.headers["X-Some"] == "thing"
    assert received.headers["Host"] == f"127.0.0.1:{sink.port}"
    assert answer.status == 204


def test_this_machine_is_not_called_without_the_setting(sink):
    outside = Outside(resolve=lambda *_: ["127.0.0.1"])
    with pytest.raises(OutboundRefused, match="loopback"):
        outside.post(f"http://hooks.test:{sink.port}/", b"", {})
    assert sink.received == []


def test_one_private_address_among_public_ones_refuses_the_name(sink):
    outside = Outside(resolve=lambda *_: ["1.1.1.1", "10.0.0.7"])
    with pytest.raises(OutboundRefused, match=r"10\.0\.0\.7 is private"):
        outside.post("http://hooks.test/", b"", {})


def test_the_address_that_was_checked_is_the_one_that_is_called(monkeypatch):
    # DNS rebinding: public when asked first, this machine when asked again.
    answers = [["1.1.1.1"], ["127.0.0.1"]]
    called = []

    def create_connection(address, *_, **__):
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", create_connection)
    outside = Outside(resolve=lambda *_: answers.pop(0))
    with pytest.raises(OutboundFailed):
        outside.post("http://hooks.test/", b"", {})

    assert called == [("1.1.1.1", 80)]
    with pytest.raises(OutboundRefused):
        outside.post("http://hooks.test/", b"", {})
    assert called == [("1.1.1.1", 80)]


def test_a_name_with_a_dead_address_is_reached_by_its_next(sink):
    outside = Outside(loopback=True, resolve=lambda *_: ["::1", "127.0.0.1"])

    assert outside.post(f"http://hooks.test:{sink.port}/", b"", {}).status == 204
    assert sink.received[0].headers["Host"] == f"hooks.test:{sink.port}"


@pytest.fixture
def tls_sink():
    opened = Sink(tls=True)
    yield opened
    opened.close()


@pytest.fixture
def trusting():
    """An outside where every name is this machine, and `hooks.test` vouches for itself."""
    context = ssl.create_default_context(cafile=CERTIFICATE)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # as newer Pythons do by themselves
    return Outside(loopback=True, seconds=5, resolve=lambda *_: ["127.0.0.1"], tls=context)


def test_tls_keeps_the_name_though_the_address_is_pinned(tls_sink, trusting):
    assert trusting.post(f"https://hooks.test:{tls_sink.port}/", b"", {}).status == 204

    assert tls_sink.names == ["hooks.test"]


def test_a_certificate_of_another_name_is_no_answer(tls_sink, trusting):
    with pytest.raises(OutboundFailed, match="CERTIFICATE_VERIFY_FAILED"):
        trusting.post(f"https://other.test:{tls_sink.port}/", b"", {})
    assert tls_sink.received == []


def test_an_authority_that_the_system_does_not_know_is_no_answer(tls_sink):
    outside = Outside(loopback=True, resolve=lambda *_: ["127.0.0.1"])
    with pytest.raises(OutboundFailed, match="CERTIFICATE_VERIFY_FAILED"):
        outside.post(f"https://hooks.test:{tls_sink.port}/", b"", {})


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(sink, code):
    sink.answer(status(code, Location=sink.url + "/elsewhere"))

    assert _send(sink).status == code
    assert len(sink.received) == 1


def test_no_proxy_of_the_environment_is_used(sink, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")

    assert _send(sink).status == 204


def test_silence_ends_with_the_deadline(sink):
    sink.answer(silence(sink))
    with pytest.raises(OutboundFailed, match="within"):
        _send(sink, Outside(loopback=True, seconds=0.2))


@pytest.mark.parametrize(
    "opening",
    [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"],
    ids=["status line", "headers", "body"],
)
def test_a_drip_ends_with_the_deadline_though_bytes_keep_coming(sink, opening):
    sink.answer(drip(sink, opening or b"HTTP/1.1 200 "))
    with pytest.raises(OutboundFailed, match="within"):
        _send(sink, Outside(loopback=True, seconds=0.3))


def test_a_resolver_that_hangs_ends_with_the_deadline():
    released = threading.Event()
    outside = Outside(seconds=0.1, resolve=lambda *_: [str(released.wait(30))])
    with pytest.raises(OutboundFailed, match="within"):
        outside.post("http://hooks.test/", b"", {})
    released.set()


def test_a_name_that_does_not_exist_is_no_answer():
    def unknown(*_):
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(OutboundFailed, match=r"hooks\.test cannot be resolved"):
        Outside(resolve=unknown).post("http://hooks.test/", b"", {})


def test_a_connection_that_is_cut_off_is_no_answer(sink):
    sink.answer(reset)
    with pytest.raises(OutboundFailed):
        _send(sink)


def test_a_server_that_babbles_is_heard_to_a_bound_and_cut_off(sink):
    sink.answer(babble)

    answer = _send(sink, Outside(loopback=True, seconds=10, keep=1000))

    assert answer.status == 200
    assert len(answer.body) == 1000


def test_headers_without_end_are_no_answer(sink):
    sink.answer(lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000))
    with pytest.raises(OutboundFailed):
        _send(sink, Outside(loopback=True, seconds=10))


def test_interim_answers_without_end_are_cut_off(sink):
    def send(handler):
        while True:
            handler.wfile.write(b"HTTP/1.1 102 Processing\r\n\r\n" * 100)

    sink.answer(send)
    with pytest.raises(OutboundFailed, match="more than"):
        _send(sink, Outside(loopback=True, seconds=60))


def test_what_is_no_http_is_no_answer(sink):
    sink.answer(lambda handler: handler.wfile.write(b"220 mail.example ESMTP\r\n"))
    with pytest.raises(OutboundFailed):
        _send(sink)
