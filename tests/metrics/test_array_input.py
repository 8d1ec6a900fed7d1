"""Every form of a clip that is taken gives the same bytes; every other is refused by name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lvbench import metrics
from lvbench.errors import InputError
from lvbench.metrics.array_input import as_frames, as_rate, as_samples, as_videos

CLIP = np.random.default_rng(0).integers(0, 256, (4, 10, 12, 3), dtype=np.uint8)
FIRST = CLIP.transpose(0, 3, 1, 2)
RATE = 48000
WAVE = np.random.default_rng(0).normal(0, 0.2, (RATE, 2)).clip(-1, 1).astype(np.float32)


def tensor(array: NDArray[Any]) -> Any:
    return pytest.importorskip("torch").from_numpy(array.copy())


@pytest.mark.parametrize(
    "make",
    [
        lambda: CLIP,
        lambda: FIRST,
        lambda: CLIP[:, :, ::-1][:, :, ::-1],
        lambda: CLIP / 255,
        lambda: (CLIP / 255).astype(np.float32),
        lambda: (FIRST / 255).astype(np.float16),
        lambda: [Image.fromarray(frame) for frame in CLIP],
        lambda: tuple(CLIP),
        lambda: list(FIRST),
        lambda: list((CLIP / 255).astype(np.float32)),
        lambda: tensor(CLIP),
        lambda: tensor(FIRST),
        lambda: tensor(CLIP).float() / 255,
        lambda: (tensor(FIRST).float() / 255).bfloat16(),
        lambda: (tensor(CLIP).float() / 255).requires_grad_(),
        lambda: list(tensor(FIRST)),
    ],
)
def test_every_form_gives_the_same_bytes(make: Callable[[], Any]) -> None:
    taken = as_frames(make())
    assert taken.dtype == np.uint8
    np.testing.assert_array_equal(taken, CLIP)
    wanted = metrics.vbench_temporal_flickering(CLIP, fps=8).value
    assert metrics.vbench_temporal_flickering(make(), fps=8).value == wanted


@pytest.mark.parametrize(
    ("given", "found", "fix"),
    [
        (CLIP.astype(np.float32), "floats from 0 to 255", "divide by 255"),
        (CLIP / 127.5 - 1, "floats from -1 to 1", "(x + 1) / 2"),
        (np.where(CLIP > 250, np.nan, CLIP / 255), "NaN", "come from"),
        (CLIP > 5, "values of type bool", "uint8"),
        (CLIP.astype(np.int64), "values of type int64", "uint8"),
        (CLIP.astype(np.uint16), "values of type uint16", "uint8"),
        (CLIP.astype(complex), "values of type complex128", "uint8"),
        (CLIP[:, :0], "(4, 0, 12, 3)", "one pixel"),
        (CLIP[:, :, :0], "(4, 10, 0, 3)", "one pixel"),
        (CLIP[:0], "(0, 10, 12, 3)", "one frame"),
        ([], "an empty list", "at least one"),
        (CLIP[None], "(1, 4, 10, 12, 3)", "frames[0]"),
        (CLIP[0], "(10, 12, 3)", "frames[None]"),
        (CLIP[..., 0], "(4, 10, 12)", "np.repeat"),
        (CLIP[..., :1], "(4, 10, 12, 1)", "(T, H, W, 3)"),
        (np.concatenate([CLIP, CLIP[..., :1]], 3), "(4, 10, 12, 4)", "alpha"),
        (CLIP.transpose(3, 0, 1, 2), "(3, 4, 10, 12)", "transpose"),
        (CLIP[:, :3], "(4, 3, 12, 3)", "either axis"),
        ("a.mp4", "type str", "lvbench evaluate"),
        (iter(CLIP), "iterator", "list(frames)"),
        (Image.fromarray(CLIP[0]), "type Image", "a list of them"),
        ([Image.fromarray(CLIP[0]).convert("L")], "mode L", "convert('RGB')"),
        ([Image.fromarray(CLIP[0]).convert("RGBA")], "mode RGBA", "convert('RGB')"),
        ([CLIP[0], CLIP[1][:5]], "frames[1] of shape (5, 12, 3)", "one size"),
        ([[CLIP[0]]], "a list within a list", "frames[0]"),
        ([CLIP[0], 5], "type int", "numpy array"),
        ([CLIP], "(4, 10, 12, 3)", "(H, W, 3)"),
        (None, "type NoneType", "numpy array"),
        ({}, "type dict", "numpy array"),
    ],
)
def test_every_other_form_is_refused_by_name(given: Any, found: str, fix: str) -> None:
    with pytest.raises(InputError) as caught:
        as_frames(given)
    assert found in caught.value.found
    assert fix in caught.value.fix


@pytest.mark.parametrize("fps", [24, 23.976, np.float32(8), np.int64(3)])
def test_rates(fps: Any) -> None:
    assert as_rate(fps) == float(fps)


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf"), True, np.True_, "24", None, 1j])
def test_a_rate_that_is_none_is_refused_by_every_metric(fps: Any) -> None:
    for call in (
        lambda: metrics.freeze(CLIP, fps),
        lambda: metrics.psnr(CLIP, fps, original=CLIP),
        lambda: metrics.av_sync(CLIP, fps, audio=WAVE, rate=RATE),
    ):
        with pytest.raises(InputError, match="take fps"):
            call()


def test_metrics_take_what_libraries_give() -> None:
    plain = metrics.exposure_drift(CLIP.repeat(10, 0), 8)
    given = [Image.fromarray(frame) for frame in CLIP.repeat(10, 0)]
    assert metrics.exposure_drift(given, 8) == plain
    assert metrics.psnr(tensor(CLIP.repeat(10, 0)), 8, original=given).value == 60.0
    for empty in (CLIP[:, :0], CLIP[:0], []):
        with pytest.raises(InputError):
            metrics.temporal_flicker(empty, 24)
    with pytest.raises(InputError, match="take original"):
        metrics.psnr(CLIP, 8, original=CLIP.astype(np.int64))


def test_torch_is_not_imported_for_it() -> None:
    program = (
        "import sys, numpy as np\n"
        "from lvbench.metrics.array_input import as_frames, as_samples\n"
        "as_frames(np.zeros((2, 4, 5, 3), np.uint8)); as_samples(np.zeros(9))\n"
        "assert 'torch' not in sys.modules and 'PIL' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    "make",
    [
        lambda: WAVE,
        lambda: WAVE.T,
        lambda: tensor(WAVE.T),
        lambda: tensor(WAVE),
    ],
)
def test_sound_comes_as_samples_by_channels(make: Callable[[], Any]) -> None:
    np.testing.assert_array_equal(as_samples(make()), WAVE)


def test_one_channel_and_integers() -> None:
    assert as_samples(WAVE[:, 0]).shape == (RATE, 1)
    assert as_samples(WAVE[:1].T[:1]).shape == (1, 1)
    whole = (WAVE * 30000).astype(np.int16)
    np.testing.assert_array_equal(as_samples(whole.T), whole)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (WAVE * 30000, "where full scale is 1"),
        (WAVE > 0, "type bool"),
        (WAVE.astype(complex), "type complex128"),
        ((WAVE * 100 + 128).astype(np.uint8), "type uint8"),
        (np.full(100, np.nan), "NaN"),
        (np.zeros((4, 4)), "(4, 4)"),
        (np.zeros((480, 48)), "(480, 48)"),
        (np.zeros((2, 2, 2)), "(2, 2, 2)"),
        ("a.wav", "type str"),
    ],
)
def test_other_sound_is_refused_by_name(given: Any, found: str) -> None:
    with pytest.raises(InputError) as caught:
        as_samples(given)
    assert found in caught.value.found


@pytest.mark.parametrize("rate", [0, -1, 44100.5, float("nan"), float("inf"), True, "48000"])
def test_a_rate_of_sound_is_a_whole_number(rate: Any) -> None:
    with pytest.raises(InputError, match="samples per second"):
        metrics.audio_quality(WAVE, rate)


def test_sets_of_clips() -> None:
    whole = np.stack([CLIP, CLIP[::-1]])
    for given in (
        whole,
        list(whole),
        whole.transpose(0, 1, 4, 2, 3),
        tensor(whole),
        [[Image.fromarray(frame) for frame in clip] for clip in whole],
    ):
        np.testing.assert_array_equal(as_videos(given, "real"), whole)
    with pytest.raises(InputError, match=r"real\[1\] of shape"):
        as_videos([CLIP, CLIP[:2]], "real")
    with pytest.raises(InputError, match="empty list"):
        as_videos([], "real")
    with pytest.raises(InputError, match="type str"):
        as_videos("folder", "real")
