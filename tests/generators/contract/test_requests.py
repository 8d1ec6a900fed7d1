"""A protocol's prompts become requests, one for each seed; a file that was changed is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lvbench.errors import ConfigError
from lvbench.generators.contract.requests import requests
from lvbench.generators.contract.types import Request
from lvbench.protocol.load import load_protocol
from lvbench.protocol.schema import PromptEntry, Protocol

Make = Callable[..., Protocol]
PROMPTS = [{"start": 0.0, "text": "a"}]


def read(folder: Path, *rows: dict[str, Any] | str, **keys: Any) -> list[Request]:
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    data = "".join(f"{line}\n" for line in lines).encode()
    (folder / "prompts.jsonl").write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    size = {"seconds": 4.0, "fps": 8.0, "width": 32, "height": 16}
    pinned = {"file": "prompts.jsonl", "sha256": sha256}
    entry = PromptEntry.model_validate(pinned | size | keys)
    return requests(entry, folder)


def test_a_request_for_every_prompt_and_seed_sorted_by_id(protocol: Make) -> None:
    prompts = protocol("one", "two", seeds=(2, 1)).prompts
    assert prompts is not None
    asked = requests(prompts)
    assert [r.id for r in asked] == ["p0-seed1", "p0-seed2", "p1-seed1", "p1-seed2"]
    assert (asked[0].seconds, asked[0].fps, asked[0].width, asked[0].height) == (0.5, 8.0, 32, 16)
    assert asked[2].prompts[0].text == "two"
    assert asked[2].seed == 1


def test_the_shipped_prompts_make_requests() -> None:
    prompts = load_protocol("lvb-smoke@1").prompts
    assert prompts is not None
    assert len(requests(prompts)) == 9


def test_a_line_may_order_more_than_prompts(tmp_path: Path) -> None:
    (tmp_path / "first.png").write_bytes(b"a picture")
    image = {"file": "first.png", "sha256": hashlib.sha256(b"a picture").hexdigest()}
    sounds = [{"start": 1.0, "text": "a bell"}]
    more = {"seconds": 9.0, "cuts": [2.0], "sounds": sounds, "image": image, "level": 3}
    full, plain = read(
        tmp_path, {"id": "a", "prompts": PROMPTS, **more}, {"id": "b", "prompts": PROMPTS}
    )
    assert (full.seconds, plain.seconds) == (9.0, 4.0)
    assert (full.cuts, plain.cuts) == ((2.0,), ())
    assert full.sounds[0].text == "a bell"
    assert (full.image, plain.image) == (tmp_path / "first.png", None)
    (tmp_path / "first.png").write_bytes(b"another")
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, {"id": "a", "prompts": PROMPTS, "image": image})
    assert caught.value.code == "prompts_changed"


STORY = {
    "id": "return-01-of-a-door",
    "category": "return",
    "difficulty": 1,
    "segments": [
        {"at": 0.0, "text": "a", "persist": ["scene"], "view": "door"},
        {"at": 0.25, "text": "b", "persist": ["style"]},
        {"at": 0.5, "text": "c", "persist": ["style"]},
        {"at": 0.75, "text": "d", "persist": ["style"], "view": "door"},
    ],
    "cuts": [1],
    "sounds": [{"segment": 2, "text": "a bell"}],
}
QUIET = STORY | {"id": "slow_and_quiet-01-of-a-lake", "category": "slow_and_quiet"}


def test_a_storyline_is_scaled_to_the_clip(tmp_path: Path) -> None:
    (story,) = read(tmp_path, STORY, seconds=20.0)
    assert (story.id, story.seconds) == ("return-01-of-a-door-seed0", 20.0)
    assert [prompt.start for prompt in story.prompts] == [0.0, 5.0, 10.0, 15.0]
    assert [prompt.view for prompt in story.prompts] == ["door", None, None, "door"]
    assert story.prompts[0].persist == ("scene",)
    assert story.cuts == (5.0,)
    assert [(audio.start, audio.text) for audio in story.sounds] == [(10.0, "a bell")]


def test_every_prompt_is_asked_for_at_every_length(tmp_path: Path) -> None:
    asked = read(tmp_path, STORY, QUIET, seconds=[8.0, 16.0])
    assert [(r.id, r.seconds, r.cluster) for r in asked] == [
        ("return-01-of-a-door-16s-seed0", 16.0, "return-01-of-a-door"),
        ("return-01-of-a-door-8s-seed0", 8.0, "return-01-of-a-door"),
        ("slow_and_quiet-01-of-a-lake-16s-seed0", 16.0, "slow_and_quiet-01-of-a-lake"),
        ("slow_and_quiet-01-of-a-lake-8s-seed0", 8.0, "slow_and_quiet-01-of-a-lake"),
    ]
    assert asked[0].prompts[1].start == 2 * asked[1].prompts[1].start == 4.0


def test_a_line_of_a_length_of_its_own_is_refused_where_several_are_asked_for(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigError, match="several lengths"):
        read(tmp_path, {"id": "a", "prompts": PROMPTS, "seconds": 9.0}, seconds=[8.0, 16.0])


def test_samples_differ_by_their_seed_and_are_numbered(tmp_path: Path) -> None:
    asked = read(tmp_path, STORY, seeds=[0, 1], samples=2)
    assert [(r.id[-13:], r.sample) for r in asked] == [
        ("seed0-sample0", 0),
        ("seed0-sample1", 1),
        ("seed1-sample0", 0),
        ("seed1-sample1", 1),
    ]
    assert len({r.seed for r in asked}) == 4
    assert {r.cluster for r in asked} == {None}


def test_categories_choose_among_storylines(tmp_path: Path) -> None:
    plain = {"id": "b", "prompts": PROMPTS}
    (one,) = read(tmp_path, STORY, QUIET, plain, categories=["slow_and_quiet"])
    assert one.id == "slow_and_quiet-01-of-a-lake-seed0"
    with pytest.raises(ConfigError, match="no prompt of the categories camera_moves"):
        read(tmp_path, STORY, plain, categories=["camera_moves"])


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("{", "not JSON"),
        ({"prompts": PROMPTS}, "id: Field required"),
        ({"id": "a", "prompts": [{"txt": "a"}]}, "prompts.0"),
        ({"id": "a", "prompts": PROMPTS, "seconds": 0}, "seconds: "),
        ({"id": "a", "prompts": PROMPTS, "cuts": [2, 1]}, "cuts: "),
        ({"id": "a", "prompts": PROMPTS, "level": 4}, "level: "),
        ({"id": "a", "prompts": PROMPTS, "levels": 1}, "levels: "),
        (STORY | {"category": "none"}, "category: "),
        (STORY | {"cuts": [0]}, "cuts: "),
    ],
)
def test_a_line_that_is_no_prompt_is_named(
    tmp_path: Path, row: dict[str, Any] | str, found: str
) -> None:
    with pytest.raises(ConfigError, match=found) as caught:
        read(tmp_path, {"id": "b", "prompts": PROMPTS}, row)
    assert caught.value.where.endswith("line 2")


def test_a_changed_prompt_file_is_refused(tmp_path: Path, protocol: Make) -> None:
    asked = protocol("one")
    assert asked.prompts is not None
    path = tmp_path / "protocols" / "prompts.jsonl"
    path.write_text(path.read_text().replace("one", "won"))
    with pytest.raises(ConfigError) as caught:
        requests(asked.prompts)
    assert caught.value.code == "prompts_changed"


def test_a_prompt_file_that_is_not_there_is_told(tmp_path: Path, protocol: Make) -> None:
    asked = protocol("one")
    assert asked.prompts is not None
    other = asked.prompts.model_copy(update={"file": "none.jsonl"})
    with pytest.raises(ConfigError) as caught:
        requests(other, tmp_path)
    assert caught.value.code == "prompts_missing"
    assert str(tmp_path / "none.jsonl") in caught.value.where


def test_a_protocol_of_ones_own_may_pin_prompts_that_ship(tmp_path: Path, protocol: Make) -> None:
    asked = protocol("one")
    assert asked.prompts is not None
    assert [r.id for r in requests(asked.prompts, tmp_path)] == ["p0-seed0"]
    (tmp_path / asked.prompts.file).write_text("its own, which is another")
    with pytest.raises(ConfigError) as caught:
        requests(asked.prompts, tmp_path)
    assert caught.value.code == "prompts_changed"


def test_prompts_keep_every_separator_of_lines(tmp_path: Path) -> None:
    texts = [f"a{mark}b" for mark in "\u2028\u2029\x85"]
    rows = [{"id": f"p{i}", "prompts": [{"text": text}]} for i, text in enumerate(texts)]
    raw = [json.dumps(row, ensure_ascii=False) for row in rows]
    assert [request.prompts[0].text for request in read(tmp_path, *raw)] == texts
