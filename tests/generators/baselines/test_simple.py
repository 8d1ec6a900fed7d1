"""One picture is shown all the time: the world's own where the prompt is of the world."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.generators.baselines.oracle import EXAMPLE, world_of
from lvbench.generators.baselines.simple import LoopGenerator, Noise, Procedural, Static
from lvbench.generators.contract.base import Request
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products
from lvbench.video.manifest.entry import Prompt

PLAIN = Request("a", (Prompt(text="a fox"),), 5.25, 8.0, 64, 48, 3)
WORLD = replace(PLAIN, prompts=(Prompt(text=EXAMPLE[0]), Prompt(start=2.0, text=EXAMPLE[1])))


@pytest.mark.parametrize("request_", [PLAIN, WORLD, replace(PLAIN, prompts=())])
def test_all_frames_are_one(request_: Request) -> None:
    found = np.concatenate(list(Static().frames(request_)))
    assert found.shape == (42, 48, 64, 3)
    assert (found == found[0]).all()
    assert found[0].std() > 10


def first(request: Request) -> NDArray[np.uint8]:
    return next(Static().frames(request))[0]


def test_the_worlds_first_frame_is_shown_where_the_prompt_is_of_the_world() -> None:
    np.testing.assert_array_equal(first(WORLD), world_of(WORLD).render(0, 1, 64, 48)[0])


def test_the_still_depends_on_prompt_and_seed_and_is_smooth() -> None:
    still = first(PLAIN)
    assert not np.array_equal(still, first(replace(PLAIN, seed=4)))
    assert not np.array_equal(still, first(replace(PLAIN, prompts=(Prompt(text="a cat"),))))
    assert np.abs(np.diff(still.astype(int), axis=1)).max() < 40


REQUEST = Request("a", (), 5.0, 8.0, 32, 16, 3)


def clip(seconds: float = 5.0, seed: int = 3) -> NDArray[np.uint8]:
    return np.concatenate(list(Noise().frames(replace(REQUEST, seconds=seconds, seed=seed))))


def test_every_frame_differs_and_fills_the_range() -> None:
    found = clip()
    assert found.shape == (40, 16, 32, 3)
    assert len({frame.tobytes() for frame in found}) == 40
    assert abs(found.mean() - 127.5) < 1
    assert (found.min(), found.max()) == (0, 255)


def test_a_longer_clip_begins_with_the_shorter_and_seeds_differ() -> None:
    assert np.array_equal(clip(2.0), clip()[:16])
    assert not np.array_equal(clip(2.0), clip(2.0, seed=-4))


LANDSCAPE = Request("a", (), 1.5, 12.0, 64, 48, 3)


def test_frames_are_as_asked() -> None:
    frames = np.concatenate(list(Procedural().frames(LANDSCAPE)))
    assert (frames.shape, frames.dtype) == ((18, 48, 64, 3), np.dtype(np.uint8))


def test_the_file_holds_the_very_frames(tmp_path: Path) -> None:
    clip = Procedural().make(LANDSCAPE, tmp_path / "a.mp4")
    with open_video(clip.path, Products(rgb=True)) as reader:
        read = np.concatenate([chunk.rgb for chunk in reader if chunk.rgb is not None])
    assert np.array_equal(read, np.concatenate(list(Procedural().frames(LANDSCAPE))))
    assert clip.cost["generated_seconds"] == pytest.approx(1.5)
    assert clip.seams == ()


@pytest.mark.parametrize("seconds", [1.0, 2.0, 7.25])
def test_the_loop_shows_two_seconds_again_and_again(seconds: float) -> None:
    found = np.concatenate(list(LoopGenerator().frames(replace(LANDSCAPE, seconds=seconds))))
    assert len(found) == 12 * seconds
    once = np.concatenate(list(Procedural().frames(replace(LANDSCAPE, seconds=2.0))))
    np.testing.assert_array_equal(found, np.resize(once, found.shape))
