from __future__ import annotations

import numpy as np

from lvbench.features.flow.structure_change import LAGS, StructureChange
from lvbench.video.frames import Frames


def _frames(luma: np.ndarray) -> Frames:
    return Frames(np.arange(len(luma)) / 4, luma=luma)


def _texture(seed: int) -> np.ndarray:
    blocks = np.random.default_rng(seed).integers(60, 200, (24, 40))
    return np.kron(blocks, np.ones((4, 4))).astype(np.uint8)


def test_a_held_picture_does_not_change_and_its_beginning_is_unknown() -> None:
    found = StructureChange()(_frames(np.repeat(_texture(0)[None], 12, axis=0)))["change"]
    assert found.shape == (12, 2, 12, 20)
    for lag, change in zip(LAGS, found.swapaxes(0, 1), strict=True):
        assert (change[: 2 * lag] == -1).all()
        assert change[2 * lag :].max() < 0.01


def test_a_part_that_changes_is_found_where_it_is() -> None:
    luma = np.repeat(_texture(0)[None], 12, axis=0)
    for i in range(12):
        luma[i, 40:64, 80:112] = _texture(i + 1)[40:64, 80:112]
    found = StructureChange()(_frames(luma))["change"][-1]
    assert found[:, 6, 11].min() > 0.4
    assert found[:, :3].max() < 0.1


def test_a_mixture_of_two_pictures_is_explained() -> None:
    share = np.linspace(0, 1, 9)[:, None, None]
    luma = np.rint((1 - share) * _texture(0) + share * _texture(1)).astype(np.uint8)
    assert StructureChange()(_frames(luma))["change"][-1].max() < 0.05


def test_small_and_flat_pictures_have_a_value() -> None:
    for shape in ((12, 6, 6), (12, 16, 400)):
        found = StructureChange()(_frames(np.full(shape, 80, np.uint8)))["change"]
        assert np.isfinite(found).all()
        assert found.max() <= 0.01
