"""A dump is taken apart in the same way wherever its pieces end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.backups.replay import _Source

SCRIPT = b"SET a = 1;\nCOPY public.t (a) FROM stdin;\n"
texts = st.lists(st.sampled_from([b"1\t2\n", b"\\\\.\n", b"x\\.\n", b"\\N\n", b"\n"]), max_size=8)


@given(texts, texts, st.integers(1, 30))
def test_rows_end_at_their_end_and_nowhere_else(
    rows: list[bytes], more: list[bytes], step: int
) -> None:
    first, second = b"".join(rows), b"".join(more)
    dump = SCRIPT + first + b"\\.\n" + SCRIPT + second + b"\\.\n" + b"SELECT 1;\n-- end"
    source = _Source(dump[at : at + step] for at in range(0, len(dump), step))

    for expected in (first, second):
        assert [source.line(), source.line()] == SCRIPT.splitlines(keepends=True)
        assert b"".join(source.rows()) == expected
    assert [source.line(), source.line(), source.line()] == [b"SELECT 1;\n", b"-- end", b""]
