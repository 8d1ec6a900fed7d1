from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lvbench.metrics import background_consistency
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.scene_memory import Pose, View, seen_again, thinned
from lvbench.metrics.identity.background_consistency import BackgroundConsistency
from lvbench.results.schema import ItemScore
from tests.metrics.identity.sights import HEIGHT, WIDTH, Moment, places, scored, value
from tests.metrics.identity.test_subject_consistency import read

ROOM, ROAD = places(1), places(2)
WALL = places(3, HEIGHT, 6 * WIDTH)


def of(moments: list[Moment], context: VideoContext | None = None) -> ItemScore:
    return scored(BackgroundConsistency(), moments, context)


def pan(at: list[int]) -> list[Moment]:
    """The camera over a long wall; `at`: the left cell in each picture."""
    speed = -np.gradient(np.array(at, np.float64)) / WIDTH / 0.5
    return [
        Moment(WALL[:, x : x + WIDTH], camera=(float(v), 0.0, 0.0))
        for x, v in zip(at, speed, strict=True)
    ]


def test_one_scene_is_found() -> None:
    score = of([Moment(ROOM)] * 24)
    assert value(score) == pytest.approx(1.0)
    assert score.components["views"] == 1
    assert score.components["replaced"] == 0
    assert score.components["holds"] == 1.0


def test_another_scene_is_found_within_a_segment() -> None:
    score = of([Moment(ROOM)] * 12 + [Moment(ROAD)] * 12)
    assert value(score) < 0.65
    assert score.components["half_life"] == pytest.approx(6.25)
    assert score.components["lowest"] < 0.3
    assert score.components["replaced"] > 0.5


def test_a_scene_that_is_away_in_the_middle_counts() -> None:
    away = [Moment(ROAD if 6 <= i < 18 else ROOM) for i in range(24)]
    score = of(away)
    assert value(score) < 0.65
    assert score.components["holds"] == 1.0


def test_the_thing_in_front_does_not_count() -> None:
    still = [Moment(ROOM, 7, 4 + 2 * (i % 6)) for i in range(24)]
    other = [replace(m, thing=8) if i >= 12 else m for i, m in enumerate(still)]
    assert value(of(still)) == pytest.approx(1.0, abs=0.01)
    assert value(of(other)) == pytest.approx(value(of(still)), abs=0.01)


def test_a_standing_object_that_is_replaced_is_found_and_one_that_passes_is_not() -> None:
    changed, passing = ROOM.copy(), ROOM.copy()
    changed[4:12, 4:12] = ROAD[4:12, 4:12]
    passing[4:12, 12:20] = ROAD[4:12, 12:20]
    replaced = of([Moment(ROOM)] * 12 + [Moment(changed)] * 12)
    passed = of([Moment(passing if 12 <= i < 15 else ROOM) for i in range(24)])
    assert replaced.components["replaced"] == pytest.approx(16 / 112, abs=0.05)
    assert passed.components["replaced"] == 0


@pytest.mark.parametrize("drift", [0.0, 0.05])
def test_places_are_seen_again_where_the_camera_puts_them(drift: float) -> None:
    """The summed motion is wrong by `drift` of the width, 1.4 cells."""

    def view(left: int) -> View:
        picture = 128 + 400 * WALL[:, left : left + WIDTH, :3]
        known = np.ones((HEIGHT // 2, WIDTH // 2), np.bool_)
        known[:, -1] = False
        return View(left / 4, Pose(), WALL[::2, left : left + WIDTH : 2], known, picture)

    before, now = view(0), view(8)
    colour, seen, covered = seen_again(now, before, Pose(x=-8 / WIDTH + drift))
    np.testing.assert_allclose(colour[:, 8:-2], before.colour[:, 8:-2])
    assert seen[:, 8:].all()
    assert not (seen | covered)[:, :8].any()


def test_a_pan_that_returns_is_found_again_and_a_changed_place_is_not() -> None:
    there = [min(4 * max(0, i - 4), 40) for i in range(20)]
    back = [max(0, 40 - 4 * i) for i in range(20)]
    moments = pan(there + back)
    found = of(moments)
    changed = [replace(m, scene=ROAD) if i >= 32 else m for i, m in enumerate(moments)]
    assert value(found) > 0.9
    assert found.components["views"] > 2
    assert value(of(changed)) < value(found) - 0.1


def test_a_camera_that_moves_on_is_not_scored() -> None:
    score = of(pan([6 * i for i in range(24)]))
    assert (score.status, score.code) == ("not_applicable", "too_little_in_sight")


def test_scrambled_windows_are_no_better() -> None:
    moments = pan([min(4 * max(0, i - 4), 40) for i in range(12)] + [40] * 12)
    order = np.random.default_rng(0).permutation(12)
    mixed = [moments[2 * k + j] for k in order for j in (0, 1)]
    assert value(of(mixed)) <= value(of(moments)) + 1e-6


def test_too_short_and_ordered() -> None:
    assert of([Moment(ROOM)] * 6).code == "too_short"
    ordered = VideoContext(persist=frozenset({"identity"}))
    assert of([Moment(ROOM)] * 24, ordered).code == "ordered_change"


@pytest.mark.parametrize("parameters", [{"overlap": 0.0}, {"overlap": 1.0}, {"baseline": 1.0}])
def test_parameters_out_of_range_are_refused(parameters: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="out of range"):
        BackgroundConsistency(**parameters)


def test_few_views_are_kept() -> None:
    known = np.ones(ROOM.shape[:2], np.bool_)
    views: list[View] = []
    for i in range(200):
        views = thinned([*views, View(float(i), Pose(), ROOM, known, ROOM[..., :3])])
    assert len(views) <= 48
    assert (views[0].t, views[-1].t) == (0.0, 199.0)


@pytest.mark.assets
def test_real_scenes_swapped_are_found(videos: Path, assets: Path) -> None:
    """A standing camera, then another place at 4 s."""
    weights = assets / "assets"
    room = read(videos / "intel_one-by-one-person-detection.mp4", 6.2, 10.2)
    road = read(videos / "intel_car-detection.mp4", 4.0, 7.0)
    swapped = background_consistency(np.concatenate([room, road]), 10.0, weights=weights)
    series = swapped.series["background_found"]
    t, y = np.array(series.t), np.array(series.y)
    before, after = y[t < 3.5], y[t > 4.5]
    assert before.min() > 0.8
    assert after.max() < before.min() - 0.2
    half = (before.min() + after.max()) / 2
    assert t[np.argmax(y < half)] == pytest.approx(4.0, abs=0.5)


def moved(*steps: tuple[float, float, float]) -> Pose:
    pose = Pose()
    for step in steps:
        pose = pose.moved(np.array([*step, 0.0]), 1.0)
    return pose


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
    assert moved(*steps).overlap(Pose()) == pytest.approx(overlap)
