"""What comes back as it was leads what comes back as something else; what never left leads not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics import reappearance
from lvbench.metrics.base import VideoContext
from lvbench.metrics.semantics.reappearance import Reappearance
from lvbench.results.schema import ItemRecord, ItemScore, VideoRecord

Clip = NDArray[np.uint8]
PROMPTS = ((0.0, "a door"), (4.0, "a lake"), (8.0, "the door again"))
VIEWS = ("door", None, "door")
DOOR, LAKE, ROAD = np.eye(3)


def shown(*stretches: NDArray[Any], **keys: Any) -> ItemScore:
    """Score a clip that shows one vector for each stretch of four seconds, two a second."""
    metric = Reappearance(**keys.pop("parameters", {}))
    given = {"prompts": PROMPTS, "views": VIEWS} | keys
    state = metric.new_state(VideoContext(**given))
    vectors = np.repeat(np.stack(stretches), 8, axis=0).astype(np.float32)
    t = np.arange(len(vectors)) / 2
    metric.update(state, {"dinov2_vits14": Features(t, {"image": vectors})})
    return metric.item(state)


def test_what_comes_back_as_it_was_has_the_whole_lead() -> None:
    found = shown(DOOR, LAKE, DOOR)
    assert found.value == pytest.approx(1.0)
    assert found.components == pytest.approx(
        {"similarity": 1.0, "unrelated": 0.0, "recovered": 1.0, "left": 1.0, "gap": 4.0}
    )
    assert found.series["by_gap"].t == [4.0]
    assert found.series["to_before"].t == [8.25 + k / 2 for k in range(8)]
    (event,) = found.events
    assert (event.kind, event.start, event.end) == ("view_returned", 4.0, 8.0)


def test_another_content_has_none_and_what_stayed_away_less_than_none() -> None:
    assert shown(DOOR, LAKE, ROAD).value == pytest.approx(0.0)
    assert shown(DOOR, LAKE, LAKE).value == pytest.approx(-1.0)


def test_a_clip_that_never_left_has_no_lead_and_is_counted() -> None:
    found = shown(DOOR, DOOR, DOOR)
    assert found.value == pytest.approx(0.0, abs=1e-6)
    assert found.components["left"] == 0.0
    assert "recovered" not in found.components
    assert {"stillness", "loop"} <= set(Reappearance.info.gates)


def test_the_lead_grows_with_how_much_is_there_again() -> None:
    doses = [shown(DOOR, LAKE, a * DOOR + (1 - a) * ROAD) for a in (0.0, 0.3, 0.6, 1.0)]
    values = [found.value for found in doses]
    assert values == sorted(values, key=lambda v: v or 0.0)
    recovered = [found.components["recovered"] for found in doses]
    assert recovered == sorted(recovered)


def test_every_return_counts_from_the_last_time_it_was_seen() -> None:
    prompts = tuple((4.0 * k, str(k)) for k in range(5))
    found = shown(DOOR, LAKE, DOOR, ROAD, DOOR, prompts=prompts, views=("d", "l", "d", None, "d"))
    assert [event.start for event in found.events] == [4.0, 12.0]
    crossed = ("d", "l", "d", "l", None)
    found = shown(DOOR, LAKE, DOOR, ROAD, ROAD, prompts=prompts, views=crossed)
    assert [round(event.details["lead"]) for event in found.events] == [1, 0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "views", [(), (None, None, None), ("door", "door", "door"), ("a", "b", "c")]
)
def test_without_a_return_it_does_not_apply(views: tuple[str | None, ...]) -> None:
    found = shown(DOOR, LAKE, DOOR, views=views)
    assert (found.status, found.code) == ("not_applicable", "no_return")


def test_a_clip_that_ends_before_the_return_has_none() -> None:
    assert shown(DOOR, LAKE).code == "no_return"


def record(k: int, gap: float, value: float) -> ItemRecord:
    score = ItemScore(value=value, components={"gap": gap, "similarity": 1.0, "left": 1.0})
    video = VideoRecord(id=f"v{k}", path="p", cluster=f"c{k}")
    return ItemRecord(identity="i", video=video, metrics={"reappearance": score})


def test_the_slope_over_the_gaps_of_a_run() -> None:
    items = [record(k, 2.0 ** (k % 4), 0.9 - 0.1 * (k % 4)) for k in range(12)]
    scores = Reappearance().aggregate(items, resamples=200, seed=0)
    slope = scores["reappearance.per_doubling"]
    assert slope.value == pytest.approx(-0.1)
    assert slope.n_scored == 12
    assert scores["reappearance.gap"].value is not None
    one = Reappearance().aggregate(items[::4], resamples=200, seed=0)
    assert one["reappearance.per_doubling"].code == "too_few_gaps"
    assert one["reappearance.per_doubling"].value is None
    nothing = Reappearance().aggregate([], resamples=200, seed=0)
    assert nothing["reappearance.per_doubling"].status == "not_applicable"


def test_another_encoder_has_a_key_of_its_own() -> None:
    assert Reappearance(extractor="mobilenet_v2").key == "reappearance@mobilenet_v2"


@pytest.mark.assets
@pytest.mark.parametrize(
    ("place", "between"),
    [
        ("mdn_flower.mp4", "worldmark_m1_good.mp4"),
        ("worldmark_m1_good.mp4", "wpt_movie_300.mp4"),
        ("wpt_movie_300.mp4", "mdn_flower.mp4"),
    ],
)
def test_real_clips_that_return_are_told_from_those_that_turn_into_others(
    real_clip: Callable[[str], tuple[Clip, float]], assets: Any, place: str, between: str
) -> None:
    from lvbench.features import load

    encoder = {"mobilenet_v2": load("mobilenet_v2", weights=assets / "assets")}

    def piece(name: str, start: float) -> Clip:
        import cv2

        frames, fps = real_clip(name)
        chosen = [frames[min(int((start + k / 4) * fps), len(frames) - 1)] for k in range(10)]
        return np.stack([cv2.resize(frame, (256, 144)) for frame in chosen]).astype(np.uint8)

    other = "intel_car-detection.mp4"
    before, away = piece(place, 0.0), piece(between, 0.0)
    prompts = [(0.0, "here"), (2.5, "there"), (5.0, "here")]

    def lead(again: Clip) -> float:
        found = reappearance(
            np.concatenate([before, away, again]),
            4.0,
            prompts=prompts,
            views=VIEWS,
            extractors=dict(encoder),
            extractor="mobilenet_v2",
        )
        assert found.value is not None
        return found.value

    # A later part of the same video, not the very same frames.
    returned, another, stayed = (lead(piece(n, 2.5)) for n in (place, other, between))
    assert returned > another + 0.2
    assert another > stayed
    assert returned > 0.2
