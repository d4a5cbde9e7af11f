"""A batch is checked while it streams in; what is refused leaves no object."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid, Malformed, PlatformError, TooLarge
from kernel.objects import Objects
from services.batches import discard, receive, receive_list, upload
from services.batches.upload import CHUNK, LINE_BYTES, Upload, input_key


@pytest.fixture
def store(tmp_path: Path) -> Objects:
    return Objects(tmp_path.as_uri())


def stored(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def recipe(number: int) -> bytes:
    return json.dumps({"custom_id": str(number), "ingredients": ["2 eggs"]}).encode()


def test_each_slice_reads_back_as_the_lines_of_its_recipes(store):
    sent = [recipe(number) for number in range(2 * CHUNK + 7)]

    received = receive(store, [b"\n".join(sent)])

    assert [part.recipes for part in received.slices] == [CHUNK, CHUNK, 7]
    for part in received.slices:
        lines = store.slice(input_key(received.id), part.start, part.length).split(b"\n")
        assert lines == [*sent[part.first : part.first + part.recipes], b""]


def test_a_batch_that_fills_its_last_chunk_has_no_empty_one(store):
    received = receive(store, [recipe(0) + b"\n"] * CHUNK)

    assert [part.recipes for part in received.slices] == [CHUNK]


@given(st.lists(st.integers(0, 400), max_size=8))
def test_where_the_network_cuts_the_stream_makes_no_difference(cuts: list[int]):
    whole = b"\n".join(recipe(number) for number in range(8))
    ends = sorted({cut for cut in cuts if cut < len(whole)})
    pieces = [whole[a:b] for a, b in zip([0, *ends], [*ends, len(whole)], strict=True)]

    lines = list(upload._checked(upload._split(pieces), str))

    assert b"".join(lines) == whole + b"\n"


def test_blank_lines_windows_line_ends_and_a_byte_order_mark_are_no_recipes(store):
    received = receive(store, [b"\xef\xbb\xbf" + recipe(0), b"\r\n\r\n  \n", recipe(1), b"\r\n\n"])

    assert received.recipes == 2
    assert store.get(input_key(received.id)) == recipe(0) + b"\n" + recipe(1) + b"\n"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"ingredients": [', Malformed),
        (b'{"ingredients": ["\0"]}', Malformed),
        (b'{"ingredients": ["\xff"]}', Malformed),
        (b"[" * 5_000, Malformed),
        (b'["2 eggs"]', Invalid),
        (b"null", Invalid),
        (b'{"title": "' + b"x" * LINE_BYTES + b'"}', TooLarge),
    ],
)
def test_a_refusal_names_the_line_and_leaves_no_object(
    store, tmp_path, line: bytes, error: type[PlatformError]
):
    with pytest.raises(error, match=r"^line 3:"):
        receive(store, [recipe(0) + b"\n\n" + line + b"\n", recipe(1)])

    assert stored(tmp_path) == []


@pytest.mark.parametrize("filler", [b"x", b" "])
def test_a_line_without_end_is_refused_before_all_of_it_was_read(store, filler: bytes):
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield filler * 65_536

    with pytest.raises(TooLarge, match=r"^line 1:"):
        receive(store, endless())

    assert read == LINE_BYTES // 65_536 + 1


@pytest.mark.parametrize("limit", ["RECIPES", "BYTES"])
def test_a_batch_above_a_limit_is_refused_at_the_line_that_exceeds_it(
    store, tmp_path, monkeypatch, limit: str
):
    monkeypatch.setattr(upload, limit, {"RECIPES": 2, "BYTES": 3 * len(recipe(0)) - 1}[limit])

    with pytest.raises(TooLarge, match=r"^line 3: one batch has at most"):
        receive(store, [recipe(number) + b"\n" for number in range(9)])

    assert stored(tmp_path) == []


def test_blank_lines_without_end_are_refused(store, monkeypatch):
    monkeypatch.setattr(upload, "BYTES", 1_000)

    with pytest.raises(TooLarge, match=r"^line 1001:"):
        receive(store, itertools.repeat(b"\n"))


def test_a_caller_who_goes_away_leaves_no_object(store, tmp_path):
    def interrupted() -> Iterator[bytes]:
        yield recipe(0) + b"\n"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        receive(store, interrupted())

    assert stored(tmp_path) == []


@pytest.mark.parametrize("pieces", [[], [b""], [b"\n \r\n"]])
def test_a_batch_without_recipes_is_refused(store, tmp_path, pieces: list[bytes]):
    with pytest.raises(Invalid, match="no recipes"):
        receive(store, pieces)

    assert stored(tmp_path) == []


def test_a_list_is_stored_like_a_stream(store):
    received = receive_list(store, [json.loads(recipe(number)) for number in range(3)])

    assert isinstance(received, Upload)
    lines = store.get(input_key(received.id)).splitlines()
    assert [json.loads(line)["custom_id"] for line in lines] == ["0", "1", "2"]


def test_a_list_names_what_it_refuses_by_position(store, tmp_path):
    with pytest.raises(Invalid) as refusal:
        receive_list(store, [{"ingredients": ["2 eggs"]}, "2 eggs"])

    assert refusal.value.errors == {"recipes.1": ["Must be a JSON object."]}
    assert stored(tmp_path) == []


def test_what_is_not_going_to_be_submitted_can_be_discarded(store, tmp_path):
    discard(store, receive(store, [recipe(0)]))

    assert stored(tmp_path) == []
