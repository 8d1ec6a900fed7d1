"""Pictures of the world: any range, any size, any length, and no more in them than the level."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest

from lvbench.errors import ConfigError, UsageError
from lvbench.world.draw import draw_shots
from lvbench.world.grammar import LEVELS, Shot
from lvbench.world.world import World
from tests.world.worlds import drawn, staged


@pytest.mark.parametrize("level", range(LEVELS))
@pytest.mark.parametrize("size", [48, 100, 200])
def test_a_frame_is_the_same_in_whatever_range(level: int, size: int) -> None:
    for seed in range(3):
        whole = drawn(level, seed).render(60, 160, size, size)
        parts = [(60, 76), (76, 77), (77, 77), (77, 131), (131, 160)]
        split = [drawn(level, seed).render(*part, size, size) for part in parts]
        assert np.array_equal(whole, np.concatenate(split))


def test_chunks_make_the_clip() -> None:
    world = drawn(3, 0, 20.0)
    chunks = list(world.chunks(20.0, 48, 48, chunk=7))
    assert [len(chunk) for chunk in chunks] == [7] * 22 + [6]
    assert np.array_equal(np.concatenate(chunks), world.render(0, 160, 48, 48))
    assert all(chunk.dtype == np.uint8 and chunk.shape[1:] == (48, 48, 3) for chunk in chunks)


def test_other_seeds_move_otherwise_and_paint_otherwise() -> None:
    shots = draw_shots(1, 0, 10.0)
    first = [World(shots, seed, level=1).render(0, 1, 48, 48) for seed in range(6)]
    for i, one in enumerate(first):
        assert all(np.abs(one.astype(float) - other).mean() > 3 for other in first[:i])
    tints = {World(shots, seed, level=1).tints("city") for seed in range(50)}
    assert len(tints) > 45
    assert {tint for chosen in tints for tint in chosen} == set(range(4))


def test_a_size_changes_the_sampling_and_nothing_else() -> None:
    world = drawn(3, 5)
    large = world.render(100, 104, 192, 192).astype(float)
    small = world.render(100, 104, 48, 48).astype(float)
    means = large.reshape(4, 48, 4, 48, 4, 3).mean(axis=(2, 4))
    # The mean over a pixel, and its cover estimated from the distance at its middle.
    assert np.abs(means - small).mean() < 1.5


@pytest.mark.parametrize(("width", "height"), [(64, 36), (36, 64), (455, 256), (16, 16)])
def test_any_aspect_can_be_rendered(width: int, height: int) -> None:
    world = drawn(3, 1, aspect=width / height)
    assert world.render(90, 93, width, height).shape == (3, height, width, 3)


def test_what_a_level_adds_is_drawn_from_it_on() -> None:
    shots = draw_shots(0, 4, 5.0)
    found = [World(shots, 4, level=level).truth(0, 1, 96, 96).ids for level in range(3)]
    assert found[0].max() < 4
    assert 4 <= found[1].max() < 32
    assert found[2].max() >= 32
    pictures = [World(shots, 4, level=level).render(0, 1, 96, 96)[0] for level in range(3)]
    sky = [picture[:6, :8].astype(float).std(axis=1).mean() for picture in pictures]
    assert sky[0] == sky[1] == 0 < sky[2]


def test_a_level_left_out_is_that_of_the_shots() -> None:
    for level in range(LEVELS):
        world = World(draw_shots(level, 2, 60.0), 2)
        assert world.level <= level


def test_a_place_looks_the_same_when_the_view_returns() -> None:
    world = staged("red solid disc", camera="return right", level=2)
    home, away, back = (world.render(n, n + 1, 96, 96)[0] for n in (8, 72, 136))
    seen = [world.truth(n, n + 1, 96, 96).ids[0] for n in (8, 72, 136)]
    same = (seen[0] == seen[2]) & (seen[0] != 1)
    assert same.mean() > 0.7
    rim = np.zeros_like(same)
    rim[1:-1, 1:-1] = ~_near_member(seen[0]) & ~_near_member(seen[2])
    assert np.array_equal(home[rim & same], back[rim & same])
    assert np.abs(home.astype(float) - away)[rim & same].mean() > 3


def _near_member(ids: np.ndarray) -> np.ndarray:
    member = (ids > 0) & (ids < 4)
    near = np.zeros_like(member)
    for rows in range(3):
        for columns in range(3):
            near |= np.roll(member, (rows - 1, columns - 1), (0, 1))
    return near[1:-1, 1:-1]


def test_a_cut_changes_the_picture_at_once() -> None:
    for seed in range(5):
        world = drawn(3, seed)
        for before, after in zip(world.shots, world.shots[1:], strict=False):
            cut = world.timeline.firsts[world.shots.index(after)]
            assert cut / world.fps == pytest.approx(after.start, abs=1 / world.fps)
            frames = world.render(cut - 2, cut + 2, 48, 48).astype(float)
            steps = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
            floor = 3 if before.scene != after.scene else 1.2
            assert steps[1] > floor * max(steps[0], steps[2])


@pytest.mark.parametrize("fps", [8.0, 24.0, 30000 / 1001])
def test_a_frame_at_a_cut_belongs_to_the_later_shot(fps: float) -> None:
    shots = [Shot(n / fps, *_words(n)) for n in range(0, 400, 100)]
    world = World(shots, 0, fps=fps)
    assert world.timeline.firsts == [0, 100, 200, 300]
    assert [world.timeline.shot_at(n) for n in (0, 99, 100, 300, 9999)] == [0, 0, 1, 3, 3]


def _words(number: int) -> tuple[str, tuple, str, str]:
    shot = draw_shots(0, number, 1.0)[0]
    return shot.scene, shot.cast, shot.camera, shot.light


def test_memory_does_not_grow_with_the_clip() -> None:
    peaks = []
    for seconds in (10.0, 200.0):
        world = drawn(3, 3, seconds)
        for _ in world.chunks(2.0, 64, 64):
            pass
        tracemalloc.start()
        for chunk in world.chunks(seconds, 64, 64):
            assert chunk.shape[1:] == (64, 64, 3)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Six grounds and stages of 64 lines, 4 phases of 193 columns, may have been kept.
    assert peaks[1] - peaks[0] < 25 * 2**20


def test_the_third_hour_is_as_near_as_the_first_second() -> None:
    world = drawn(2, 0)
    world.render(0, 16, 48, 48)
    begun = time.process_time()
    late = world.render(86_400, 86_416, 48, 48)
    world.truth(86_400, 86_402, 48, 48)
    assert time.process_time() - begun < 1.0
    assert late.std() > 10


def test_what_is_no_world_is_refused() -> None:
    shots = draw_shots(0, 0, 5.0)
    for words, hint in (
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
        ({"fps": 0.0}, "positive rate"),
        ({"level": 4}, "0 to 3"),
        ({"aspect": 0.3}, "aspect"),
    ):
        with pytest.raises(UsageError, match=hint):
            World(shots, **({"seed": 0} | words))
    with pytest.raises(ConfigError, match="start"):
        World((), 0)
    world = World(shots, 0)
    for render in (world.render, world.truth):
        with pytest.raises(UsageError, match="aspect"):
            render(0, 1, 64, 48)
        with pytest.raises(UsageError, match="range"):
            render(-1, 1, 48, 48)
        with pytest.raises(UsageError, match="range"):
            render(2, 1, 48, 48)
