from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics.common.sync_windows import (
    HOP,
    Search,
    confident_offsets,
    on_grid,
    standardised,
)

SEARCH = Search(8.0, 2.0, 0.5, 0.03, 5.0, 0.8, 0)


def train(seconds: float, seed: int = 0, shift: float = 0.0) -> np.ndarray:
    times = np.cumsum(np.random.default_rng(seed).uniform(0.4, 1.3, 200)) + shift
    grid = np.arange(0.0, seconds, HOP)
    return np.asarray(np.exp(-0.5 * ((grid[:, None] - times) / 0.02) ** 2).sum(axis=1))


def test_a_short_video_is_one_window() -> None:
    found, windows = confident_offsets(train(5.0), train(5.0, shift=0.06), SEARCH)
    assert windows == 1
    assert found[0].t == pytest.approx(2.5)
    assert found[0].offset == pytest.approx(0.06, abs=0.002)


def test_a_long_one_has_a_window_every_step() -> None:
    found, windows = confident_offsets(train(20.0), train(20.0, shift=-0.1), SEARCH)
    assert windows == 7
    assert [o.t for o in found] == pytest.approx([4, 6, 8, 10, 12, 14, 16])
    assert [o.offset for o in found] == pytest.approx([-0.1] * 7, abs=0.002)


def test_a_part_without_relation_gives_no_offsets() -> None:
    audio = train(30.0)
    audio[1500:] = train(15.0, seed=5)
    found, windows = confident_offsets(train(30.0), audio, SEARCH)
    assert windows == 12
    assert {o.t for o in found} >= {4, 6, 8, 10}
    assert max(o.t for o in found) < 20


def test_strengths_count_alike_and_none_dominates() -> None:
    one, two = np.zeros(100), np.zeros(100)
    one[10], two[20] = 1.0, 1e6
    total = standardised([one, two, np.ones(100)])
    assert total[10] == total[20] == 4.0


def test_what_changes_slowly_is_taken_off() -> None:
    t = np.arange(0.0, 10.0, 0.04)
    assert np.abs(on_grid(t, np.full_like(t, 3.0), 9.9)).max() < 0.2
    click = (np.abs(t - 5.0) < 1e-9).astype(float)
    series = on_grid(t, click, 9.9)
    assert series.argmax() == 500
