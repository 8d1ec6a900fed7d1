from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics import background_consistency
from lvbench.metrics.base import VideoContext
from lvbench.metrics.identity.background_consistency import BackgroundConsistency, View
from lvbench.results.schema import ItemScore
from tests.metrics.identity.test_subject_consistency import direction, read


def scored(
    angles: list[float], speed: float | list[float] = 0.0, zoom: float = 0.0, **parameters: Any
) -> ItemScore:
    """Score scenes half a second apart; `speed` in widths per second."""
    n = len(angles)
    camera = np.zeros((n, 4))
    camera[:, 0], camera[:, 2] = speed, zoom
    metric = BackgroundConsistency(**parameters)
    state = metric.new_state(VideoContext())
    values: dict[str, NDArray[Any]] = {
        "background": np.stack([direction(angle) for angle in angles]),
        "camera": camera,
    }
    metric.update(state, {"subject": Features(np.arange(n) / 2 + 0.1, values)})
    return metric.item(state)


def value(score: ItemScore) -> float:
    assert score.value is not None, score
    return score.value


def test_one_scene_is_consistent() -> None:
    score = scored([0.0] * 24)
    assert value(score) == pytest.approx(0.0, abs=1e-6)
    assert score.components["views"] == 1
    assert score.components["holds"] == 1.0


def test_another_scene_is_found_within_a_segment() -> None:
    score = scored([0.0] * 12 + [80.0] * 12)
    assert value(score) < -0.8
    assert score.components["half_life"] == pytest.approx(6.25)
    assert score.components["onset"] == pytest.approx(6.0, abs=0.5)


@pytest.mark.parametrize(("speed", "zoom"), [(0.2, 0.0), (-0.2, 0.0), (0.0, 0.15)])
def test_what_a_pan_or_a_zoom_brings_into_view_is_no_other_scene(speed: float, zoom: float) -> None:
    angles = [4.0 * i for i in range(24)]
    still, moved = scored(angles), scored(angles, speed, zoom)
    assert value(still) < -0.75
    assert value(moved) > -0.2
    assert moved.components["views"] > 2
    assert moved.components["to_first"] == pytest.approx(still.components["to_first"])


def test_a_scene_swapped_in_a_pan_stays_swapped() -> None:
    """The camera pans on in the new scene; the old one is what counts."""
    angles = [2.0 * i for i in range(12)] + [100.0 + 2 * i for i in range(12)]
    score = scored(angles, 0.2)
    t, y = (
        np.array(score.series["background_similarity"].t),
        np.array(score.series["background_similarity"].y),
    )
    assert (y[t < 6] > 0.9).all()
    assert (y[t > 6] < 0.3).all()
    assert score.components["half_life"] == pytest.approx(6.25)


def test_a_scene_that_comes_back_is_compared_on() -> None:
    angles = [0.0] * 10 + [90.0] * 4 + [4.0 * i for i in range(12)]
    score = scored(angles, [0.0] * 14 + [0.2] * 12)
    assert score.components["holds"] == 1.0
    assert score.components["views"] > 1


def test_a_fade_in_is_no_lost_scene() -> None:
    score = scored([90.0, 70.0] + [0.0] * 22)
    assert score.components["mean"] > 0.9
    assert score.components["holds"] == 1.0


def test_too_short_and_ordered() -> None:
    assert scored([0.0] * 6).code == "too_short"
    metric = BackgroundConsistency()
    state = metric.new_state(VideoContext(persist=frozenset({"identity"})))
    assert metric.item(state).code == "ordered_change"


@pytest.mark.parametrize("parameters", [{"overlap": 0.0}, {"overlap": 1.0}, {"baseline": 1.0}])
def test_parameters_out_of_range_are_refused(parameters: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="out of range"):
        BackgroundConsistency(**parameters)


@pytest.mark.assets
def test_real_scenes_swapped_are_found_and_a_real_pan_is_not_one(
    videos: Path, assets: Path
) -> None:
    """A standing camera, then another place at 6 s; and a camera that pans from wood to track."""
    weights = assets / "assets"
    room = read(videos / "intel_one-by-one-person-detection.mp4", 6.2, 12.2)
    road = read(videos / "intel_car-detection.mp4", 4.0, 9.0)
    pan = read(videos / "worldmark_m2_good.mp4", 2.0, 13.0)
    swapped = background_consistency(np.concatenate([room, road]), 10.0, weights=weights)
    panned = background_consistency(pan, 10.0, weights=weights)
    t, y = (
        np.array(part) for part in swapped.series["background_similarity"].model_dump().values()
    )
    half = (float(np.median(y[t < 6])) + BackgroundConsistency().baseline) / 2
    assert t[np.argmax(y < half)] == pytest.approx(6.0, abs=0.5)
    assert (y[t > 6.5] < half).all()
    assert swapped.components["onset"] == pytest.approx(6.0, abs=0.5)
    assert min(panned.series["background_similarity"].y) > half
    assert panned.components["views"] > 1
    assert value(panned) > value(swapped) + 0.2


def moved(*steps: tuple[float, float, float]) -> View:
    view = View()
    for step in steps:
        view.move(np.array([*step, 0.0]), 1.0)
    return view


@pytest.mark.parametrize(
    ("steps", "overlap"),
    [
        ([], 1.0),
        ([(0.25, 0.0, 0.0)], 0.75),
        ([(0.25, 0.0, 0.0), (0.0, -0.5, 0.0)], 0.375),
        ([(0.4, 0.0, 0.0), (-0.4, 0.0, 0.0)], 1.0),
        ([(1.5, 0.0, 0.0)], 0.0),
        ([(0.0, 0.0, np.log(2))], 0.25),
        ([(0.0, 0.0, -np.log(2))], 0.25),
        # Half a view of what is twice as large is a quarter of the earlier view.
        ([(0.0, 0.0, np.log(2)), (0.5, 0.0, 0.0)], 0.25),
        ([(0.0, 0.0, np.log(2)), (1.0, 0.0, 0.0)], 0.125),
    ],
)
def test_what_two_views_share(steps: list[tuple[float, float, float]], overlap: float) -> None:
    assert moved(*steps).overlap() == pytest.approx(overlap)
