"""Objects in a local folder."""

from __future__ import annotations

from kernel.objects import Objects


def test_deleting_what_lies_under_a_prefix_leaves_no_folders_behind(tmp_path):
    store = Objects(tmp_path.as_uri())
    store.put("batches/one/input.ndjson", b"{}")
    store.put("batches/two/input.ndjson", b"{}")
    assert store.delete("batches/one") == 1
    assert store.folders("batches") == ["two"]
    store.delete("batches/two")
    assert list(tmp_path.iterdir()) == []
    store.put("batches/three/input.ndjson", b"{}")
    assert store.get("batches/three/input.ndjson") == b"{}"
