from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics import subject_consistency
from lvbench.metrics.base import VideoContext
from lvbench.metrics.identity.subject_consistency import SubjectConsistency
from lvbench.results.schema import ItemScore
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products

Clip = NDArray[np.uint8]


def direction(degrees: float) -> NDArray[np.float32]:
    """Return a vector whose cosine with `direction(0)` is that of the angle."""
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees)), 0], np.float32) * 7


def features(angles: list[float | None], moving: float = 0.1) -> Features:
    """Return sights every half second; None is a time without a subject."""
    seen = [angle is not None for angle in angles]
    rows = [np.zeros(3, np.float32) if a is None else direction(a) for a in angles]
    return Features(
        np.arange(len(angles)) / 2 + 0.1,
        {
            "count": np.array(seen, np.int64),
            "embedding": np.stack(rows)[:, None],
            "score": np.array(seen, np.float32)[:, None] * np.float32(0.2),
            "moving": np.full(len(angles), moving),
        },
    )


def scored(angles: list[float | None], moving: float = 0.1, **context: Any) -> ItemScore:
    metric = SubjectConsistency()
    state = metric.new_state(VideoContext(**context))
    found = features(angles, moving)
    for i in range(0, len(found.t), 3):
        part = {name: array[i : i + 3] for name, array in found.values.items()}
        metric.update(state, {"subject": Features(found.t[i : i + 3], part)})
    return metric.item(state)


def test_one_look_is_consistent() -> None:
    score = scored([0.0] * 24)
    assert score.value == pytest.approx(0.0, abs=1e-6)
    assert score.components["mean"] == pytest.approx(1.0)
    assert score.components["to_previous"] == pytest.approx(1.0)
    assert score.components["presence"] == 1.0
    assert score.components["holds"] == 1.0
    assert score.components["share"] == pytest.approx(0.2)
    assert "half_life" not in score.components


def test_another_from_then_on_is_found_within_a_segment() -> None:
    score = scored([0.0] * 12 + [70.0] * 12)
    assert score.value == pytest.approx(np.cos(np.radians(70)) - 1, abs=1e-3)
    assert score.components["half_life"] == pytest.approx(6.25)
    assert score.components["onset"] == pytest.approx(6.0, abs=0.5)
    assert min(score.series["to_previous"].y) == pytest.approx(np.cos(np.radians(70)), abs=1e-3)


def test_slow_change_shows_against_the_start_and_not_from_sight_to_sight() -> None:
    score = scored([3.0 * i for i in range(24)])
    assert score.value is not None
    assert score.value < -0.4
    assert score.components["to_previous"] > 0.99


def test_the_looks_of_the_first_seconds_all_count() -> None:
    """It turns round in the first two seconds; either side is the subject ever after."""
    score = scored([0.0, 60.0] * 12)
    assert score.value == pytest.approx(0.0, abs=1e-6)


def test_an_absence_lowers_presence_and_has_no_similarity() -> None:
    score = scored([0.0] * 10 + [None] * 10 + [0.0] * 4)
    assert score.value == pytest.approx(0.0, abs=1e-6)
    assert score.components["presence"] == pytest.approx(14 / 24)
    assert len(score.series["subject_similarity"].t) == 14
    assert len(score.series["to_previous"].t) == 12


@pytest.mark.parametrize(
    ("angles", "moving", "code"),
    [
        ([None] * 24, 0.0, "no_motion"),
        ([None] * 24, 0.01, "no_subject"),
        ([0.0] * 5 + [None] * 19, 0.01, "no_subject"),
        ([0.0] + [None] * 23, 0.01, "no_subject"),
        ([0.0] * 6, 0.1, "too_short"),
    ],
)
def test_without_a_subject_there_is_a_reason(
    angles: list[float | None], moving: float, code: str
) -> None:
    score = scored(angles, moving)
    assert (score.status, score.code) == ("not_applicable", code)


def test_a_vector_of_no_length_is_unlike_all_and_no_nan() -> None:
    metric = SubjectConsistency()
    state = metric.new_state(VideoContext())
    found = features([0.0] * 24)
    found["embedding"][:] = 0
    metric.update(state, {"subject": found})
    assert metric.item(state).components["mean"] == 0.0


def test_ordered_change_is_no_drift() -> None:
    score = scored([0.0] * 24, persist=frozenset({"scene"}))
    assert score.code == "ordered_change"
    assert scored([0.0] * 24, persist=frozenset({"identity"})).status == "ok"


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
    for score in (bad, good):
        assert score.status == "ok", score
    t, y = (
        np.array(bad.series["subject_similarity"].t),
        np.array(bad.series["subject_similarity"].y),
    )
    calm = float(np.median(y[t < swap]))
    threshold = (calm + SubjectConsistency().baseline) / 2
    assert t[t > 2][np.argmax(y[t > 2] < threshold)] == pytest.approx(swap, abs=0.5)
    assert (y[t > swap + 0.5] < threshold).all()
    t, y = (
        np.array(good.series["subject_similarity"].t),
        np.array(good.series["subject_similarity"].y),
    )
    assert (y[t > 2] > threshold).all()
