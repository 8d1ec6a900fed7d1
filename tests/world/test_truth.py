"""Ground truth held against the pictures, against finer pictures and against plain geometry."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.world import light
from lvbench.world.grammar import SCENES, SHAPES, Character
from lvbench.world.landmarks import LANDMARKS
from lvbench.world.scenery import POST_HALF
from lvbench.world.shapes import RADIUS
from lvbench.world.truth import Truth
from tests.world.worlds import drawn, staged

SIZE = 96
ARRAYS = tuple(field.name for field in fields(Truth))[:-2]
CAST = "red solid disc", "blue striped square", "green spotted ring"


def middles(size: int = SIZE) -> NDArray[np.float64]:
    """Return x and y of every pixel's middle, `(H, W, 2)`."""
    return np.dstack(np.meshgrid(np.arange(size), np.arange(size))).astype(float)


def test_the_truth_is_the_same_in_whatever_range() -> None:
    for level in range(4):
        world = drawn(level, 6)
        whole = world.truth(80, 120, 48, 48)
        parts = [world.truth(*part, 48, 48) for part in ((80, 95), (95, 96), (96, 120))]
        for name in ARRAYS:
            joined = np.concatenate([getattr(part, name) for part in parts])
            assert np.array_equal(getattr(whole, name), joined), name
        assert whole.onsets == [onset for part in parts for onset in part.onsets]
        assert whole.cuts == [cut for part in parts for cut in part.cuts]


@pytest.mark.parametrize("shape", ["disc", "square", "ring", "cross"])
def test_centres_are_where_the_picture_has_them(shape: str) -> None:
    worlds = [staged(f"{hue} solid {shape}", scene="city") for hue in ("yellow", "blue")]
    found = worlds[0].truth(0, 40, SIZE, SIZE)
    pictures = [world.render(0, 40, SIZE, SIZE).astype(float) for world in worlds]
    # Two pictures differ by what is painted in the hue alone: all four shapes are symmetric.
    weights = np.abs(pictures[0] - pictures[1]).sum(axis=3)
    for weight, centre in zip(weights, found.centres[:, 0], strict=True):
        middle = (middles() * weight[..., None]).sum(axis=(0, 1)) / weight.sum()
        # A pixel's cover is estimated from one distance, which a thin ring feels most.
        assert middle == pytest.approx(centre, abs=0.03)


def test_flow_carries_members_and_landmarks_where_the_next_frame_has_them() -> None:
    world = staged(*CAST, scene="harbour", camera="pan right", level=2, seed=3)
    found = world.truth(0, 80, SIZE, SIZE)
    for frame in range(79):
        flow = found.flow[frame].astype(float)
        for place in range(3):
            own = found.ids[frame] == 1 + place
            step = found.centres[frame + 1, place] - found.centres[frame, place]
            assert np.abs(flow[own] - step).max(initial=0) < 1e-3
        still = (found.ids[frame] == 0) | (found.ids[frame] > 3)
        shift = (found.camera[frame + 1] - found.camera[frame]) * SIZE
        assert np.abs(flow[still] - (-shift, 0)).max() < 1e-3


def test_landmarks_stand_on_the_stage() -> None:
    for scene in ("harbour", "city"):
        world = staged(CAST[0], scene=scene, camera="pan left", level=1)
        found = world.truth(0, 128, SIZE, SIZE)
        for number, landmark in enumerate(LANDMARKS[scene]):
            for frame in range(0, 128, 3):
                columns = np.flatnonzero((found.ids[frame] == 4 + number).any(axis=0))
                if not len(columns):
                    continue
                place = (landmark.x - found.camera[frame]) * SIZE - 0.5
                reach = landmark.half * SIZE
                assert place - reach <= columns[0]
                assert columns[-1] <= place + reach


@pytest.mark.parametrize("level", [1, 2])
def test_the_next_picture_pulled_back_along_the_flow_is_this_one(level: int) -> None:
    world = staged(*CAST, scene="meadow", camera="pan right", level=level, seed=1)
    pictures = world.render(16, 41, 192, 192)
    found = world.truth(16, 40, 192, 192)
    errors, unmoved, hidden = [], [], []
    for frame in range(24):
        place = (middles(192) + found.flow[frame]).astype(np.float32)
        now, after = pictures[frame].astype(float), pictures[frame + 1].astype(float)
        pulled = cv2.remap(after, place[..., 0], place[..., 1], cv2.INTER_LINEAR)
        seen = ~found.occluded[frame]
        error = np.abs(pulled - now).mean(axis=2)
        errors.append(error[seen].mean())
        unmoved.append(np.abs(after - now).mean(axis=2)[seen].mean())
        inside = ~seen & (place >= 0).all(axis=2) & (place <= 191).all(axis=2)
        hidden += error[inside].tolist()
    assert np.mean(errors) < 1.0 < 0.25 * np.mean(unmoved)
    assert np.mean(hidden) > 25 * np.mean(errors)


