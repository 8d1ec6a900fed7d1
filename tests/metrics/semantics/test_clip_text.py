"""CLIP text finds lag, leakage and order exactly, with a text encoder whose answers are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import clip_text
from lvbench.metrics.base import VideoContext
from lvbench.metrics.semantics.clip_text import ClipText, Schedule, kendall_tau
from lvbench.results.schema import ItemScore
from tests.metrics.stand_ins import Clip

FPS = 8.0
RED, GREEN, BLUE = "#ff0000", "#00ff00", "#0000ff"
STORY = [(0.0, RED), (4.0, GREEN), (8.0, BLUE)]
ABC = [(0.0, "a"), (4.0, "b"), (8.0, "c")]


def picture(*parts: tuple[float, str]) -> NDArray[np.uint8]:
    """Return a clip that shows each colour for so many seconds."""
    return np.concatenate(
        [
            np.full((round(seconds * FPS), 16, 16, 3), tuple(bytes.fromhex(colour[1:])), np.uint8)
            for seconds, colour in parts
        ]
    )


def scored(
    frames: NDArray[np.uint8], prompts: list[tuple[float, str]], rate: float | None = None
) -> ItemScore:
    name = "clip_vit_b_32"
    return clip_text(frames, FPS, prompts=prompts, extractors={name: Clip(name, rate)})


def test_a_story_told_on_time() -> None:
    found = scored(picture((4, RED), (4, GREEN), (4, BLUE)), STORY)
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
    found = scored(picture((4 + late, RED), (8 - late, GREEN)), STORY[:2])
    other = 513 / (256**2 + 2)
    assert found.components["lag"] == pytest.approx(late)
    assert [(e.kind, e.start, e.end) for e in found.events] == [("switch_followed", 4.0, 4 + late)]
    share = late / 12
    assert found.components["leakage"] == pytest.approx(
        share * (1 - other) + (1 - share) * (other - 1), abs=1e-6
    )
    assert found.value == pytest.approx(share * other + (1 - share), abs=1e-6)


def test_sampled_at_two_hertz_a_lag_is_known_to_half_a_second() -> None:
    found = scored(picture((5.2, RED), (6.8, GREEN)), STORY[:2], rate=2.0)
    assert 1.2 <= found.components["lag"] <= 1.7


def test_a_switch_that_is_ignored() -> None:
    found = scored(
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
    found = scored(picture((4, BLUE), (4, GREEN), (4, RED)), STORY)
    assert found.components["order"] == pytest.approx(-1.0)
    assert found.components["leaked"] == pytest.approx(2 / 3)


def test_a_beginning_that_comes_back_is_repeated() -> None:
    found = scored(picture((4, RED), (4, GREEN), (2, BLUE), (2, RED)), STORY)
    assert found.components["events_repeated"] == 1.0
    assert [(e.start, e.end) for e in found.events if e.kind == "prompt_repeated"] == [
        (10.25, 11.75)
    ]


def test_one_prompt_has_similarity_and_drift_but_no_story() -> None:
    fading = picture(*[(0.5, f"#{255 - 8 * i:02x}{8 * i:02x}00") for i in range(24)])
    found = scored(fading, [(0.0, RED)])
    assert found.components["end_level"] < -0.1
    assert not {"lag", "leakage", "order"} & found.components.keys()
    assert found.events == []


def test_no_prompts_are_not_applicable() -> None:
    found = scored(picture((4, RED)), [])
    assert (found.status, found.code) == ("not_applicable", "no_prompt")


def test_a_prompt_that_clip_cannot_read_to_its_end_is_flagged() -> None:
    assert scored(picture((4, RED)), [(0.0, "word " * 80)]).flags == ["prompt_cut_at_75_tokens"]


def test_a_schedule_that_goes_on_is_flagged() -> None:
    found = scored(picture((6, RED)), STORY)
    assert found.flags == ["schedule_longer_than_video"]
    assert len(found.events) == 2


def test_memory_is_a_few_numbers_a_frame() -> None:
    from lvbench.features.base import Features

    metric: Any = ClipText()
    state = metric.new_state(VideoContext(prompts=tuple(STORY)))
    arrays = {"text_similarity": np.zeros((1000, 3), np.float32)}
    metric.update(state, {"clip_vit_b_32": Features(np.arange(1000.0), arrays)})
    assert len(state.t) + len(state.rows) == 4000


def schedule(shown: list[int], prompts: list[tuple[float, str]] = ABC) -> Schedule:
    """Return a schedule with one frame a second; frame `i` shows prompt `shown[i]`."""
    t = np.arange(len(shown), dtype=np.float64)
    similarity = np.full((len(shown), len(prompts)), 0.2)
    similarity[np.arange(len(shown)), shown] = 0.3
    return Schedule(prompts, t, similarity)


def kinds(found: Schedule) -> list[tuple[str, str, float, float]]:
    return [
        (e.kind, str(e.details["prompt"]), e.start, e.end)
        for e in found.missing_and_repeated(*found.shown(1.0))
    ]


def test_what_follows_at_once_has_no_lag_and_no_leakage() -> None:
    found = schedule([0] * 4 + [1] * 4 + [2] * 4)
    assert found.own().tolist() == [0.3] * 12
    assert found.leakage() == pytest.approx(-0.1)
    assert [e.end - e.start for e in found.switches()] == [0.0, 0.0]
    centres, due, shown = found.shown(1.0)
    assert kendall_tau(due, shown) == pytest.approx(1.0)
    assert kinds(found) == []
    assert centres.tolist() == [i + 0.5 for i in range(12)]


def test_lags_are_found_exactly() -> None:
    found = schedule([0] * 5 + [1] * 6 + [2])
    assert [(e.kind, e.start, e.end) for e in found.switches()] == [
        ("switch_followed", 4.0, 5.0),
        ("switch_followed", 8.0, 11.0),
    ]
    assert np.count_nonzero(found.leakage() > 0) == 4


def test_one_stray_frame_does_not_move_the_lag() -> None:
    found = schedule([0] * 6 + [1, 1] + [2, 1, 2, 2])
    assert [e.end - e.start for e in found.switches()] == [2.0, 0.0]


def test_a_switch_that_is_never_followed_is_missed() -> None:
    found = schedule([0] * 8 + [2] * 4)
    assert [e.kind for e in found.switches()] == ["switch_missed", "switch_followed"]
    assert kinds(found) == [("prompt_missing", "b", 4.5, 7.5)]


def test_backwards_is_minus_one_and_no_order_is_zero() -> None:
    backwards = schedule([2] * 4 + [1] * 4 + [0] * 4).shown(1.0)
    assert kendall_tau(*backwards[1:]) == pytest.approx(-1.0)
    constant = schedule([1] * 12).shown(1.0)
    assert kendall_tau(*constant[1:]) == 0.0


def test_a_prompt_shown_again_is_repeated() -> None:
    found = schedule([0] * 4 + [1] * 4 + [0] * 2 + [2] * 2)
    assert kinds(found) == [("prompt_repeated", "a", 8.5, 9.5)]


def test_a_single_stray_segment_is_no_repetition() -> None:
    assert kinds(schedule([0] * 4 + [1] * 4 + [2, 0, 2, 2])) == []


def test_a_text_that_is_due_twice_may_be_shown_twice() -> None:
    prompts = [(0.0, "a"), (4.0, "b"), (8.0, "a")]
    t = np.arange(12, dtype=np.float64)
    similarity = np.full((12, 3), 0.2)
    similarity[[*range(4), *range(8, 12)]] += [0.1, 0.0, 0.1]
    similarity[4:8, 1] += 0.1
    found = Schedule(prompts, t, similarity)
    assert found.texts == ["a", "b"]
    assert kinds(found) == []
    assert kendall_tau(*found.shown(1.0)[1:]) == pytest.approx(1.0)
    assert (found.leakage() < 0).all()
    assert len(found.switches()) == 2


def test_the_same_text_again_is_no_switch() -> None:
    prompts = [(0.0, "a"), (4.0, "a"), (8.0, "b")]
    assert len(schedule([0] * 8 + [2] * 4, prompts).switches()) == 1


def test_what_is_due_after_the_end_is_left_out() -> None:
    found = schedule([0] * 4 + [1] * 3)
    assert found.texts == ["a", "b"]
    assert len(found.switches()) == 1


@pytest.mark.parametrize("start", [0.0, 2.0])
def test_before_the_first_prompt_it_is_the_first_that_is_due(start: float) -> None:
    similarity: NDArray[np.float64] = np.array([[0.3, 0.1]] * 3 + [[0.1, 0.3]] * 3)
    found = Schedule([(start, "a"), (3.0, "b")], np.arange(6.0), similarity)
    assert found.own().tolist() == [0.3] * 6
