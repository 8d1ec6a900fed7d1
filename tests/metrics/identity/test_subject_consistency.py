from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import subject_consistency
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.subject_parts import Sight, place_stays
from lvbench.metrics.identity.subject_consistency import SubjectConsistency
from lvbench.results.schema import ItemScore
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products
from tests.metrics.identity.sights import WIDTH, Moment, places, scored, value

Clip = NDArray[np.uint8]
ROOM, ROAD = places(1), places(2)


def walk(first: int = 6, last: int = 16) -> list[Moment]:
    """A thing that goes to and fro in the middle of a room."""
    n = np.arange(24)
    at = np.round(first + (last - first) * (0.5 + 0.5 * np.sin(n / 2))).astype(int) // 2 * 2
    return [Moment(ROOM, 7, int(left)) for left in at]


def of(moments: list[Moment], context: VideoContext | None = None) -> ItemScore:
    return scored(SubjectConsistency(), moments, context)


def test_a_thing_that_stays_is_found_wherever_it_goes() -> None:
    score = of(walk())
    assert value(score) == pytest.approx(1.0, abs=0.01)
    assert score.components["presence"] == 1.0
    assert score.components["doubled"] == 0.0
    assert score.components["subjects"] == 1.0
    assert score.components["to_previous"] == pytest.approx(1.0, abs=0.01)
    assert "half_life" not in score.components


def test_another_in_its_place_is_not_found() -> None:
    moments = walk()
    other = [replace(m, thing=8) if i >= 12 else m for i, m in enumerate(moments)]
    score = of(other)
    assert value(score) < 0.6
    assert score.components["half_life"] == pytest.approx(6.25)
    assert score.components["subjects"] == 1.0


PAIR = [replace(moment, other=9) for moment in walk(14, 20)]


@pytest.mark.parametrize("changed", [{"thing": 8}, {"other": 8}])
def test_each_of_two_counts_and_the_scene_behind_them_does_not(changed: dict[str, int]) -> None:
    """The second one moves outside the region that is followed."""
    both = of(PAIR)
    assert both.components["subjects"] == 2.0
    swapped = of([replace(m, **changed) if i >= 12 else m for i, m in enumerate(PAIR)])
    moved = of([replace(m, scene=ROAD) if i >= 12 else m for i, m in enumerate(PAIR)])
    assert swapped.components["subjects"] == 2.0
    assert value(both) - value(swapped) > 4 * abs(value(both) - value(moved)) + 0.1


def test_figures_are_what_moves_apart() -> None:
    region, moves = np.zeros((2, 12, 20), np.float32)
    region[2:8, 1:7] = moves[2:8, 2:5] = moves[2:8, 12:17] = 1
    local, hue = np.zeros((12, 20, 2), np.float32), np.zeros((12, 20, 2), np.float32)
    first, second = Sight(0.0, local, hue, region, moves).figures()
    assert np.array_equal(first.region, region)
    assert second.box() == pytest.approx([0.6, 2 / 12, 0.85, 8 / 12])
    moves[:, 4] = 0
    moves[2:8, 5:7] = 1
    assert len(Sight(0.0, local, hue, region, moves).figures()) == 3


def test_another_colour_counts() -> None:
    moments = walk()
    blue = [replace(m, hue=(-0.5, 0.8)) if i >= 12 else m for i, m in enumerate(moments)]
    assert value(of(blue)) < value(of(moments)) - 0.1


def test_another_scene_behind_it_does_not_count() -> None:
    moments = walk()
    moved = [replace(m, scene=ROAD) if i >= 12 else m for i, m in enumerate(moments)]
    assert value(of(moved)) == pytest.approx(value(of(moments)), abs=0.02)


def test_who_goes_with_the_scene_is_not_missing() -> None:
    """Half of the clip shows another scene, with nothing in front of it."""
    elsewhere = [replace(m, scene=ROAD, thing=None) if i >= 12 else m for i, m in enumerate(walk())]
    assert value(of(elsewhere)) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(("scene", "left", "stays"), [(1, 0, True), (1, 4, True), (2, 0, False)])