@pytest.mark.parametrize("scene", SCENES)
def test_a_point_is_occluded_just_when_something_else_is_there(scene: str) -> None:
    fine = 8  # samples of the next frame's ids per pixel and axis
    world = staged(*CAST, scene=scene, camera="pan right", level=2, seed=2)
    found = world.truth(8, 33, 48, 48)
    ids = world.truth(8, 34, 48 * fine, 48 * fine).ids
    wrong = total = 0
    for frame in range(25):
        place = middles(48) + found.flow[frame]
        inside = ((place > -0.5) & (place < 47.5)).all(axis=2)
        assert found.occluded[frame][~inside].all()
        rows, columns = (np.clip(((place + 0.5) * fine).astype(int), 0, 48 * fine - 1)).T
        gone = ids[frame + 1][columns.T, rows.T] != found.ids[frame]
        # Landmarks and ground go the same way: neither can hide the other.
        wrong += np.count_nonzero((gone != found.occluded[frame]) & inside)
        total += np.count_nonzero(inside)
    # The samples are up to a sixteenth of a pixel beside the place: rims alone may differ.
    assert wrong / total < 0.01


def test_what_is_seen_of_one_disc_behind_another() -> None:
    world = staged("red solid disc", "blue solid disc", seed=8)
    found = world.truth(0, 200, 256, 256)
    assert np.all(found.visible[:, 0] == 1)
    assert np.all(found.visible[:, 2] == 0)
    apart = np.linalg.norm(found.centres[:, 0] - found.centres[:, 1], axis=1) / 256
    half = np.clip(apart / (2 * RADIUS), 0, 1)
    lens = (2 * np.arccos(half) - 2 * half * np.sqrt(1 - half**2)) / np.pi
    assert lens.max() > 0.5
    np.testing.assert_allclose(found.visible[:, 1], 1 - lens, atol=0.012)


def test_what_is_seen_behind_a_post_and_beyond_the_view() -> None:
    world = staged("red solid disc", camera="return right", level=2, seed=8)
    found = world.truth(0, 320, 128, 128)
    at_home = found.camera == 0
    post = (found.ids[at_home] == 32).any(axis=1).sum(axis=1)
    assert np.all(np.abs(post - 2 * POST_HALF * 128) <= 1)
    seen = found.visible[:, 0]
    assert seen[at_home].max() == 1
    # The widest that a post hides of a disc is nearly its breadth times the disc's.
    assert seen[at_home].min() == pytest.approx(1 - 4 * POST_HALF / (np.pi * RADIUS), abs=0.05)
    away = found.centres[:, 0, 0] < -RADIUS * 128 - 1
    assert away.any()
    assert np.all(seen[away] == 0)
    counts = (found.ids == 1).sum(axis=(1, 2))
    assert np.array_equal(counts == 0, seen == 0)


def test_ids_are_where_colours_are() -> None:
    world = staged(*CAST, level=2, scene="snow")
    picture = world.render(5, 6, SIZE, SIZE)[0].astype(int)
    ids = world.truth(5, 6, SIZE, SIZE).ids[0]
    red = picture[..., 0] - picture[..., 1:].max(axis=2) > 100
    assert np.all(ids[red] == 1)
    assert red.sum() > 0.75 * (ids == 1).sum()


@pytest.mark.parametrize("number", range(len(SHAPES)))
def test_members_are_who_the_cast_is(number: int) -> None:
    cast = [Character.of(k * 23 % 120) for k in range(number + 1, number + 3)]
    world = staged(*(member.text for member in cast))
    found = world.truth(0, 2, 48, 48)
    assert found.members.tolist() == [[cast[0].number, cast[1].number, -1]] * 2
    assert np.all(found.centres[:, 2] == 0)
    assert np.all(found.velocities[:, 2] == 0)


def test_a_cut_hides_everything() -> None:
    world = drawn(3, 4)
    assert len(world.shots) > 2
    for before, after in pairwise(range(len(world.shots))):
        cut = world.timeline.firsts[after]
        found = world.truth(cut - 3, cut + 2, 48, 48)
        assert found.shot.tolist() == [before] * 3 + [after] * 2
        assert found.occluded[2].all()
        assert np.all(found.flow[2] == 0)
        assert not found.occluded[[0, 1, 3]].all(axis=(1, 2)).any()
        assert found.cuts == [world.shots[after].start]
        scenes = [SCENES[scene] for scene in found.scene]
        assert scenes == [world.shots[shot].scene for shot in found.shot]


def test_speed_and_light_are_told() -> None:
    world = staged(*CAST, light="cycle", level=2)
    found = world.truth(0, 100, SIZE, SIZE)
    np.testing.assert_array_equal(found.gain, light.gain("cycle", np.arange(100) / 8))
    speeds = np.linalg.norm(found.velocities, axis=2) / SIZE
    assert np.ptp(speeds, axis=0).max() < 1e-9
    steps = np.diff(found.centres, axis=0) * 8
    apart = np.abs(steps - found.velocities[:-1]).max(axis=2) > 1e-6
    bounced = {(o.identity, int(o.time * 8)) for o in found.onsets if o.time < 99 / 8}
    assert np.count_nonzero(apart) == len(bounced) > 20


def test_a_dim_picture_is_the_bright_one_times_the_gain() -> None:
    bright = staged(*CAST, level=2).render(0, 160, 48, 48).astype(float)
    world = staged(*CAST, level=2, light="cycle")
    gain = world.truth(0, 160, 8, 8).gain
    dim = world.render(0, 160, 48, 48)
    assert np.abs(dim - bright * gain[:, None, None, :]).max() <= 1.0 + 1e-6
