"""Storylines: what a line may say, and what it becomes at a given length."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lvbench.errors import ConfigError
from lvbench.protocol.load import protocols_folder
from lvbench.protocol.prompt_set import Return, StoryPrompt, parse_prompt, read_prompt_set

SET = protocols_folder() / "prompts-standard-v1.jsonl"


def line(**changed: Any) -> str:
    """Return a valid line with some keys changed."""
    shots = [(0.0, "yard"), (0.25, None), (0.5, "yard"), (0.90625, "barn")]
    segments = [
        {"at": at, "text": f"Segment {k}.", "persist": ["scene", "style"], "view": view}
        for k, (at, view) in enumerate(shots)
    ]
    whole = {
        "id": "return-01-yard",
        "category": "return",
        "difficulty": 1,
        "segments": segments,
        "cuts": [1, 2],
        "sounds": [{"segment": 1, "text": "a bell"}],
    }
    return json.dumps(whole | changed)


def segments(**of_third: Any) -> list[dict[str, Any]]:
    """Return the segments of a valid line with some keys of the third changed."""
    found: list[dict[str, Any]] = json.loads(line())["segments"]
    found[2] |= of_third
    return found


@pytest.mark.parametrize("seconds", [8.0, 30.0, 60.0, 180.0])
def test_a_storyline_is_timed_exactly_at_every_length(seconds: float) -> None:
    prompt = parse_prompt(line())
    assert [part.start for part in prompt.timed(seconds)] == [
        0.0,
        seconds / 4,
        seconds / 2,
        seconds * 29 / 32,
    ]
    assert prompt.timed(seconds)[2][1:] == ("Segment 2.", ("scene", "style"), "yard")
    assert prompt.timed_cuts(seconds) == (seconds / 4, seconds / 2)
    assert [(s.start, s.text) for s in prompt.timed_sounds(seconds)] == [(seconds / 4, "a bell")]


def test_a_view_that_is_left_and_comes_back_is_a_return() -> None:
    assert parse_prompt(line()).returns() == [Return("yard", 0.25, 0.5)]
    assert parse_prompt(line(segments=segments(view=None))).returns() == []


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"extra": 1}, "extra"),
        ({"id": "Return-1"}, "id"),
        ({"category": "returns"}, "category"),
        ({"difficulty": 4}, "difficulty"),
        ({"difficulty": "1"}, "difficulty"),
        ({"segments": segments()[:3]}, "segments"),
        ({"segments": segments() * 3}, "segments"),
        ({"segments": segments(at=0.51)}, "segments.2.at"),
        ({"segments": segments(at=0.28125)}, "segments.2.at"),
        ({"segments": segments(at=0.125)}, "segments.2.at"),
        ({"segments": segments(at=1.0)}, "segments.2.at"),
        ({"segments": [*segments()[:3], segments()[3] | {"at": 0.96875}]}, "segments.3.at"),
        ({"segments": segments()[1:] + segments()[:1]}, "segments.0.at"),
        ({"segments": segments(persist=["mood"])}, "segments.2.persist.0"),
        ({"segments": segments(persist=[])}, "segments.2.persist"),
        ({"segments": segments(text="")}, "segments.2.text"),
        ({"segments": segments(view="The Yard")}, "segments.2.view"),
        ({"segments": segments(start=1)}, "segments.2.start"),
        ({"cuts": [0]}, "cuts"),
        ({"cuts": [4]}, "cuts"),
        ({"cuts": [2, 1]}, "cuts"),
        ({"switches": [1, 1]}, "switches"),
        ({"sounds": [{"segment": 9, "text": "a bell"}]}, "sounds"),
        ({"sounds": [{"segment": 1, "text": ""}]}, "sounds.0.text"),
    ],
)
def test_a_line_that_breaks_the_schema_is_refused_by_its_key(
    changed: dict[str, Any], key: str
) -> None:
    with pytest.raises(ValueError, match=rf"(^|; ){key}: "):
        parse_prompt(line(**changed))


def test_a_key_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="'difficulty' is given twice"):
        parse_prompt(line().replace('"difficulty": 1', '"difficulty": 1, "difficulty": 2'))


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        (None, "prompts_missing", "set.jsonl"),
        (b"", "prompts_invalid", "line 1"),
        (b"\xff\xfe", "prompts_invalid", "line 1"),
        (f"{line()}\n{{".encode(), "prompts_invalid", "line 2"),
        (f"{line()}\n{line()}".encode(), "prompts_invalid", "line 2"),
    ],
)
def test_a_file_that_is_no_prompt_set_is_refused(
    tmp_path: Path, content: bytes | None, code: str, where: str
) -> None:
    path = tmp_path / "set.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        read_prompt_set(path)
    assert refused.value.code == code
    assert where in refused.value.where


def test_the_standard_set_is_read_in_order_and_written_back_the_same() -> None:
    prompts = read_prompt_set(SET)
    assert len(prompts) >= 120
    for prompt, text in zip(prompts, SET.read_text("utf-8").splitlines(), strict=True):
        assert isinstance(prompt, StoryPrompt)
        written = prompt.model_dump(mode="json", exclude_none=True)
        assert written == {"sounds": []} | json.loads(text)


def test_reading_prompts_loads_no_torch() -> None:
    code = (
        "import sys; from lvbench.protocol.prompt_checks import check_prompt_set; "
        f"check_prompt_set({str(SET)!r}); print('torch' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"
