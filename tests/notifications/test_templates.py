"""Every topic has its words in text and in HTML, and what comes from outside stays data in them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from services.notifications.channels import Letter
from services.notifications.templates import WIDTH, Places, fill, paragraphs, write
from services.notifications.topics import TOPICS

API = Places(api="https://api.example.com")
BOTH = Places(api="https://api.example.com", frontend="https://app.example.com")
LINK = "https://api.example.com/v1/unsubscribe/token"
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def letter(topic: str = "announcement", **more: Any) -> Letter:
    return Letter(
        **{
            "id": uuid.UUID(int=1),
            "notification_id": uuid.UUID(int=2),
            "account_id": uuid.UUID(int=3),
            "topic": topic,
            "title": "Something happened",
            "text": "In one line.",
            "path": "/v1/jobs/7",
            "created_at": NOW,
            "expires_at": NOW + timedelta(days=1),
        }
        | more
    )


class Tags(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.shown = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.shown += data


@pytest.mark.parametrize("topic", sorted(TOPICS))
@pytest.mark.parametrize("places", [API, BOTH])
def test_every_topic_has_both_forms(topic, places):
    written = write(letter(topic), places, LINK)

    for words in ("Something happened", "In one line.", "You get this because"):
        assert words in written.text
        assert words in Tags(written.html).shown
    assert LINK in written.text
    assert LINK in Tags(written.html).links
    assert max(len(line) for line in written.text.splitlines()) <= WIDTH
    assert "\n\n\n" not in written.text


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_what_cannot_be_muted_offers_no_link_to_do_so(topic):
    written = write(letter(topic), API, None)
    assert "unsubscribe" not in written.text + written.html
    assert "any more" not in written.text + written.html


def test_hostile_words_are_shown_and_do_nothing():
    hostile = "</p><script>alert(1)</script><img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} & \"'"
    written = write(letter(title=hostile, text=hostile, path=f"/v1/jobs/{hostile}"), BOTH, LINK)

    page = Tags(written.html)
    assert not {"script", "img"} & set(page.tags)
    assert page.shown.count("<script>alert(1)</script>") >= 2
    assert "{{ 7*7 }} {% raw %}" in page.shown
    assert "{{ 7*7 }}" in written.text


def test_a_link_leads_where_a_browser_finds_something():
    assert (
        "https://app.example.com/jobs/7"
        in Tags(write(letter("export.ready"), BOTH, LINK).html).links
    )
    # Without a browser application a link would lead to a demand for a key.
    bare = Tags(write(letter("export.ready"), API, LINK).html)
    assert bare.links == [LINK]
    assert "https://api.example.com/v1/jobs/7" in bare.shown


def test_a_path_cannot_lead_elsewhere():
    assert BOTH.of('/v1/@evil.example/"><script>') == (
        "https://app.example.com/%40evil.example/%22%3E%3Cscript%3E"
    )


def test_paragraphs_keep_their_lines():
    assert paragraphs("one\r\ntwo\n\n \n\nthree\n") == [["one", "two"], ["three"]]
    assert paragraphs(" \n ") == []


def test_text_is_filled_and_long_words_stay_whole():
    address = "https://example.com/" + "a" * 200
    filled = fill(f"{'word ' * 40}\n\nsee {address}")
    lines = filled.splitlines()
    assert address in lines
    assert all(len(line) <= WIDTH for line in lines if line != address)
