"""Landmarks are read with the tints that the renderer gave them, at any place and in any light."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics.common.world_backdrop import BARE, HIDDEN, OUT, measured_gain, tints_seen
from lvbench.metrics.common.world_order import Order
from lvbench.world.draw import test_seed as held_out_seed
from lvbench.world.grammar import CAMERAS, SCENES, schedule
from lvbench.world.landmarks import LANDMARKS
from lvbench.world.world import World


def read(scene: str, camera: str, light: str, level: int) -> tuple[np.ndarray, World, Order]:
    text = f"scene={scene}; cast=red solid disc; camera={camera}; light={light}"
    shots = schedule([(0.0, text)])
    world, order = World(shots, held_out_seed(3), level=level), Order(shots)
    seen = [
        tints_seen(world.render(frame, frame + 1, 48, 48)[0], order.at(frame / 8))
        for frame in range(0, 128, 4)
    ]
    return np.stack(seen), world, order


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("camera", CAMERAS[1:3])
def test_tints_are_read_as_they_were_painted(scene: str, camera: str) -> None:
    for level, light in ((1, "noon"), (2, "dusk"), (2, "cycle")):
        seen, world, _ = read(scene, camera, light, level)
        visible = (seen != OUT) & (seen != HIDDEN)
        wanted = np.broadcast_to(
            np.pad(world.tints(scene), (0, seen.shape[1] - len(LANDMARKS[scene]))), seen.shape
        )
        assert visible.sum() > 25
        assert (seen[visible] == wanted[visible]).mean() > 0.95


def test_a_scene_without_landmarks_is_bare() -> None:
    seen, _, _ = read("desert", "pan left", "noon", 0)
    visible = (seen != OUT) & (seen != HIDDEN)
    assert (seen[visible] == BARE).mean() > 0.95


@pytest.mark.parametrize("light", ["noon", "dusk", "cycle"])
def test_the_gain_is_the_lights(light: str) -> None:
    text = f"scene=snow; cast=red solid disc; camera=still; light={light}"
    shots = schedule([(0.0, text)])
    world, order = World(shots, held_out_seed(3)), Order(shots)
    for frame in (0, 100, 160, 300):
        gain = measured_gain(world.render(frame, frame + 1, 48, 48)[0], "snow")
        np.testing.assert_allclose(gain, order.at(frame / 8).gain, rtol=0.06)
