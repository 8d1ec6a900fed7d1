from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.base import Extraction, Features
from lvbench.features.flow.shots import Shots, change, joined
from lvbench.features.stream import FeatureStream
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Frames, Products

Clip = NDArray[np.uint8]
# Looked at in the pictures: the cuts in the first 480 frames, seconds.
_REAL = {
    "big-buck-bunny-480p-30s.mp4": [11.875, 15.75],
    "worldmark_m5_bad.mp4": [15.0625],
    "mdn_friday.mp4": [],
}
FPS = 10.0


def _cuts(small: Clip, chunk: int = 16, fps: float = FPS) -> list[float]:
    found: list[float] = []

    def consume(name: str, features: Features) -> None:
        found.extend(features.t.tolist())

    stream = FeatureStream({"shots": Shots()}, fps, consume)
    times = np.arange(len(small)) / fps
    for start in range(0, len(small), chunk):
        part = slice(start, start + chunk)
        stream.push(Frames(times[part], small=small[part]))
    stream.finish()
    return found


def _texture(seed: int, size: tuple[int, int] = (36, 256)) -> Clip:
    """Return a smooth coloured picture, `(h, w, 3)`, wider than a frame."""
    noise = np.random.default_rng(seed).normal(size=(*size, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3.0)
    return np.clip(128 + 45 * smooth / smooth.std(), 0, 255).astype(np.uint8)


def _pan(seed: int, frames: int, speed: float = 1.0) -> Clip:
    wide = _texture(seed)
    starts = np.rint(speed * np.arange(frames)).astype(int)
    return np.stack([wide[:, s : s + 64] for s in starts])


@pytest.fixture(scope="module")
def three_shots() -> Clip:
    return np.concatenate([_pan(seed, 20) for seed in (1, 2, 3)])


@pytest.mark.parametrize("chunk", [1, 7, 16])
def test_cuts_are_found_at_the_first_frame_of_the_new_shot(three_shots: Clip, chunk: int) -> None:
    assert _cuts(three_shots, chunk) == pytest.approx([2.0, 4.0])


@pytest.mark.parametrize("mixed", [1, 2, 3])
def test_a_dissolve_over_a_few_frames_is_a_cut(mixed: int) -> None:
    clip, other = _pan(1, 40), _pan(2, 40)
    clip[20:] = other[20:]
    for k in range(mixed):
        share = (k + 1) / (mixed + 1)
        at = 20 - mixed + k
        clip[at] = np.rint((1 - share) * clip[at] + share * other[at])
    (found,) = _cuts(clip)
    assert found == pytest.approx(2.0, abs=0.21)


def _gained(clip: Clip, gain: NDArray[np.float64]) -> Clip:
    return np.clip(np.rint(clip * gain.reshape(-1, 1, 1, 1)), 0, 255).astype(np.uint8)


def _flash(clip: Clip) -> Clip:
    clip[20:23] = np.rint(0.3 * clip[20:23] + 160)
    return clip


def _lightning(clip: Clip) -> Clip:
    light = 1 + 2 * np.linspace(1, 0, 64)[None, None, :, None]
    clip[20:23] = np.clip(clip[20:23] * light, 0, 255)
    return clip


def _whip(clip: Clip) -> Clip:
    wide = _texture(1)
    starts = np.concatenate([np.zeros(18), 6 * np.arange(1, 9), np.full(14, 48)]).astype(int)
    return np.stack([wide[:, s : s + 64] for s in starts])


def _moved(clip: Clip) -> Clip:
    clip[20:] = np.roll(clip[20:], 3, axis=2)
    return clip


def _leaves(clip: Clip) -> Clip:
    """Return a still scene that something as high as the picture leaves within two frames."""
    still = np.repeat(clip[:1], 40, axis=0)
    still[:20, :, 12:44] = _texture(2)[:, 12:44]
    still[20, :, 32:64] = _texture(2)[:, 12:44]
    return still


def _noise(clip: Clip, sd: float) -> Clip:
    noise = np.random.default_rng(0).normal(0, sd, clip.shape)
    return np.clip(np.rint(clip + noise), 0, 255).astype(np.uint8)


_ONE_SHOT: dict[str, Callable[[Clip], Clip]] = {
    "a pan": lambda clip: clip,
    "a fade-in": lambda clip: _gained(clip, np.clip(np.arange(40) / 6, 0, 1)),
    "black": lambda clip: _noise(_gained(clip, np.full(40, 0.03)), 1.5),
    "a flash": _flash,
    "lightning": _lightning,
    "another exposure": lambda clip: _gained(clip, np.where(np.arange(40) < 20, 1.0, 0.6)),
    "a whip pan": _whip,
    "flicker": lambda clip: _gained(clip, 1 + 0.2 * np.sin(np.arange(40) * 2.5)),
    "grain": lambda clip: _noise(clip, 25.0),
    "a seam": _moved,
    "something that leaves": _leaves,
}


@pytest.mark.parametrize("kind", _ONE_SHOT)
def test_one_shot_has_no_cut(kind: str) -> None:
    assert _cuts(_ONE_SHOT[kind](_pan(1, 40))) == []


def test_two_videos_do_not_mix(three_shots: Clip) -> None:
    assert _cuts(three_shots[:20]) == []
    assert _cuts(three_shots[20:40]) == []


def test_a_cut_too_soon_after_another_is_none() -> None:
    clip = np.concatenate([_pan(1, 10), _pan(2, 3), _pan(3, 10)])
    assert len(_cuts(clip)) <= 1


@pytest.mark.parametrize("frames", [2, 3])
def test_three_frames_make_a_shot(frames: int) -> None:
    first = np.concatenate([_pan(1, frames), _pan(2, 20)])
    assert _cuts(first) == ([frames / FPS] if frames >= 3 else [])
    assert len(_cuts(first[::-1])) == (frames >= 3)


def test_a_change_is_beyond_gain_offset_and_small_motion() -> None:
    thumbnail = _texture(1)[:18, :32].astype(np.float32)
    assert change(thumbnail, 0.6 * thumbnail + 20) < 0.5
    assert change(thumbnail[:, 1:], thumbnail[:, :-1]) < 2.0
    assert change(thumbnail, np.zeros_like(thumbnail)) == pytest.approx(0.0, abs=1e-3)
    assert change(thumbnail, _texture(2)[:18, :32].astype(np.float32)) > 10


def test_flow_joins_a_moved_picture_and_no_other() -> None:
    wide, other = (_texture(seed, (72, 256))[..., 0] for seed in (1, 2))
    assert joined(wide[:, :128], np.rint(0.7 * wide[:, 6:134]).astype(np.uint8)) > 0.6
    assert joined(wide[:, :128], other[:, :128]) < 0.1


def test_memory_does_not_grow_with_the_video() -> None:
    detect = Shots().start(24.0)
    assert isinstance(detect, Extraction)
    clip = _pan(1, 100)
    for start in range(0, 100, 10):
        part = slice(start, start + 10)
        detect(Frames(np.arange(100)[part] / 24, small=clip[part]))
    assert len(detect._window) <= 2 * detect._settle + 4  # type: ignore[attr-defined]


@pytest.mark.assets
@pytest.mark.parametrize("name", _REAL)
def test_the_cuts_of_real_clips_are_found_and_no_others(videos: Path, name: str) -> None:
    found: list[float] = []
    seen = 0
    with open_video(videos / name, Products(small=256)) as reader:
        detect = Shots().start(reader.info.fps)
        for frames in reader:
            found.extend(detect(frames).t.tolist())
            seen += len(frames)
            if seen >= 480:
                break
    assert found == _REAL[name]
