"""A wrong value is named as a value, with what is allowed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lvbench.errors import ConfigError
from lvbench.video.manifest.manifest import read_manifest


@pytest.mark.parametrize(
    ("given", "found", "fix"),
    [
        ({"seed": "42"}, 'seed must be a whole number, found the text "42"', "whole number"),
        ({"seed": True}, "seed must be a whole number, found true", "whole number"),
        ({"seed": 1.5}, "found the number 1.5", "whole number"),
        ({"fps": "23.976"}, 'fps must be a number, found the text "23.976"', "as a number"),
        ({"fps": 0}, "fps must be a number above 0, found the number 0", "above 0"),
        ({"id": 7}, "id must be a text, found the number 7", "as a text"),
        ({"id": "my clip"}, 'found the text "my clip"', "letters, digits"),
        ({"id": "x" * 201}, "at most 200 characters", "at most 200"),
        ({"sample": -1}, "sample must be a number of at least 0", "at least 0"),
        ({"prompts": "a dog"}, 'prompts must be a list, found the text "a dog"', "a list"),
        ({"prompts": ["a dog"]}, "prompts[0] must be an object", "an object"),
        ({"prompts": [{}]}, "there is no prompts[0].text", "add prompts[0].text"),
        ({"prompts": [{"text": "a", "persist": ["mood"]}]}, 'found the text "mood"', "'identity'"),
        ({"prompts": [{"txt": "a"}]}, "prompts[0]", "text"),
        ({"cuts": [-1]}, "cuts[0] must be a number of at least 0", "at least 0"),
        ({"seams": 3}, "seams must be a list, found the number 3", "a list"),
        ({"cost": {"seconds": [1]}}, "cost.seconds must be a number", "a number"),
        ({"generator": None, "cluster": ""}, "cluster must be a text that is not empty", "empty"),
        ({"prompt": "a dog"}, "the unknown key prompt", "did you mean prompts?"),
        ({"path": "http://host/a.mp4"}, "only paths of files", "correct path"),
    ],
)
def test_the_value_is_named(tmp_path: Path, given: dict[str, object], found: str, fix: str) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text(json.dumps({"path": "a.mp4"} | given))
    with pytest.raises(ConfigError) as caught:
        read_manifest(path)
    assert found in caught.value.found
    assert fix in caught.value.fix


def test_a_key_twice_is_refused(tmp_path: Path) -> None:
    for line in (
        '{"path": "a.mp4", "seed": 1, "seed": 2}',
        '{"path": "a.mp4", "prompts": [{"text": "a", "text": "b"}]}',
    ):
        (tmp_path / "m.jsonl").write_text(line)
        with pytest.raises(ConfigError, match="twice"):
            read_manifest(tmp_path / "m.jsonl")


def test_a_rate_is_for_folders_of_pictures(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x")
    (tmp_path / "seq").mkdir()
    for line in (
        '{"path": "seq", "fps": 8}',
        '{"path": "a.mp4", "reference": "seq", "fps": 8}',
        '{"path": "later.mp4", "fps": 8}',
    ):
        (tmp_path / "m.jsonl").write_text(line)
        assert read_manifest(tmp_path / "m.jsonl")[0].fps == 8
    (tmp_path / "m.jsonl").write_text('{"path": "a.mp4", "fps": 8}')
    with pytest.raises(ConfigError, match="which has its own times") as caught:
        read_manifest(tmp_path / "m.jsonl")
    assert "remove fps" in caught.value.fix
