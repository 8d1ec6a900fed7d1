"""A request is plain JSON, and one that nobody can serve is refused when it is made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lvbench.errors import UsageError
from lvbench.generators.contract.types import ClipPlan, Request
from lvbench.video.manifest.entry import Prompt, SoundEvent


def test_a_request_travels_as_json() -> None:
    prompts = (Prompt(text="a"), Prompt(start=1.0, text="b", persist=("scene",)))
    sounds = (SoundEvent(start=0.5, text="a bell"),)
    asked = Request("a", prompts, 2.0, 8.0, 32, 16, 7, Path("first.png"), None, (1.0,), sounds)
    found = json.loads(json.dumps(asked.as_json()))
    assert found["prompts"][1] == {"start": 1.0, "text": "b", "persist": ["scene"]}
    assert found["image"] == str(Path("first.png").absolute())
    assert found["audio"] is None
    assert found["cuts"] == [1.0]
    assert found["sounds"] == [{"start": 0.5, "end": None, "text": "a bell"}]
    plain = [found[name] for name in ("id", "seconds", "fps", "width", "height", "seed")]
    assert plain == ["a", 2.0, 8.0, 32, 16, 7]


@pytest.mark.parametrize(
    ("place", "value"),
    [(2, 0.0), (2, float("nan")), (2, -1.0), (3, float("inf")), (3, 0.0), (4, 0), (5, -16)],
)
def test_a_length_rate_or_size_that_is_none_is_refused(place: int, value: float) -> None:
    given = ["a", (), 2.0, 8.0, 32, 16, 7]
    given[place] = value
    with pytest.raises(UsageError) as caught:
        Request(*given)  # type: ignore[arg-type]
    assert str(value) in caught.value.found


def test_a_plan_knows_its_length() -> None:
    assert ClipPlan(81, 16.0, 832, 480).seconds == 5.0625
