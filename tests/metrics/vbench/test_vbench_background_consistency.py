"""VBench's background consistency reads every frame, and rewards what does not move."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.registry import build
from lvbench.metrics import vbench_background_consistency
from lvbench.metrics.vbench.vbench_background_consistency import VbenchBackgroundConsistency
from lvbench.results.schema import ItemScore
from tests.metrics.stand_ins import tool

NAME = VbenchBackgroundConsistency.info.needs[0]


def judged(frames: NDArray[np.uint8]) -> ItemScore:
    return vbench_background_consistency(frames, 8.0, extractors={NAME: tool(NAME)})


def test_it_reads_every_frame_with_vbenchs_resize() -> None:
    spec = build(NAME).spec
    assert spec.rate is None
    assert "noantialias" in spec.preprocessing


def test_a_still_image_has_the_best_value_and_is_gated() -> None:
    still = np.repeat(np.random.default_rng(0).integers(0, 256, (1, 32, 48, 3), np.uint8), 16, 0)
    found = judged(still)
    assert found.value == pytest.approx(1.0, abs=1e-9)
    assert "freeze" in VbenchBackgroundConsistency.info.gates


def test_it_is_the_formula_on_the_frames_vectors() -> None:
    frames = np.random.default_rng(1).integers(0, 256, (9, 32, 48, 3), np.uint8)
    found = judged(frames).value
    cells = frames.reshape(9, 4, 8, 4, 12, 3).mean(axis=(2, 4)).reshape(9, -1) + 1
    unit = cells / np.linalg.norm(cells, axis=1, keepdims=True)
    steps = [(unit[t] @ unit[t - 1] + unit[t] @ unit[0]) / 2 for t in range(1, 9)]
    assert found == pytest.approx(np.mean(steps), abs=1e-6)


def test_one_frame_is_too_short() -> None:
    found = judged(np.zeros((1, 32, 48, 3), np.uint8))
    assert (found.status, found.code) == ("not_applicable", "too_short")
