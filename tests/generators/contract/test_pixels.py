"""Whatever a model returns for a clip becomes the same frames, or is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lvbench.generators.contract.pixels import count, slices

CLIP = np.random.default_rng(0).integers(0, 256, (20, 12, 16, 3), np.uint8)
FLOATS = CLIP.astype(np.float32) / 255
PICTURES = [Image.fromarray(frame) for frame in CLIP]


def frames(video: object) -> NDArray[np.uint8]:
    found = list(slices(video))
    assert [len(part) for part in found] == [16, 4]
    assert all(part.flags.c_contiguous for part in found)
    return np.concatenate(found)


def tensor(array: NDArray[Any]) -> Any:
    import torch

    return torch.as_tensor(np.ascontiguousarray(array))


SHAPES = {
    "THWC uint8": lambda: CLIP,
    "THWC floats": lambda: FLOATS,
    "BTHWC floats": lambda: FLOATS[None],
    "THWC doubles": lambda: FLOATS.astype(np.float64),
    "TCHW": lambda: np.moveaxis(FLOATS, -1, 1),
    "BTCHW": lambda: np.moveaxis(FLOATS, -1, 1)[None],
    "CTHW": lambda: np.moveaxis(FLOATS, -1, 0),
    "tensor BTCHW": lambda: tensor(np.moveaxis(FLOATS, -1, 1)[None]),
    "tensor uint8": lambda: tensor(CLIP),
    "batch of a tensor": lambda: [tensor(np.moveaxis(FLOATS, -1, 1))],
    "pictures": lambda: PICTURES,
    "batch of pictures": lambda: [PICTURES],
    "list of arrays": lambda: list(CLIP),
    "list of tensors": lambda: [tensor(np.moveaxis(f, -1, 0)) for f in FLOATS],
    "batch of an array": lambda: [FLOATS],
    "overshooting": lambda: np.where(FLOATS == 1, np.float32(1.01), FLOATS),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_usual_form_gives_the_same_frames(shape: str) -> None:
    video = SHAPES[shape]()
    assert count(video) == len(CLIP)
    np.testing.assert_array_equal(frames(video), CLIP)


def test_half_precision_is_rounded_to_the_nearest() -> None:
    import torch

    video = tensor(np.moveaxis(FLOATS, -1, 1)[None]).to(torch.bfloat16)
    # bfloat16 has 8 bits of mantissa: values near 1 lie 1/256 apart.
    assert np.abs(frames(video).astype(int) - CLIP).max() <= 1
    np.testing.assert_array_equal(frames(FLOATS.astype(np.float16)), CLIP)


def test_grey_and_transparent_pictures_become_rgb() -> None:
    grey = list(slices([Image.new("L", (4, 2), 7), Image.new("RGBA", (4, 2), (7, 7, 7, 9))]))
    np.testing.assert_array_equal(grey[0], np.full((2, 2, 4, 3), 7, np.uint8))


@pytest.mark.parametrize(
    ("video", "found"),
    [
        (FLOATS * 2 - 1, "pixels from -1"),
        (FLOATS * 255, "pixels from 0 to 255"),
        (np.full((2, 4, 4, 3), np.nan, np.float32), "pixels from nan"),
        (CLIP.astype(np.int64), "type int64"),
        (FLOATS[..., :2], "no axis of three colours"),
        (FLOATS[0], "is not a video"),
        (np.stack([FLOATS, FLOATS]), "a batch of 2 clips"),
        (None, "NoneType is not a video"),
        ({"frames": FLOATS}, "dict is not a video"),
    ],
)
def test_what_is_no_clip_is_refused(video: object, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        list(slices(video))


def test_only_a_slice_is_converted_at_a_time() -> None:
    import tracemalloc

    video = np.zeros((400, 64, 64, 3), np.float32)
    tracemalloc.start()
    try:
        assert sum(len(part) for part in slices(video)) == 400
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 64 * 64 * 3 * 4 * 4
