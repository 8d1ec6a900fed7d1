from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.signal.fingerprint import THUMBNAIL
from lvbench.metrics import freeze
from lvbench.metrics.base import VideoContext
from lvbench.metrics.motion.freeze import Freeze
from lvbench.validity.faults.catalogue import planted_array
from tests.metrics.encoded import encoded

Clip = NDArray[np.uint8]
FPS = 12.0


def frozen(clip: Clip, fps: float, first: int, length: int) -> Clip:
    return planted_array("freeze", clip, fps, length / fps, start=first / fps)


def test_a_still_image_is_frozen_throughout(world_clip: Callable[..., Clip]) -> None:
    still = np.repeat(world_clip()[:1], 60, axis=0)
    score = freeze(still, FPS)
    assert score.value == 1.0
    assert score.components["longest"] == pytest.approx(59 / FPS)


def test_a_healthy_clip_never_freezes(world_clip: Callable[..., Clip]) -> None:
    score = freeze(world_clip(), FPS)
    assert score.value == 0.0
    assert not score.events


def test_it_grows_with_the_dose_and_places_the_event(world_clip: Callable[..., Clip]) -> None:
    values = []
    for length in (12, 24, 48):
        score = freeze(frozen(world_clip(), FPS, 30, length), FPS)
        (event,) = score.events
        assert event.start == pytest.approx(30 / FPS)
        assert event.end == pytest.approx((30 + length) / FPS)
        values.append(score.value)
    assert values == pytest.approx([n / 95 for n in (12, 24, 48)])


def test_a_freeze_survives_a_lossy_encode(world_clip: Callable[..., Clip], tmp_path: Path) -> None:
    clip = encoded(frozen(world_clip(), FPS, 30, 36), FPS, tmp_path)
    (event,) = freeze(clip, FPS).events
    assert event.start == pytest.approx(30 / FPS, abs=0.5)
    assert event.end == pytest.approx(66 / FPS, abs=0.5)


def test_doubled_frames_are_no_freeze(world_clip: Callable[..., Clip]) -> None:
    doubled = np.repeat(world_clip()[:48], 2, axis=0)
    assert freeze(doubled, 2 * FPS).value == 0.0


def test_a_small_thing_that_moves_is_no_freeze(world_clip: Callable[..., Clip]) -> None:
    still = np.repeat(world_clip()[:1], 60, axis=0)
    for i in range(60):
        still[i, 50:62, 20 + 2 * i : 32 + 2 * i] = 250
    assert freeze(still, FPS).value == 0.0


def _pictures(change: list[float]) -> NDArray[np.uint8]:
    """Return thumbnails of which so many columns of a hundred change as the pair does."""
    out = np.full((len(change), *THUMBNAIL), 90, np.uint8)
    for i, size in enumerate(change):
        out[i] = out[max(0, i - 1)]
        columns = int(size * THUMBNAIL[1] / 200) * 2
        out[i, :, :columns] = 200 - out[i, :, :columns]
    return out


def _of_changes(change: list[float], dt: list[float]) -> list[tuple[float, float]]:
    metric, gaps = Freeze(), np.array(dt)
    state = metric.new_state(VideoContext())
    arrays = {
        "change": np.array(change),
        "spread": np.array(change) / 100,
        "thumbnail": _pictures(change),
        "dt": gaps,
    }
    features = Features(np.cumsum(gaps), arrays)
    metric.update(state, {"fingerprint": features})
    return [(event.start, event.end) for event in metric.item(state).events]


def test_a_picture_that_is_held_is_a_freeze() -> None:
    # The last repeat comes one step before the next picture.
    change = [90.0] * 10 + [0.0] * 19 + [90.0] * 11
    assert _of_changes(change, [0.1] * 40) == [pytest.approx((1.0, 2.9))]


def test_a_slide_show_at_a_steady_rate_is_not() -> None:
    assert _of_changes([90.0] * 8, [2.0] * 8) == []


def test_a_keyframe_does_not_end_a_freeze_and_does_not_make_one() -> None:
    still, short = [1.0] * 12, [1.0] * 4
    frozen = [90.0] * 5 + still + [30.0] + short + [90.0] * 5
    assert _of_changes(frozen, [0.1] * len(frozen)) == [pytest.approx((0.5, 2.2))]
    pieces = [90.0] * 5 + short + [30.0] + short + [90.0] * 5
    assert _of_changes(pieces, [0.1] * len(pieces)) == []


@pytest.mark.parametrize("sd", [1.5, 3.0])
def test_grain_over_a_freeze_is_a_freeze(world_clip: Callable[..., Clip], sd: float) -> None:
    clip = frozen(world_clip(), FPS, 40, 56)
    noise = np.random.default_rng(0).normal(0, sd, (*clip[40:].shape[:3], 1))
    clip[40:] = np.clip(np.rint(clip[40:] + noise), 0, 255)
    assert freeze(world_clip(), FPS).value == 0.0
    (event,) = freeze(clip, FPS).events
    assert event.start == pytest.approx(40 / FPS, abs=0.2)
    assert event.end == pytest.approx(95 / FPS, abs=0.2)


def test_what_comes_to_rest_or_begins_to_move_is_no_freeze() -> None:
    moving, still, slower = [45.0] * 30, [0.5] * 20, [30.0, 20.0, 15.0, 11.0]
    rest = [*moving, *slower, *still, *slower[::-1], *moving]
    assert _of_changes(rest, [0.1] * len(rest)) == []
    for still_parts in (
        [*moving, *still, *slower[::-1], *moving],
        [*still, *slower[::-1], *moving],
    ):
        assert _of_changes(still_parts, [0.1] * len(still_parts)) == []
    jump = [*moving, *still, 90.0, *still[:3]]
    assert _of_changes(jump, [0.1] * len(jump)) == [pytest.approx((3.0, 5.0))]


@pytest.mark.assets
@pytest.mark.parametrize(
    ("name", "start"),
    [("worldmark_m1_good.mp4", 2.0), ("intel_car-detection.mp4", 4.6), ("mdn_friday.mp4", 2.0)],
)
def test_a_planted_freeze_in_a_real_clip_is_found_and_none_without(
    name: str, start: float, real_clip: Callable[[str], tuple[Clip, float]], tmp_path: Path
) -> None:
    # Nothing moves on the road before.
    clip, fps = real_clip(name)
    assert not freeze(encoded(clip, fps, tmp_path), fps).events
    held = frozen(clip, fps, round(start * fps), round(fps))
    (event,) = freeze(encoded(held, fps, tmp_path), fps).events
    assert event.start == pytest.approx(start, abs=0.2)
    assert event.end == pytest.approx(start + 1, abs=0.2)


def test_a_freeze_goes_on_over_a_keyframe_and_its_refinement() -> None:
    from lvbench.metrics.motion.freeze import Freeze

    change = np.array([90.0] * 4 + [0.3] * 9 + [20.0, 7.5] + [0.1] * 12 + [60.0] * 4)
    frozen = Freeze()._frozen(change, np.full(len(change), 0.1))
    assert np.flatnonzero(frozen).tolist() == list(range(4, 27))
