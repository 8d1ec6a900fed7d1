"""A model that makes the same video for every prompt is told from one that does not."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics import self_repetition
from lvbench.metrics.sets.self_repetition import SelfRepetition
from tests.metrics.feature_sets import reference
from tests.metrics.image_features import image_set, video

JUDGED = {"resamples": 100, "seed": 0}
PROMPTS = [f"p{i // 2}" for i in range(20)]


def noisy(x: np.ndarray, seed: int) -> np.ndarray:
    return (x + 0.1 * np.random.default_rng(seed).normal(size=x.shape)).astype("f4")


def test_the_same_minute_for_every_prompt() -> None:
    same = [noisy(video(0), i) for i in range(20)]
    found = SelfRepetition().aggregate_sets(image_set(same, PROMPTS), None, failed=0, **JUDGED)
    assert found["self_repetition"].value == 1.0
    assert found["self_repetition.contrast"].value == pytest.approx(0.0, abs=0.01)


def test_videos_of_one_prompt_may_be_alike() -> None:
    """Two seeds of one prompt that give one video are no repetition of another prompt's."""
    own = [noisy(video(i // 2), i) for i in range(20)]
    found = SelfRepetition().aggregate_sets(image_set(own, PROMPTS), None, failed=0, **JUDGED)
    assert found["self_repetition"].value == 0.0
    assert found["self_repetition.within"].value > 0.95
    assert found["self_repetition.contrast"].value > 0.5


def test_it_grows_with_the_share_of_repeated_prompts() -> None:
    def share(repeated: int) -> float:
        videos = [video(0 if i < repeated else i) for i in range(10)]
        return self_repetition(videos).value

    assert [share(k) for k in (0, 2, 5, 10)] == [0.0, 0.2, 0.5, 1.0]


def test_a_copied_stretch_at_another_time_counts() -> None:
    one, other = video(0), video(1)
    other[5:12] = one[14:21]
    assert self_repetition([one, other, video(2), video(3)]).value == 0.5


def test_real_videos_give_the_baseline() -> None:
    real = reference(image_set([video(50 + i) for i in range(6)]))
    fake = image_set([video(i) for i in range(4)])
    found = SelfRepetition().aggregate_sets(fake, real, failed=0, **JUDGED)
    assert abs(found["self_repetition.real"].value) < 0.3
    assert found["self_repetition.within"].status == "not_applicable"


@pytest.mark.parametrize("videos", [[], [video(0), video(1)]])
def test_one_prompt_cannot_be_repeated_for_another(videos: list[np.ndarray]) -> None:
    found = SelfRepetition().aggregate_sets(
        image_set(videos, ["p"] * len(videos)), None, failed=0, **JUDGED
    )
    assert {(s.status, s.code) for s in found.values()} == {("not_applicable", "one_prompt")}