def test_a_place_stays_by_what_is_around_it(scene: int, left: int, stays: bool) -> None:
    """The camera turns by `left` cells."""
    wide = places(scene, 16, WIDTH + 4)
    before, now = places(1, 16, WIDTH + 4)[:, :WIDTH], wide[:, left : left + WIDTH]
    nothing = np.zeros((16, WIDTH), np.float32)
    hue = np.zeros((16, WIDTH, 2), np.float32)
    sights = (Sight(t, local, hue, nothing, nothing) for t, local in enumerate((before, now)))
    box, shift = np.array([0.4, 0.4, 0.6, 0.6]), np.array([-left / WIDTH, 0.0])
    assert place_stays(*sights, box, shift) is stays


def test_what_vanishes_in_the_middle_is_missing_and_what_leaves_is_not() -> None:
    gone = [replace(m, thing=None) if i >= 12 else m for i, m in enumerate(walk())]
    assert value(of(gone)) < 0.6
    leaving = [Moment(ROOM, 7, min(8 + 2 * i, WIDTH - 2)) for i in range(10)]
    score = of(leaving + [Moment(ROOM)] * 14)
    assert value(score) > 0.85
    assert score.components["presence"] < 0.6


def test_who_comes_in_after_it_has_left_is_another_subject() -> None:
    leaving = [Moment(ROOM, 7, min(8 + 2 * i, WIDTH - 2)) for i in range(10)]
    coming = [Moment(ROOM, 8, min(2 * i, 14)) for i in range(14)]
    score = of(leaving + [Moment(ROOM)] * 2 + coming)
    assert score.components["subjects"] == 2.0
    assert value(score) > 0.8


def test_two_of_it_are_doubled() -> None:
    moments = [Moment(ROOM, 7, 14 + 2 * (i % 4), twice=i >= 12) for i in range(24)]
    assert of(moments).components["doubled"] == pytest.approx(0.6, abs=0.15)


@pytest.mark.parametrize(
    ("moments", "code"),
    [
        ([Moment(ROOM)] * 24, "no_motion"),
        ([Moment(ROOM, 7)] + [Moment(ROOM)] * 23, "no_subject"),
        (walk()[:6], "too_short"),
    ],
)
def test_without_a_subject_there_is_a_reason(moments: list[Moment], code: str) -> None:
    score = of(moments)
    assert (score.status, score.code) == ("not_applicable", code)


def test_ordered_change_is_no_drift() -> None:
    assert of(walk(), VideoContext(persist=frozenset({"scene"}))).code == "ordered_change"
    assert of(walk(), VideoContext(persist=frozenset({"identity"}))).status == "ok"


def read(path: Path, start: float, end: float, fps: float = 10.0) -> Clip:
    """Return part of a video at 10 frames per second, 320 x 180."""
    kept: list[Clip] = []
    due = start
    with open_video(path, Products(small=384)) as reader:
        for chunk in reader:
            assert chunk.small is not None
            for t, frame in zip(chunk.pts, chunk.small, strict=True):
                if due - 1e-6 <= t < end:
                    kept.append(cv2.resize(frame, (320, 180), interpolation=cv2.INTER_AREA))
                    due += 1 / fps
            if chunk.pts[-1] >= end:
                break
    return np.stack(kept)


@pytest.fixture(scope="module")
def piece(videos: Path) -> Callable[[str, float, float], Clip]:
    names = {
        "person": "intel_one-by-one-person-detection.mp4",
        "bird": "big-buck-bunny-480p-30s.mp4",
    }
    return lambda name, start, end: read(videos / names[name], start, end)


@pytest.mark.assets
def test_a_subject_replaced_by_another_is_found_and_its_own_return_is_not(
    piece: Callable[[str, float, float], Clip], assets: Path
) -> None:
    """A person walks in and stands; the bird takes over at 7 s, or the same person again."""
    person = piece("person", 6.2, 13.2)
    swap = len(person) / 10
    swapped = np.concatenate([person, piece("bird", 16.1, 20.9)])
    again = np.concatenate([person, piece("person", 7.0, 11.8)])
    weights = assets / "assets"
    bad = subject_consistency(swapped, 10.0, weights=weights)
    good = subject_consistency(again, 10.0, weights=weights)
    assert value(good) > value(bad) + 0.2
    t, y = (np.array(bad.series["subject_found"].t), np.array(bad.series["subject_found"].y))
    assert (y[t > swap + 0.5] < 0.5).all()
