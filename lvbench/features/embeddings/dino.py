"""DINO and DINOv2: vision transformers trained without labels, as image encoders."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lvbench.features.embeddings.image_encoder import LocalEncoder
from lvbench.features.embeddings.image_preprocessing import (
    IMAGENET,
    centre_crop,
    resize,
    resize_without_antialias,
)
from lvbench.features.torchvision_shim import import_torchvision
from lvbench.weights.checkpoint import load_into, read_tensors

# The publishers add this to the number of patches: their weights were evaluated with it
# (facebookresearch/dino, issue 8).
_OFFSET = 0.1
# Part of the published checkpoints, used in training alone.
_TRAINING_ONLY = ("mask_token",)


class _DinoTransformer(LocalEncoder):
    """Emit the normalised class token as `image`.

    timm's module computes the blocks; positions are interpolated as the publishers do, which
    timm does differently.
    """

    modules = ("torch", "torchvision", "timm")
    channels = IMAGENET
    cell = 14
    timm_name: ClassVar[str]

    def architecture(self) -> Any:
        """Return the module with random weights, for pictures of any size."""
        import_torchvision()
        import timm

        return timm.create_model(
            self.timm_name, pretrained=False, num_classes=0, dynamic_img_size=True
        )

    def load(self, files: dict[str, Path], device: str) -> Any:
        """Return the network with the publisher's checkpoint or timm's copy of it."""
        network = self.architecture()
        (path,) = files.values()
        tensors = read_tensors(path)
        load_into(network, {k: v for k, v in tensors.items() if k not in _TRAINING_ONLY}, path)
        return network.eval().requires_grad_(False).to(device)

    def forward(self, network: Any, pixels: Any) -> Any:
        """Return the class token after the last normalisation, `(batch, d)`."""
        return self._tokens(network, pixels)[0][:, 0]

    def local(self, network: Any, pixels: Any) -> list[Any]:
        """Return the map of the patches' tokens."""
        tokens, rows, columns = self._tokens(network, pixels)
        patches = tokens[:, 1:].unflatten(1, (rows, columns))
        return [patches.permute(0, 3, 1, 2)]

    def _tokens(self, network: Any, pixels: Any) -> tuple[Any, int, int]:
        """Return all tokens after the last normalisation, and the patches' rows and columns."""
        import torch

        size = network.patch_embed.patch_size[0]
        height, width = (side - side % size for side in pixels.shape[2:])
        patches = network.patch_embed(pixels[:, :, :height, :width])
        batch, rows, columns, _ = patches.shape
        first = network.cls_token.expand(batch, -1, -1)
        tokens = torch.cat([first, patches.flatten(1, 2)], dim=1)
        tokens = tokens + _positions(network.pos_embed, rows, columns)
        return network.norm(network.blocks(tokens)), rows, columns


class Dino(_DinoTransformer):
    """DINO ViT-B/16 with VBench's preprocessing: its backbone for subject consistency.

    The shorter side is brought to 224 in floats, without antialiasing, without a crop, so
    the number of patches depends on the aspect ratio. 768 dimensions, every frame by default.

    Source: Caron et al., ICCV 2021; preprocessing: Vchitect/VBench, vbench/utils.py (45e79ec).
    """

    name = "dino_vitb16"
    coded = True
    cell = 16
    weights = ("dino_vitb16",)
    preprocessing = "rgb-float-bilinear224-noantialias-uncropped-imagenet"
    timm_name = "vit_base_patch16_224.dino"

    def __init__(self, rate: float = 0.0) -> None:
        super().__init__(rate)

    def resized(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the frames with the shorter side at 224, in floats."""
        return resize_without_antialias(images, 224, "bilinear")


class _Dinov2(_DinoTransformer):
    """The publisher's evaluation preprocessing: shorter side 256, bicubic, central 224.

    Source: Oquab et al., DINOv2, TMLR 2024; facebookresearch/dinov2, dinov2/data/transforms.py.
    """

    preprocessing = "rgb-pillow-bicubic256-crop224-imagenet"

    def resized(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        """Return the centre of the frames, `(n, 224, 224, 3)`."""
        return centre_crop(resize(images, 256, "bicubic"), 224)


class Dinov2Small(_Dinov2):
    """DINOv2 ViT-S/14, 384 dimensions."""

    name = "dinov2_vits14"
    weights = ("dinov2_vits14",)
    timm_name = "vit_small_patch14_dinov2.lvd142m"


class Dinov2Base(_Dinov2):
    """DINOv2 ViT-B/14, 768 dimensions."""

    name = "dinov2_vitb14"
    coded = True  # for `vbench_long_subject_consistency`, its main reader
    weights = ("dinov2_vitb14",)
    timm_name = "vit_base_patch14_dinov2.lvd142m"


def _positions(table: Any, rows: int, columns: int) -> Any:
    """Return the position vectors of the class token and of `rows x columns` patches."""
    import torch

    side = math.isqrt(table.shape[1] - 1)
    if rows == columns == side:
        return table
    grid = table[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    scale = ((rows + _OFFSET) / side, (columns + _OFFSET) / side)
    resampled = torch.nn.functional.interpolate(grid, scale_factor=scale, mode="bicubic")
    return torch.cat([table[:, :1], resampled.flatten(2).transpose(1, 2)], dim=1)
