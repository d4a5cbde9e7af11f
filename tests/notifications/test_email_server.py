"""Mail goes to a real server: over TLS that proves itself, over few connections, within a time."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.headerregistry import Address
from urllib.parse import quote

import pytest

from kernel.errors import SettingsError
from kernel.mail import Mail, MailFailed, MailRefused, Server, ServerAway, compose, sender_of
from kernel.settings import Settings
from kernel.smtp import PER_CONNECTION, Mailer
from tests.notifications.post_office import (
    PASSWORD,
    USER,
    Authority,
    PostOffice,
    hang_up,
    make_authority,
    silence,
)

SENDER = Address("Nutrition, Platform", "no-reply", "example.com")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def office() -> Iterator[PostOffice]:
    opened = PostOffice()
    yield opened
    opened.close()


@pytest.fixture
def mailer(office: PostOffice) -> Iterator[Mailer]:
    opened = Mailer(Server.parse(f"smtp://127.0.0.1:{office.port}"), SENDER, seconds=10)
    yield opened
    opened.close()


def mail(recipient: str = "ada@example.org", **more: str) -> Mail:
    said = {"subject": "A batch is done", "text": "Done.\n", "html": "<p>Done.</p>"} | more
    return Mail(
        recipient=recipient,
        message_id="one@example.com",
        date=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        headers={"Auto-Submitted": "auto-generated"},
        **said,
    )


def test_a_mail_arrives_with_text_html_and_what_machines_read(office, mailer):
    mailer.send(mail(subject="Fertig: 50 Rezepte für Zoë", text="Ünïcode\n.\n" + "x" * 5000 + "\n"))

    (got,) = office.got
    assert (got.sender, got.recipient) == ("no-reply@example.com", "ada@example.org")
    assert got.message["Subject"] == "Fertig: 50 Rezepte für Zoë"
    assert got.message["From"] == '"Nutrition, Platform" <no-reply@example.com>'
    assert got.message["Date"] == "Fri, 02 Jan 2026 03:04:05 +0000"
    assert got.message["Message-ID"] == "<one@example.com>"
    assert got.message["Auto-Submitted"] == "auto-generated"
    assert got.message.get_content_type() == "multipart/alternative"
    assert got.part("plain").replace("\r\n", "\n") == "Ünïcode\n.\n" + "x" * 5000 + "\n"
    assert "<p>Done.</p>" in got.part("html")
    assert got.raw.isascii()
    assert max(len(line) for line in got.raw.split(b"\r\n")) <= 998


def test_a_long_address_of_the_web_stays_whole_in_its_header():
    link = "<https://api.example.com/v1/unsubscribe/" + "a" * 200 + ">"
    sent = mail()
    written = compose(
        Mail(
            recipient=sent.recipient,
            subject=sent.subject,
            text=sent.text,
            html=sent.html,
            message_id="m" * 100 + "@example.com",
            date=sent.date,
            headers={"List-Unsubscribe": link},
        ),
        SENDER,
    )
    assert f"\r\nList-Unsubscribe: {link}\r\n".encode() in written
    assert b"\r\nMessage-ID: <" + b"m" * 100 + b"@example.com>\r\n" in written


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\x00\r\n"])
def test_a_subject_with_a_line_end_adds_no_header(end):
    written = compose(mail(subject=f"Hello{end}Bcc: eve@example.net{end}{end}body"), SENDER)
    head = written.split(b"\r\n\r\n")[0]
    assert b"\r\nBcc" not in head
    assert b"Subject: Hello Bcc: eve@example.net body\r\n" in head + b"\r\n"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@example.org",
        "a@",
        "a b@example.org",
        "a@example.org>\r\nRCPT TO:<eve@example.net",
        "a\r\n@example.org",
        "a@exam ple.org",
        "a@example..org",
        "<a@example.org>",
        "a,b@example.org",
        "a@b@example.org",
        "x" * 65 + "@example.org",
        "a@" + "x" * 260 + ".org",
        "a@xn--\u00fc.org",
    ],
)
def test_what_is_no_address_is_refused_before_anybody_is_called(address):
    with pytest.raises(MailRefused):
        compose(mail(address), SENDER)


def test_a_domain_in_any_script_is_sent_as_ascii(office, mailer):
    mailer.send(mail("ada@bücher.example"))
    assert office.got[0].recipient == "ada@xn--bcher-kva.example"


def test_a_local_part_in_any_script_needs_a_server_that_takes_it(office, mailer):
    mailer.send(mail("zoë@bücher.example", subject="Grüße"))
    assert office.got[0].recipient == "zoë@xn--bcher-kva.example"
    assert "Subject: Grüße" in office.got[0].raw.decode()

    strict = PostOffice(utf8=False)
    try:
        other = Mailer(Server.parse(f"smtp://127.0.0.1:{strict.port}"), SENDER)
        with pytest.raises(MailRefused, match="SMTPUTF8"):
            other.send(mail("zoë@example.org"))
        other.send(mail())  # the connection is as good as before
        other.close()
        assert len(strict.connections) == 1
    finally:
        strict.close()


def test_many_mails_go_over_one_connection_and_a_refused_one_spoils_none(office, mailer):
    office.at_recipient += ["250 OK", "550 5.1.1 no such person", "250 OK"]
    mailer.send(mail())
    with pytest.raises(MailRefused, match=r"550 5\.1\.1 no such person"):
        mailer.send(mail("nobody@example.org"))
    for _ in range(5):
        mailer.send(mail())

    assert len(office.got) == 6
    assert len(office.connections) == 1


def test_a_connection_carries_so_many_mails_and_no_more(office, mailer):
    for _ in range(PER_CONNECTION + 1):
        mailer.send(mail())
    assert len(office.connections) == 2


def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(office, mailer):
    mailer.send(mail())
    office.at_reset.append(hang_up)
    mailer.send(mail())
    office.at_reset.append("421 4.3.2 going down")
    mailer.send(mail())

    assert len(office.got) == 3
    assert len(office.connections) == 3


def test_threads_have_a_connection_each_and_share_them_out_again(office, mailer):
    together = threading.Barrier(4)

    def send_some() -> None:
        together.wait()
        for _ in range(5):
            mailer.send(mail())

    threads = [threading.Thread(target=send_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(office.got) == 20
    assert len(office.connections) <= 4


@pytest.mark.parametrize(
    ("where", "answer", "error"),
    [
        ("at_recipient", "450 4.2.1 come back later", MailFailed),
        ("at_recipient", "452 4.5.3 too many recipients", MailFailed),
        ("at_recipient", "552 5.5.3 too many recipients", MailFailed),
        ("at_recipient", "421 4.7.0 too many mails", MailFailed),
        ("at_recipient", "550 5.1.1 no such person", MailRefused),
        ("at_recipient", "553 5.1.3 bad address", MailRefused),
        ("at_data", "451 4.3.0 out of order", MailFailed),
        ("at_data", "421 4.3.2 going down", MailFailed),
        ("at_data", "552 5.3.4 too large", MailRefused),
        ("at_data", "554 5.7.1 no thank you", MailRefused),
        ("at_data", hang_up, MailFailed),
        ("at_recipient", hang_up, MailFailed),
    ],
)
def test_what_passes_is_told_from_what_stays(office, mailer, where, answer, error):
    getattr(office, where).append(answer)
    with pytest.raises(error):
        mailer.send(mail())
    taken = where == "at_data" and answer is hang_up
    assert len(office.got) == taken  # and nobody said so: it comes again, under the same id

    mailer.send(mail())  # whatever the answer was, the next mail is not lost by it
    assert len(office.got) == 1 + taken


def test_a_server_that_falls_silent_is_left_at_the_deadline(office):
    impatient = Mailer(Server.parse(f"smtp://127.0.0.1:{office.port}"), SENDER, seconds=0.3)
    office.at_data.append(silence)
    with pytest.raises(MailFailed, match=r"within 0\.3 s"):
        impatient.send(mail())
    impatient.close()


@pytest.mark.parametrize("babble", [b"220-and so on\r\n", b"2"])
def test_a_server_that_talks_on_and_on_is_left_at_the_deadline_or_before(babble):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def talk() -> None:
            caller, _ = listening.accept()
            with caller:
                try:
                    while not over.wait(0 if len(babble) > 1 else 0.05):
                        caller.sendall(babble)
                except OSError:
                    pass

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            port = listening.getsockname()[1]
            with pytest.raises(MailFailed):
                Mailer(Server.parse(f"smtp://127.0.0.1:{port}"), SENDER, seconds=1).send(mail())
        finally:
            over.set()
            thread.join()


def test_nobody_there_is_said_to_pass():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ServerAway, match=f"127.0.0.1:{port}"):
        Mailer(Server.parse(f"smtp://127.0.0.1:{port}"), SENDER).send(mail())


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_tls_proves_the_server_before_anything_is_said(authority, scheme):
    signs_in = scheme == "smtp+starttls"
    office = PostOffice(authority, implicit=not signs_in, sign_in=signs_in)
    user = f"{USER}:{quote(PASSWORD, safe='')}@" if signs_in else ""
    server = Server.parse(f"{scheme}://{user}127.0.0.1:{office.port}")
    try:
        trusting = Mailer(
            server, SENDER, trust=ssl.create_default_context(cafile=authority.trusted)
        )
        trusting.send(mail())
        trusting.send(mail())
        trusting.close()
        assert [got.encrypted for got in office.got] == [True, True]
        assert [got.signed_in for got in office.got] == [signs_in] * 2
        assert len(office.connections) == 1

        with pytest.raises(MailFailed, match="SMTP_CA_FILE"):
            Mailer(server, SENDER).send(mail())
        assert len(office.got) == 2
    finally:
        office.close()


def test_a_certificate_for_another_name_is_none(authority):
    office = PostOffice(authority, implicit=True)
    try:
        trust = ssl.create_default_context(cafile=authority.trusted)
        server = Server.parse(f"smtps://127.0.0.2:{office.port}")
        with socket.create_server(("127.0.0.2", 0)) as door:
            # The same office behind another address.
            server = Server.parse(f"smtps://127.0.0.2:{door.getsockname()[1]}")
            thread = threading.Thread(target=_pass_on, args=(door, office.port), daemon=True)
            thread.start()
            with pytest.raises(MailFailed, match="did not prove who it is"):
                Mailer(server, SENDER, trust=trust).send(mail())
    finally:
        office.close()


def test_a_server_without_starttls_gets_nothing(office):
    server = Server.parse(f"smtp+starttls://{USER}:pw@127.0.0.1:{office.port}")
    with pytest.raises(ServerAway, match="STARTTLS"):
        Mailer(server, SENDER).send(mail())
    assert office.got == []


def test_a_wrong_password_passes_once_an_operator_mended_it(authority):
    office = PostOffice(authority, sign_in=True)
    trust = ssl.create_default_context(cafile=authority.trusted)
    try:
        server = Server.parse(f"smtp+starttls://{USER}:wrong@127.0.0.1:{office.port}")
        with pytest.raises(ServerAway, match="sign-in of SMTP_URL") as caught:
            Mailer(server, SENDER, trust=trust).send(mail())
        assert "wrong" not in str(caught.value)
    finally:
        office.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://mail.example.com", "smtp"),
        ("smtp://", "smtp"),
        ("smtp://user:pw@mail.example.com", "in the clear"),
        ("smtps://mail.example.com:99999", "cannot be read"),
        ("smtps://u:pässword@mail.example.com", "ASCII"),
        ("smtps://mail.example.com/folder", "smtp"),
    ],
)
def test_a_url_that_cannot_be_is_refused_without_its_password(url, says):
    with pytest.raises(SettingsError, match=says) as caught:
        Server.parse(url)
    assert "pw" not in str(caught.value).replace("password", "")


def test_a_server_never_shows_its_password():
    assert "hunter2" not in repr(Server.parse("smtps://u:hunter2@mail.example.com"))


@pytest.mark.parametrize("text", ["", "nobody", "A\nBcc: x <a@example.com>", "zoë@example.com"])
def test_a_sender_must_be_an_address(text):
    with pytest.raises(SettingsError, match="MAIL_FROM"):
        sender_of(text)


def test_settings_of_mail_stand_together():
    given = {
        "DATABASE_URL": "postgresql://localhost/x",
        "REDIS_URL": "redis://localhost",
        "SMTP_URL": "smtps://mail.example.com",
    }
    with pytest.raises(SettingsError, match="MAIL_FROM"):
        Settings.read(given)
    given["MAIL_FROM"] = "Nutrition <no-reply@example.com>"
    with pytest.raises(SettingsError, match="JWT_SECRET"):
        Settings.read(given)
    given["JWT_SECRET"] = "x" * 32
    assert Settings.read(given).api_url == "http://127.0.0.1:8000"
    with pytest.raises(SettingsError, match="SMTP_CA_FILE"):
        Settings.read(given | {"SMTP_CA_FILE": "/no/such/file"})
    assert Settings.read(given | {"API_DOMAIN": "api.example.com"}).api_url == (
        "https://api.example.com"
    )


def _pass_on(door: socket.socket, port: int) -> None:
    try:
        near, _ = door.accept()
    except OSError:
        return
    far = socket.create_connection(("127.0.0.1", port))

    def copy(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(4096):
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            end.close()

    threading.Thread(target=copy, args=(near, far), daemon=True).start()
    copy(far, near)
