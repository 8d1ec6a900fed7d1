from __future__ import annotations

from lvbench.report.pairing import pair
from lvbench.results.schema import ItemRecord, VideoRecord


def _item(name: str, prompt: str | None = None, seed: int | None = None) -> ItemRecord:
    prompts = [] if prompt is None else [{"start": 0.0, "text": prompt}]
    video = VideoRecord(id=name, path=name, cluster=name, prompts=prompts, seed=seed)
    return ItemRecord(identity="0", video=video, metrics={})


def test_ids_pair_where_prompt_or_seed_is_missing() -> None:
    found = pair([_item("a", "dog", 1), _item("b")], [_item("b"), _item("c")])
    assert found.by == "id"
    assert [(o.video.id, t.video.id) for o, t in found.pairs] == [("b", "b")]
    assert (found.only_base, found.only_head) == (("a",), ("c",))


def test_prompt_and_seed_pair_whatever_the_names() -> None:
    base = [_item("a", "dog", 1), _item("b", "dog", 2)]
    head = [_item("x", "dog", 2), _item("y", "dog", 1), _item("a", "cat", 1)]
    found = pair(base, head)
    assert found.by == "prompt and seed"
    assert [(o.video.id, t.video.id) for o, t in found.pairs] == [("a", "y"), ("b", "x")]
    assert found.only_head == ("a",)


def test_repeated_prompt_and_seed_fall_back_to_ids() -> None:
    same = [_item("a", "dog", 1), _item("b", "dog", 1)]
    assert pair(same, same).by == "id"
