"""CLIP consistency is 1 for what does not change, and falls where and as the picture does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics import clip_consistency
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.similarity import unit
from lvbench.metrics.semantics.clip_consistency import GRID, ClipConsistency, SimilarityMatrix
from lvbench.results.schema import ItemScore
from tests.metrics.stand_ins import tool

Clip = NDArray[np.uint8]
FPS = 4.0


def scored(frames: Clip, **parameters: Any) -> ItemScore:
    name = "clip_vit_b_32"
    return clip_consistency(frames, FPS, extractors={name: tool(name)}, **parameters)


def of_vectors(vectors: NDArray[Any], seconds: float = 1.0, **parameters: Any) -> ItemScore:
    """Score one vector a segment."""
    metric = ClipConsistency(**parameters)
    state = metric.new_state(VideoContext(segment_seconds=seconds))
    t = np.asarray(np.arange(len(vectors)) * seconds, np.float64)
    metric.update(state, {"clip_vit_b_32": Features(t, {"image": vectors})})
    return metric.item(state)


def turning(angles: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_a_still_image_is_one_and_is_gated() -> None:
    still = np.repeat(np.random.default_rng(0).integers(0, 256, (1, 32, 48, 3), np.uint8), 40, 0)
    found = scored(still, baseline=0.5)
    assert found.value == pytest.approx(1.0, abs=1e-6)
    assert found.components["to_others"] == pytest.approx(1.0, abs=1e-6)
    assert found.components["holds"] == 1.0
    assert found.components["end_level"] == 0.0
    assert {"stillness", "loop"} <= set(ClipConsistency.info.gates)


def test_known_angles_give_known_similarities() -> None:
    angles = np.radians(np.arange(20) * 3.0)
    found = of_vectors(turning(angles))
    similar = np.cos(angles)
    assert found.components["to_first"] == pytest.approx(similar[1:].mean(), abs=1e-6)
    pairs = found.components["to_previous"], found.components["to_others"]
    assert found.value == pytest.approx(sum(pairs) / 2, abs=1e-6)
    assert found.series["to_first"].y == pytest.approx(similar[1:], abs=1e-6)
    assert found.series["to_first"].t == [i + 0.5 for i in range(1, 20)]
    assert found.components["to_previous"] == pytest.approx(np.cos(np.radians(3)), abs=1e-6)
    assert found.components["lowest"] == pytest.approx(similar[-1], abs=1e-6)
    assert found.series["by_lag"].t == [float(i) for i in range(1, 20)]
    assert found.series["by_lag"].y == pytest.approx(similar[1:], abs=1e-6)


def test_a_cut_to_something_else_has_its_onset_and_half_life_there() -> None:
    vectors = turning(np.where(np.arange(30) < 12, 0.0, np.radians(80)))
    found = of_vectors(vectors, baseline=0.2).components
    assert abs(found["onset"] - 12.0) <= 1.0
    assert found["half_life"] == 12.5
    assert found["holds"] == 0.0
    assert found["end_level"] == pytest.approx(np.cos(np.radians(80)) - 1, abs=1e-6)


def test_what_comes_back_keeps_its_half() -> None:
    away = (np.arange(30) > 8) & (np.arange(30) < 15)
    found = of_vectors(turning(np.where(away, 1.4, 0.0)), baseline=0.2)
    assert found.components["holds"] == 1.0
    assert "half_life" not in found.components
    assert found.components["lowest"] < 0.2


def test_scrambled_segments_never_score_higher() -> None:
    angles = np.radians(np.arange(20) * 4.0)
    honest = of_vectors(turning(angles)).value
    assert honest is not None
    for seed in range(20):
        mixed = of_vectors(turning(np.random.default_rng(seed).permutation(angles))).value
        assert mixed is not None
        assert mixed < honest


def test_a_faster_change_scores_lower() -> None:
    found = [of_vectors(turning(np.radians(np.arange(20) * speed))) for speed in (1, 2, 4)]
    values = [score.value or 0.0 for score in found]
    assert values == sorted(values, reverse=True)
    slopes = [score.components["slope_per_minute"] for score in found]
    assert slopes == sorted(slopes, reverse=True)
    assert slopes[0] < 0


def test_the_matrix_is_kept_in_at_most_sixteen_rows() -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
    found = of_vectors(vectors).series
    assert sum(name.startswith("matrix_") for name in found) == 16
    short = of_vectors(vectors[:5]).series
    assert sum(name.startswith("matrix_") for name in short) == 5


def test_few_segments_have_a_value_and_no_drift() -> None:
    found = of_vectors(turning(np.zeros(5)))
    assert found.value == pytest.approx(1.0)
    assert "end_level" not in found.components
    assert of_vectors(turning(np.zeros(1))).code == "too_short"


@pytest.mark.parametrize("free", ["scene", "style"])
def test_change_that_the_prompts_order_is_not_measured(free: str) -> None:
    metric = ClipConsistency()
    persist = frozenset({"identity", "scene", "style", "light"} - {free})
    found = metric.item(metric.new_state(VideoContext(persist=persist)))
    assert (found.status, found.code) == ("not_applicable", "ordered_change")
    assert free in str(found.detail)


def test_another_encoder_has_a_key_of_its_own() -> None:
    metric = ClipConsistency(extractor="mobilenet_v2", baseline=0.468)
    assert metric.key == "clip_consistency@mobilenet_v2"
    assert metric.needs == ("mobilenet_v2",)


@pytest.mark.assets
def test_a_real_clip_that_turns_into_another_is_found(
    real_clip: Callable[[str], tuple[Clip, float]], assets: Any
) -> None:
    from lvbench.features import load

    encoder = {"mobilenet_v2": load("mobilenet_v2", weights=assets / "assets")}
    flower, fps = real_clip("mdn_flower.mp4")
    other, _ = real_clip("worldmark_m1_good.mp4")
    half = len(flower) // 2
    height, width = (min(a, b) for a, b in zip(flower.shape[1:3], other.shape[1:3], strict=True))
    spliced = np.concatenate(
        [flower[:half, :height, :width], other[: len(flower) - half, :height, :width]]
    )
    parameters: dict[str, Any] = {"extractor": "mobilenet_v2", "baseline": 0.468}
    whole = clip_consistency(flower, fps, extractors=dict(encoder), **parameters)
    broken = clip_consistency(spliced, fps, extractors=dict(encoder), **parameters)
    assert whole.value is not None
    assert broken.value is not None
    assert broken.value < whole.value - 0.1
    assert whole.components["holds"] == 1.0
    assert abs(broken.components["half_life"] - half / fps) <= 0.5


@pytest.mark.parametrize("count", [2, 5, GRID, 40, 600])
def test_sums_in_pieces_equal_the_whole_matrix(count: int) -> None:
    rng = np.random.default_rng(count)
    vectors = unit(rng.normal(size=(count, 6)))
    ids = np.cumsum(rng.integers(1, 3, count))
    found = SimilarityMatrix(ids, vectors)
    whole = vectors @ vectors.T
    assert np.allclose(found.to_others, (whole.sum(1) - 1) / (count - 1))
    i, j = np.triu_indices(count, 1)
    lags = ids[j] - ids[i]
    assert found.lags.tolist() == np.unique(lags).tolist()
    expected = [whole[i, j][lags == lag].mean() for lag in found.lags]
    assert np.allclose(found.by_lag, expected)
    assert found.grid.shape == (min(count, GRID),) * 2
    assert np.allclose(found.grid, found.grid.T)


def test_up_to_sixteen_segments_the_matrix_is_kept_whole() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(9, 6)))
    found = SimilarityMatrix(np.arange(9), vectors)
    assert np.allclose(found.grid, vectors @ vectors.T)
    rows = found.rows(np.arange(0.5, 9.0))
    assert np.allclose([row.y for row in rows], vectors @ vectors.T)
    assert rows[0].t.tolist() == np.arange(0.5, 9.0).tolist()


def test_blocks_average_their_pairs_without_a_segment_against_itself() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(32, 6)))
    found = SimilarityMatrix(np.arange(32), vectors)
    whole = vectors @ vectors.T
    assert found.grid[0, 0] == pytest.approx(whole[0, 1])
    assert found.grid[2, 5] == pytest.approx(whole[4:6, 10:12].mean())
