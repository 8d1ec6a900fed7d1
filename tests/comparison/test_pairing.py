from __future__ import annotations

from lvbench.comparison.pairing import RunPairing, pair
from lvbench.results.schema import ItemRecord, VideoRecord


def _item(
    name: str, prompt: str | None = None, seed: int | None = None, sample: int | None = None
) -> ItemRecord:
    prompts = [] if prompt is None else [{"start": 0.0, "text": prompt}]
    video = VideoRecord(id=name, path=name, cluster=name, prompts=prompts, seed=seed, sample=sample)
    return ItemRecord(identity="0", video=video, metrics={})


def _names(found: RunPairing) -> list[tuple[str, str]]:
    return [(one.video.id, other.video.id) for one, other in found.pairs]


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


def test_samples_distinguish_videos_of_one_prompt_and_seed() -> None:
    base = [_item("a", "dog", 1, 0), _item("b", "dog", 1, 1)]
    head = [_item("x", "dog", 1, 1), _item("y", "dog", 1, 0)]
    found = pair(base, head)
    assert found.by == "prompt and seed"
    assert _names(found) == [("a", "y"), ("b", "x")]


def test_prompts_pair_in_the_order_of_seeds_where_no_seed_is_shared() -> None:
    base = [_item("a", "dog", 1), _item("b", "dog", 2), _item("c", "cat", 1)]
    head = [_item("x", "dog", 9), _item("y", "dog", 8), _item("z", "cow", 8)]
    found = pair(base, head)
    assert found.by == "prompt"
    assert _names(found) == [("a", "y"), ("b", "x")]
    assert (found.only_base, found.only_head) == (("c",), ("z",))


def test_video_whose_record_was_lost_is_paired_by_id() -> None:
    lost = _item("b")
    lost = lost.model_copy(update={"video": lost.video.model_copy(update={"status": "failed"})})
    found = pair([_item("a", "dog", 1), _item("b", "cat", 1)], [_item("a", "dog", 1), lost])
    assert found.by == "prompt and seed"
    assert _names(found) == [("a", "a"), ("b", "b")]
