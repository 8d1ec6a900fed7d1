"""Preprocessing equals the publishers' transforms, pixel by pixel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from decord import VideoReader
from numpy.typing import NDArray

from lvbench.features.embeddings.image_preprocessing import (
    IMAGENET,
    OPENAI_CLIP,
    Filter,
    centre_crop,
    resize,
    resize_without_antialias,
    shorter_side,
    to_tensor,
)
from lvbench.features.registry import build
from lvbench.features.torchvision_shim import import_torchvision
from lvbench.video.encode import write_video
from lvbench.video.frames import Frames

import_torchvision()

SIZES = [(300, 517), (517, 300), (97, 55), (224, 224), (16, 400), (720, 1280)]


def noise(height: int, width: int, n: int = 2) -> NDArray[np.uint8]:
    return np.random.default_rng(height).integers(0, 256, (n, height, width, 3), np.uint8)


def planes(images: NDArray[np.uint8]) -> Any:
    return torch.from_numpy(images.transpose(0, 3, 1, 2).copy())


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("kind", ["bilinear", "bicubic"])
def test_without_antialias_it_is_torchvisions_on_tensors_of_floats(
    height: int, width: int, kind: Filter
) -> None:
    from torchvision.transforms import InterpolationMode, Resize

    images = noise(height, width)
    theirs = Resize(224, InterpolationMode(kind), antialias=False)(planes(images).float())
    ours = resize_without_antialias(images, 224, kind)
    assert np.array_equal(ours, theirs.numpy().transpose(0, 2, 3, 1))


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("kind", ["bilinear", "bicubic"])
def test_resize_and_crop_are_torchvisions_on_pictures(
    height: int, width: int, kind: Filter
) -> None:
    from PIL import Image
    from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Resize

    images = noise(height, width)
    transform = Compose([Resize(256, InterpolationMode(kind)), CenterCrop(224)])
    theirs = [np.asarray(transform(Image.fromarray(image))) for image in images]
    assert np.array_equal(centre_crop(resize(images, 256, kind), 224), np.stack(theirs))


@pytest.mark.parametrize("size", [(256, 341), (341, 256), (225, 224), (227, 230)])
def test_an_odd_rest_is_cropped_as_torchvision_does(size: tuple[int, int]) -> None:
    from torchvision.transforms import CenterCrop

    images = noise(*size)
    theirs = CenterCrop(224)(planes(images)).numpy().transpose(0, 2, 3, 1)
    assert np.array_equal(centre_crop(images, 224), theirs)


@pytest.mark.parametrize("name", ["dino_vitb16", "clip_vit_b_32_vbench"])
@pytest.mark.parametrize(("height", "width"), [(72, 128), (300, 170)])
def test_an_mp4_is_prepared_as_vbench_does(
    name: str, height: int, width: int, tmp_path: Path
) -> None:
    """VBench: decord's frames as `torch.Tensor`, which is float32, then its transforms."""
    from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Normalize, Resize

    path = tmp_path / "clip.mp4"
    write_video(path, iter([noise(height, width)]), 8.0)
    frames = VideoReader(str(path), num_threads=1).get_batch(range(2)).asnumpy()
    bicubic = Resize(224, InterpolationMode.BICUBIC, antialias=False)
    steps, channels = {
        "dino_vitb16": ([Resize(224, antialias=False)], IMAGENET),
        "clip_vit_b_32_vbench": ([bicubic, CenterCrop(224)], OPENAI_CLIP),
    }[name]
    theirs = Compose(steps)(torch.Tensor(frames).permute(0, 3, 1, 2)).div(255)
    theirs = Normalize(channels.mean, channels.std)(theirs)
    pixels = build(name).prepare(Frames(np.arange(2.0), rgb=frames)).prepared
    assert pixels is not None
    assert torch.equal(to_tensor(pixels, channels, "cpu"), theirs)
    # Rounding to 8 bits, which VBench does to pictures alone, is another thing.
    assert not torch.allclose(to_tensor(pixels.round(), channels, "cpu"), theirs, atol=1e-3)


def test_clip_is_preprocessed_as_open_clip_does() -> None:
    from open_clip.transform import image_transform
    from PIL import Image

    images = noise(300, 517)
    theirs_of = image_transform(224, is_train=False, mean=OPENAI_CLIP.mean, std=OPENAI_CLIP.std)
    theirs = torch.stack([theirs_of(Image.fromarray(image)) for image in images])
    pixels = build("clip_vit_b_32").prepare(Frames(np.arange(2.0), rgb=images)).prepared
    assert pixels is not None
    assert torch.equal(to_tensor(pixels, OPENAI_CLIP, "cpu"), theirs)


def test_normalised_as_torchvision_does() -> None:
    from torchvision.transforms import Normalize

    images = noise(8, 8)
    theirs = Normalize(IMAGENET.mean, IMAGENET.std)(planes(images).float().div(255))
    assert torch.equal(to_tensor(images, IMAGENET, "cpu"), theirs)


def test_the_longer_side_is_rounded_down() -> None:
    assert shorter_side(720, 1280, 224) == (224, 398)
    assert shorter_side(1280, 720, 224) == (398, 224)
    assert shorter_side(5, 5, 224) == (224, 224)


@pytest.mark.parametrize("kind", ["bilinear", "bicubic"])
def test_each_frame_alone_decides_its_pixels(kind: Filter) -> None:
    images = noise(97, 55, 3)
    for function in (resize, resize_without_antialias):
        whole = function(images, 64, kind)
        assert np.array_equal(whole[1:2], function(images[1:2], 64, kind))
