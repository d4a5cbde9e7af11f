"""Compression: negotiated, streamed where the answer is, and never in the way of events."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
from flask_compress.compat import compression

from tests.web.client import Caller

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "zstd": compression.zstd.decompress,
    "br": brotli.decompress,
    "gzip": lambda packed: zlib.decompress(packed, wbits=31),
}


@pytest.fixture
def analysis(caller: Caller, work: Callable[[], None]) -> str:
    """The address of a finished analysis."""
    made = caller.submit()
    work()
    return f"/v1/analyses/{made}"


@pytest.mark.parametrize("encoding", UNPACK)
def test_an_answer_is_compressed_as_the_client_asks(
    caller: Caller, analysis: str, encoding: str
) -> None:
    plain = caller.get(analysis)
    packed = caller.get(analysis, headers={"Accept-Encoding": encoding})

    assert packed.headers["Content-Encoding"] == encoding
    assert UNPACK[encoding](packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_each_encoding_has_a_tag_of_its_own_and_all_are_recognised(
    caller: Caller, analysis: str
) -> None:
    tags = {
        encoding: caller.get(analysis, headers={"Accept-Encoding": encoding}).headers["ETag"]
        for encoding in ("identity", *UNPACK)
    }

    assert len(set(tags.values())) == len(tags)
    for encoding, tag in tags.items():
        again = caller.get(analysis, headers={"Accept-Encoding": encoding, "If-None-Match": tag})
        assert again.status_code == 304
        assert again.headers["ETag"] == tag


@pytest.mark.parametrize("encoding", UNPACK)
def test_a_download_is_compressed_while_it_streams(
    caller: Caller, work: Callable[[str], None], encoding: str
) -> None:
    accepted = caller.post("/v1/batches", json=[{"ingredients": ["1 cup milk"]}] * 3)
    work("nutrition.bulk")
    work("maintenance")
    path = accepted.headers["Location"].replace("jobs", "batches") + "/results"

    packed = caller.get(path, headers={"Accept-Encoding": encoding})

    assert packed.headers["Content-Encoding"] == encoding
    assert UNPACK[encoding](packed.data) == caller.get(path).data


def test_small_answers_problems_and_events_stay_plain(caller: Caller, analysis: str) -> None:
    everything = {"Accept-Encoding": "zstd, br, gzip"}
    job = analysis.replace("analyses", "jobs")

    for path in ("/livez", "/v1/nothing", f"{job}/events"):
        assert "Content-Encoding" not in caller.get(path, headers=everything).headers
