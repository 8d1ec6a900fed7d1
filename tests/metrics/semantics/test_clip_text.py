"""CLIP text finds lag, leakage and order exactly, with a text encoder whose answers are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import clip_text
from lvbench.metrics.base import VideoContext
from lvbench.metrics.semantics.clip_text import ClipText
from lvbench.results.schema import ItemScore
from tests.metrics.stand_ins import Clip

FPS = 8.0
RED, GREEN, BLUE = "#ff0000", "#00ff00", "#0000ff"
STORY = [(0.0, RED), (4.0, GREEN), (8.0, BLUE)]


def picture(*parts: tuple[float, str]) -> NDArray[np.uint8]:
    """Return a clip that shows each colour for so many seconds."""
    return np.concatenate(
        [
            np.full((round(seconds * FPS), 16, 16, 3), tuple(bytes.fromhex(colour[1:])), np.uint8)
            for seconds, colour in parts
        ]
    )


def judged(
    frames: NDArray[np.uint8], prompts: list[tuple[float, str]], rate: float | None = None
) -> ItemScore:
    name = "clip_vit_b_32"
    return clip_text(frames, FPS, prompts=prompts, extractors={name: Clip(name, rate)})


def test_a_story_told_on_time() -> None:
    found = judged(picture((4, RED), (4, GREEN), (4, BLUE)), STORY)
    assert found.value == pytest.approx(1.0, abs=1e-6)
    parts = found.components
    # Two full colours share nothing but the offset of the stand-in.
    other = 513 / (256**2 + 2)
    assert parts["leakage"] == pytest.approx(other - 1, abs=1e-6)
    assert (parts["leaked"], parts["lag"], parts["switches_missed"]) == (0.0, 0.0, 0.0)
    assert (parts["order"], parts["events_missing"], parts["events_repeated"]) == (1.0, 0.0, 0.0)
    assert {e.kind for e in found.events} == {"switch_followed"}


@pytest.mark.parametrize("late", [0.25, 1.0, 2.5])
def test_lag_and_leakage_of_a_late_switch_are_found_exactly(late: float) -> None:
    found = judged(picture((4 + late, RED), (8 - late, GREEN)), STORY[:2])
    other = 513 / (256**2 + 2)
    assert found.components["lag"] == pytest.approx(late)
    assert [(e.kind, e.start, e.end) for e in found.events] == [("switch_followed", 4.0, 4 + late)]
    share = late / 12
    assert found.components["leakage"] == pytest.approx(
        share * (1 - other) + (1 - share) * (other - 1), abs=1e-6
    )
    assert found.value == pytest.approx(share * other + (1 - share), abs=1e-6)


def test_sampled_at_two_hertz_a_lag_is_known_to_half_a_second() -> None:
    found = judged(picture((5.2, RED), (6.8, GREEN)), STORY[:2], rate=2.0)
    assert 1.2 <= found.components["lag"] <= 1.7


def test_a_switch_that_is_ignored() -> None:
    found = judged(
        picture(
            (12, RED),
        ),
        STORY,
    )
    assert found.components["switches_missed"] == 1.0
    assert "lag" not in found.components
    assert found.components["order"] == 0.0
    assert found.components["events_missing"] == pytest.approx(2 / 3)
    assert {e.kind for e in found.events} == {"switch_missed", "prompt_missing"}


def test_a_story_told_backwards() -> None:
    found = judged(picture((4, BLUE), (4, GREEN), (4, RED)), STORY)
    assert found.components["order"] == pytest.approx(-1.0)
    assert found.components["leaked"] == pytest.approx(2 / 3)


def test_a_beginning_that_comes_back_is_repeated() -> None:
    found = judged(picture((4, RED), (4, GREEN), (2, BLUE), (2, RED)), STORY)
    assert found.components["events_repeated"] == 1.0
    assert [(e.start, e.end) for e in found.events if e.kind == "prompt_repeated"] == [
        (10.25, 11.75)
    ]


def test_one_prompt_has_similarity_and_drift_but_no_story() -> None:
    fading = picture(*[(0.5, f"#{255 - 8 * i:02x}{8 * i:02x}00") for i in range(24)])
    found = judged(fading, [(0.0, RED)])
    assert found.components["end_level"] < -0.1
    assert not {"lag", "leakage", "order"} & found.components.keys()
    assert found.events == []


def test_no_prompts_are_not_applicable() -> None:
    found = judged(picture((4, RED)), [])
    assert (found.status, found.code) == ("not_applicable", "no_prompt")


def test_a_prompt_that_clip_cannot_read_to_its_end_is_flagged() -> None:
    assert judged(picture((4, RED)), [(0.0, "word " * 80)]).flags == ["prompt_cut_at_75_tokens"]


def test_a_schedule_that_goes_on_is_flagged() -> None:
    found = judged(picture((6, RED)), STORY)
    assert found.flags == ["schedule_longer_than_video"]
    assert len(found.events) == 2


def test_memory_is_a_few_numbers_a_frame() -> None:
    from lvbench.features.base import Features

    metric: Any = ClipText()
    state = metric.new_state(VideoContext(prompts=tuple(STORY)))
    arrays = {"text_similarity": np.zeros((1000, 3), np.float32)}
    metric.update(state, {"clip_vit_b_32": Features(np.arange(1000.0), arrays)})
    assert len(state.t) + len(state.rows) == 4000
