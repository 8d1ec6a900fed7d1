"""How things move: constant speed between walls, a camera that comes home, light that returns."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.world import camera, light
from lvbench.world.grammar import CAMERAS, LIGHTS
from lvbench.world.motion import FASTEST, SLOWEST, Trajectories
from lvbench.world.shapes import RADIUS

SEEDS = range(200)


def trajectories(aspect: float = 1.0) -> list[Trajectories]:
    return [Trajectories.draw(seed, 0, aspect) for seed in SEEDS]


@pytest.mark.parametrize("aspect", [1.0, 16 / 9, 0.6])
def test_centres_stay_in_the_box_and_fill_it(aspect: float) -> None:
    since = np.linspace(0, 300, 4001)
    centres = np.concatenate(
        [way.centres(since).reshape(-1, 2) for way in trajectories(aspect)[:20]]
    )
    low, high = centres.min(axis=0), centres.max(axis=0)
    assert np.all(low >= RADIUS - 1e-12)
    assert np.all(high <= np.array([aspect, 1.0]) - RADIUS + 1e-12)
    assert np.all(low < RADIUS + 0.01)
    assert np.all(high > np.array([aspect, 1.0]) - RADIUS - 0.01)


def test_speed_is_constant_and_no_way_is_along_an_axis() -> None:
    since = np.linspace(0, 60, 500)
    for way in trajectories():
        velocities = way.velocities(since)
        speeds = np.linalg.norm(velocities, axis=2)
        assert np.ptp(speeds, axis=0).max() < 1e-12
        assert speeds.min() >= SLOWEST
        assert speeds.max() <= FASTEST
        assert np.abs(velocities).min() > 0.3 * SLOWEST


def test_velocity_is_the_rate_of_the_centres() -> None:
    since, step = np.linspace(0.01, 60, 997), 1e-6
    for way in trajectories()[:20]:
        rate = (way.centres(since + step) - way.centres(since - step)) / (2 * step)
        assert np.median(np.abs(rate - way.velocities(since))) < 1e-8
        # Only where a bounce lies between the two moments do they differ.
        assert (np.abs(rate - way.velocities(since)) > 1e-6).mean() < 1e-3


def test_bounces_are_where_walls_are_met() -> None:
    walls = {"left": (0, RADIUS, 1), "right": (0, 1 - RADIUS, -1)}
    walls |= {"top": (1, RADIUS, 1), "bottom": (1, 1 - RADIUS, -1)}
    for way in trajectories()[:50]:
        found = way.bounces(3, 0.0, 60.0)
        assert [b.since for b in found] == sorted(b.since for b in found)
        for bounce in found:
            axis, wall, away = walls[bounce.wall]
            at, after = np.array([bounce.since]), np.array([bounce.since + 1e-6])
            assert way.centres(at)[0, bounce.member, axis] == pytest.approx(wall, abs=1e-9)
            assert np.sign(way.velocities(after)[0, bounce.member, axis]) == away
        # Every turn is found: the sign of a velocity changes once a bounce.
        signs = np.sign(way.velocities(np.linspace(0, 60, 60001)))
        assert np.count_nonzero(np.diff(signs, axis=0)) == len(found)
        halves = way.bounces(3, 0.0, 31.7) + way.bounces(3, 31.7, 60.0)
        assert halves == found


def test_members_start_anywhere_and_go_anywhere() -> None:
    drawn = trajectories()
    starts = np.stack([way.start / way.size for way in drawn]).reshape(-1, 2)
    headings = np.stack([np.sign(way.velocity) for way in drawn]).reshape(-1, 2)
    assert starts.mean(axis=0) == pytest.approx([0.5, 0.5], abs=0.06)
    assert starts.std(axis=0) == pytest.approx([0.289, 0.289], abs=0.03)
    shares = [np.mean(np.all(headings == way, axis=1)) for way in ((1, 1), (1, -1), (-1, 1))]
    assert shares == pytest.approx([0.25] * 3, abs=0.07)


@pytest.mark.parametrize("name", CAMERAS)
def test_the_camera_comes_home_every_16_seconds(name: str) -> None:
    since = np.linspace(0, 16, 1601)
    way = camera.position(name, since)
    reach = {"still": 0.0}.get(name, -0.8 if name.endswith("left") else 0.8)
    assert way[[0, -1]] == pytest.approx([0, 0], abs=1e-12)
    assert way[np.abs(way).argmax()] == pytest.approx(reach)
    np.testing.assert_allclose(camera.position(name, since + 160), way, atol=1e-9)
    rate = np.gradient(way, since)
    # A jump of the second derivative, where a view stays, costs the estimate half of a step.
    np.testing.assert_allclose(camera.velocity(name, since)[1:-1], rate[1:-1], atol=1.5e-3)


def test_a_returning_view_stays_at_both_ends() -> None:
    since = np.array([0.0, 3.9, 6.0, 8.1, 11.9, 14.0, 16.1, 19.9])
    way = camera.position("return left", since)
    assert way == pytest.approx([0, 0, -0.4, -0.8, -0.8, -0.4, 0, 0], abs=1e-9)


@pytest.mark.parametrize("name", LIGHTS)
def test_gains_dim_and_never_brighten(name: str) -> None:
    gains = light.gain(name, np.linspace(0, 40, 401))
    assert gains.shape == (401, 3)
    assert gains.min() > 0
    assert gains.max() <= 1


def test_light_keeps_its_schedule() -> None:
    assert np.all(light.gain("noon", np.array([0.0, 99.0])) == 1)
    dusk = light.gain("dusk", np.array([0.0, 99.0]))
    assert np.array_equal(dusk[0], dusk[1])
    assert dusk[0].mean() == pytest.approx(0.62, rel=0.05)
    assert dusk[0, 0] > dusk[0, 1] > dusk[0, 2]
    bright, dark, again = light.gain("cycle", np.array([0.0, 20.0, 40.0]))
    assert bright == pytest.approx([1, 1, 1])
    assert again == pytest.approx(bright)
    assert dark.mean() == pytest.approx(0.3, rel=0.05)
    assert dark[0] < dark[1] < dark[2]
