"""The preprocessing of image networks: resize, crop, normalise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Filter = Literal["bilinear", "bicubic"]
Images = NDArray[np.uint8]
Levels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Channels:
    """Mean and standard deviation of red, green and blue in [0, 1]."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


IMAGENET = Channels((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
OPENAI_CLIP = Channels((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))


def shorter_side(height: int, width: int, size: int) -> tuple[int, int]:
    """Return height and width with the shorter side at `size`, the longer one rounded down."""
    if height <= width:
        return size, int(size * width / height)
    return int(size * height / width), size


def centre_crop(images: NDArray[Any], size: int) -> NDArray[Any]:
    """Return the central `size x size` of `(n, h, w, 3)`; an odd rest is rounded half to even."""
    top, left = (round((side - size) / 2) for side in images.shape[1:3])
    return images[:, top : top + size, left : left + size]


def resize(images: Images, size: int, kind: Filter) -> Images:
    """Bring the shorter side to `size` as Pillow does, with antialiasing, in 8 bits.

    Args:
        images: uint8 `(n, h, w, 3)`.
        size: Pixels of the shorter side.
        kind: Filter.
    """
    from PIL import Image

    height, width = shorter_side(images.shape[1], images.shape[2], size)
    how = Image.Resampling[kind.upper()]
    resized = [Image.fromarray(image).resize((width, height), how) for image in images]
    return np.stack([np.asarray(image) for image in resized])


def resize_without_antialias(images: Images, size: int, kind: Filter) -> Levels:
    """Bring the shorter side to `size` by plain interpolation, in floats.

    This is torchvision's resize of float tensors with `antialias=False`, which VBench applies to
    the frames of a video file: neither rounded nor cut to 0..255, which bicubic can pass.

    Args:
        images: uint8 `(n, h, w, 3)`.
        size: Pixels of the shorter side.
        kind: Filter.

    Returns:
        float32 `(n, H, W, 3)`, levels.
    """
    import torch

    height, width = shorter_side(images.shape[1], images.shape[2], size)
    rows = []
    for image in images:
        planes = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)[None])).float()
        resized = torch.nn.functional.interpolate(
            planes, (height, width), mode=kind, align_corners=False
        )
        rows.append(resized[0].permute(1, 2, 0).numpy())
    return np.stack(rows)


def to_tensor(images: Images | Levels, channels: Channels, device: str) -> Any:
    """Return levels `(n, h, w, 3)`, uint8 or float32, as float32 `(n, 3, h, w)`, normalised."""
    import torch

    pixels = torch.from_numpy(np.ascontiguousarray(images)).to(device)
    unit = pixels.permute(0, 3, 1, 2).float().div(255)
    mean, std = (
        torch.tensor(numbers, dtype=torch.float32, device=device).view(1, 3, 1, 1)
        for numbers in (channels.mean, channels.std)
    )
    return ((unit - mean) / std).contiguous()
