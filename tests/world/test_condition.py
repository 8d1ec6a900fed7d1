"""Conditions: all that the prompts and the clock say, and nothing of the seed."""

from __future__ import annotations

import numpy as np

from lvbench.world.condition import Condition, conditions
from lvbench.world.draw import draw_shots
from lvbench.world.grammar import HUES, PATTERNS, SCENES, SHAPES
from lvbench.world.world import World
from tests.world.worlds import drawn

NAMES = ("scene", "cast", "camera", "light", "since")


def same(one: Condition, other: Condition) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in NAMES)


def test_arrays_have_the_agreed_form() -> None:
    found = conditions(drawn(3, 1), 60, 76)
    forms = {name: (getattr(found, name).dtype, getattr(found, name).shape) for name in NAMES}
    assert forms == {
        "scene": (np.int64, (16,)),
        "cast": (np.int64, (16, 3, 3)),
        "camera": (np.float32, (16, 2)),
        "light": (np.float32, (16, 3)),
        "since": (np.float32, (16,)),
    }


def test_they_say_what_the_truth_knows() -> None:
    for seed in range(5):
        world = drawn(3, seed)
        found, truth = conditions(world, 0, 480), world.truth(0, 480, 8, 8)
        np.testing.assert_array_equal(found.scene, truth.scene)
        np.testing.assert_array_equal(found.camera[:, 0], truth.camera.astype(np.float32))
        np.testing.assert_array_equal(found.light, truth.gain.astype(np.float32))
        shape, hue, pattern = np.moveaxis(found.cast, 2, 0)
        numbers = (shape * len(HUES) + hue) * len(PATTERNS) + pattern
        np.testing.assert_array_equal(np.where(shape < 0, -1, numbers), truth.members)
        starts = np.array([shot.start for shot in world.shots])[truth.shot]
        np.testing.assert_allclose(found.since, np.arange(480) / 8 - starts, atol=1e-5)


def test_indices_are_those_of_the_grammar() -> None:
    world = drawn(2, 11)
    found, shot = conditions(world, 0, 1), world.shots[0]
    assert SCENES[found.scene[0]] == shot.scene
    for place, member in enumerate(shot.cast):
        words = tuple(found.cast[0, place])
        wanted = SHAPES.index(member.shape), HUES.index(member.hue)
        assert words == (*wanted, PATTERNS.index(member.pattern))
    assert np.all(found.cast[0, len(shot.cast) :] == -1)


def test_the_seed_is_not_told() -> None:
    shots = draw_shots(3, 2, 60.0)
    worlds = [World(shots, seed, level=3) for seed in (0, 1)]
    assert same(conditions(worlds[0], 0, 480), conditions(worlds[1], 0, 480))
    assert same(conditions((shots, 8.0), 0, 480), conditions(worlds[0], 0, 480))


def test_a_range_is_cut_from_the_whole() -> None:
    world = drawn(3, 8)
    whole, part = conditions(world, 0, 300), conditions(world, 77, 177)
    for name in NAMES:
        np.testing.assert_array_equal(getattr(whole, name)[77:177], getattr(part, name))
    assert conditions(world, 5, 5).cast.shape == (0, 3, 3)


def test_camera_velocity_is_the_rate_of_its_position() -> None:
    shots = draw_shots(1, 3, 60.0)
    assert shots[0].camera != "still"
    found = conditions((shots, 1000.0), 0, 16_000)
    rate = np.gradient(found.camera[:, 0].astype(float)) * 1000
    assert np.abs(rate - found.camera[:, 1])[1:-1].max() < 2e-3
