from __future__ import annotations

import numpy as np

from lvbench.features.flow.warp import consistent, sample


def test_what_is_covered_is_not_consistent() -> None:
    forward, backward = np.zeros((2, 32, 64, 2), np.float32)
    forward[8:24, 10:26, 0] = 12
    backward[8:24, 22:38, 0] = -12
    found = consistent(forward, backward)
    assert found[8:24, 10:26].all()
    assert not found[8:24, 26:38].any()
    assert found[:, 40:].all()


def test_consistent_refuses_what_leaves_the_picture() -> None:
    flow = np.zeros((8, 8, 2), np.float32)
    flow[..., 0] = 3
    found = consistent(flow, -flow)
    assert found[:, :5].all()
    assert not found[:, 5:].any()
    assert not consistent(flow, flow).any()


def test_sample_is_bilinear() -> None:
    ramp = np.tile(np.arange(8, dtype=np.float32), (4, 1))
    flow = np.full((4, 8, 2), (0.5, 0.0), np.float32)
    np.testing.assert_allclose(sample(ramp, flow)[:, :7], ramp[:, :7] + 0.5)
