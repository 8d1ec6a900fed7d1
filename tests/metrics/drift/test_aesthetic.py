from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvbench.errors import WeightsError
from lvbench.features.base import Features
from lvbench.features.quality.tables import AestheticBase, AestheticLarge
from lvbench.metrics.base import VideoContext
from lvbench.metrics.drift.aesthetic import Aesthetic, aesthetic_score
from lvbench.results.schema import ItemScore

RATE = 2.0


def scored(vectors: list[list[float]], head: list[float], *, head_first: bool = True) -> ItemScore:
    metric = Aesthetic()
    state = metric.new_state(VideoContext())
    blocks = [
        {"aesthetic_vit_b_32": Features(np.zeros(1), {"head": np.array([head])})},
        {
            "clip_vit_b_32": Features(
                np.arange(len(vectors)) / RATE, {"image": np.array(vectors, np.float32)}
            )
        },
    ]
    for block in blocks if head_first else blocks[::-1]:
        metric.update(state, block)
    return metric.item(state)


def test_unit_vectors_times_weights_plus_bias() -> None:
    score = scored([[3.0, 4.0], [0.0, 2.0]], [10.0, 5.0, 1.0])
    assert score.series["score"].y == pytest.approx([0.6 * 10 + 0.8 * 5 + 1, 5 + 1])
    assert score.value == pytest.approx((11 + 6) / 2)


def test_the_length_of_a_vector_does_not_count() -> None:
    vectors = np.random.default_rng(0).standard_normal((5, 8))
    head = np.arange(9.0)
    np.testing.assert_allclose(aesthetic_score(7 * vectors, head), aesthetic_score(vectors, head))


def test_head_and_vectors_may_come_in_either_order() -> None:
    vectors = [[1.0, 0.1 * i] for i in range(6)]
    assert scored(vectors, [1.0, 2.0, 3.0]) == scored(vectors, [1.0, 2.0, 3.0], head_first=False)


def test_a_decline_shows_as_drift() -> None:
    angles = np.linspace(0, 1, 24)
    score = scored([[float(np.cos(a)), float(np.sin(a))] for a in angles], [2.0, 0.0, 4.0])
    assert score.components["end_level"] < -0.5
    assert score.components["slope_per_minute"] < 0


def test_too_short() -> None:
    assert scored([[1.0, 0.0]], [1.0, 1.0, 1.0]).code == "too_short"


def test_each_encoder_has_its_head() -> None:
    assert Aesthetic().needs == ("clip_vit_b_32", "aesthetic_vit_b_32")
    large = Aesthetic(extractor="clip_vit_l_14")
    assert large.needs == ("clip_vit_l_14", "aesthetic_vit_l_14")
    assert large.key == "aesthetic@clip_vit_l_14"
    with pytest.raises(ValueError, match="dinov2"):
        Aesthetic(extractor="dinov2_vits14")


@pytest.mark.assets
def test_a_head_of_another_size_is_refused(assets: Path) -> None:
    path = assets / "assets" / "aesthetic" / "sa_0_4_vit_b_32_linear.pth"
    assert AestheticBase().load({"aesthetic_vit_b_32": path}, "cpu").shape == (513,)
    with pytest.raises(WeightsError, match="512"):
        AestheticLarge().load({"aesthetic_vit_l_14": path}, "cpu")
