"""Clips by the renderer are near its other clips; spoilt ones are further, the more the further."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.metrics import world_fvd
from lvbench.metrics.sets.fvd import Fvd
from lvbench.metrics.world.world_fvd import WorldFvd
from lvbench.world.draw import draw_shots
from lvbench.world.draw import test_seed as held_out_seed
from lvbench.world.world import World
from tests.metrics.world.world_clips import blurred, brighter

Videos = NDArray[np.uint8]


def drawn(first: int, count: int = 48) -> Videos:
    """Return clips of two seconds."""
    clips = []
    for number in range(first, first + count):
        seed = held_out_seed(number)
        world = World(draw_shots(number % 4, seed, 20.0), seed, level=number % 4)
        clips.append(world.render(40, 56, 48, 48))
    return np.stack(clips)


@pytest.fixture(scope="module")
def real() -> Videos:
    return drawn(0)


@pytest.fixture(scope="module")
def other() -> Videos:
    return drawn(48)


@pytest.fixture(scope="module")
def clean(real: Videos, other: Videos) -> float:
    return world_fvd(real, other).value


def test_the_renderer_is_near_itself(real: Videos, other: Videos, clean: float) -> None:
    found = world_fvd(real, other)
    assert found.value == clean
    assert world_fvd(real, real).value == pytest.approx(0, abs=1e-4)
    assert found.floor is not None
    assert clean < 2 * found.floor
    assert found.preset == "world_video"


@pytest.mark.parametrize("widths", [(0.7, 1.5, 3.0)])
def test_blur_takes_clips_away(
    real: Videos, other: Videos, clean: float, widths: tuple[float, ...]
) -> None:
    found = [world_fvd(real, np.stack([blurred(c, w) for c in other])).value for w in widths]
    assert clean < found[0] < found[1] < found[2]
    assert found[1] > 1.5 * clean


@pytest.mark.parametrize("fault", ["frozen", "dark", "noisy", "shuffled"])
def test_other_faults_take_clips_away(
    real: Videos, other: Videos, clean: float, fault: str
) -> None:
    rng = np.random.default_rng(0)
    spoilt = {
        "frozen": lambda: np.repeat(other[:, :1], 16, axis=1),
        "dark": lambda: brighter(other, 0.6),
        "noisy": lambda: np.clip(other + rng.normal(0, 20, other.shape), 0, 255).astype(np.uint8),
        "shuffled": lambda: other[:, rng.permutation(16)],
    }[fault]()
    assert world_fvd(real, spoilt).value > 1.2 * clean


def test_it_is_fvd_under_its_own_name_with_its_own_network() -> None:
    metric = WorldFvd(minimum=4)
    assert isinstance(metric, Fvd)
    assert (metric.info.name, metric.key, metric.needs) == (
        "world_fvd",
        "world_fvd",
        ("world_video",),
    )
    assert metric.info.headline.title == "World: Fréchet video distance"


def test_clips_that_are_no_bytes_are_refused(real: Videos) -> None:
    with pytest.raises(ConfigError):
        world_fvd(real, real / 255)  # type: ignore[arg-type]
