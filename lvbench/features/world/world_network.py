"""The networks behind the world's encoders: small, convolutional, for pictures of 48x48."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from lvbench.features.world.world_view import SIDE
from lvbench.features.world.world_words import GROUPS, WORDS
from lvbench.world.grammar import HUES, SCENES, SHAPES

CELL = 4
"""Side in pixels of a cell of `IdentityNetwork`'s grid."""
GRID = SIDE // CELL


def standardised(pictures: Tensor) -> Tensor:
    """Return pictures `uint8 (n, 48, 48, 3)` as networks read them, float32 `(n, 3, 48, 48)`."""
    channels: Tensor = pictures.permute(0, 3, 1, 2).float()
    return channels.div_(64.0).sub_(2.0)


def layer(channels: int, out: int, stride: int = 1) -> nn.Module:
    """Return a convolution of 3x3 with its norm and its rectifier."""
    return nn.Sequential(
        nn.Conv2d(channels, out, 3, stride, 1, bias=False),
        nn.BatchNorm2d(out, momentum=0.05),
        nn.ReLU(inplace=True),
    )


class Found(NamedTuple):
    """What `IdentityNetwork` says of every cell of its grid; all of them logits but `offset`.

    Attributes:
        present: Whether the middle of a character lies in the cell, `(n, 12, 12)`.
        offset: From the cell's middle to the character's, in cells, `(n, 2, 12, 12)`.
        shape: Which shape, `(n, 5, 12, 12)`.
        hue: Which hue, `(n, 8, 12, 12)`.
        pattern: Which pattern, `(n, 3, 12, 12)`.
    """

    present: Tensor
    offset: Tensor
    shape: Tensor
    hue: Tensor
    pattern: Tensor


class IdentityNetwork(nn.Module):
    """Say for every cell whether a character is there, and which shape, hue and pattern it has.

    The mean over the picture is added to every cell, for the colour of the light.
    """

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        self.down = nn.Sequential(
            layer(3, width // 4), layer(width // 4, width // 2, 2), layer(width // 2, width, 2)
        )
        self.context = nn.Linear(width, width)
        self.near = nn.ModuleList(layer(width, width) for _ in range(3))
        self.parts = (1, 2, *GROUPS)
        self.head = nn.Conv2d(width, sum(self.parts), 1)

    def forward(self, pictures: Tensor) -> Found:
        """Return what is found in standardised pictures `(n, 3, 48, 48)`."""
        cells = self.down(pictures)
        cells = cells + self.context(cells.mean(dim=(2, 3)))[:, :, None, None]
        for convolution in self.near:
            cells = cells + convolution(cells)
        present, *others = self.head(cells).float().split(self.parts, dim=1)
        return Found(present[:, 0], *others)


class Read(NamedTuple):
    """What `ClipNetwork` reads from pictures.

    Attributes:
        image: Unit vector in the space that pictures share with prompts, `(n, 64)`.
        scene: Logits of the scenes, `(n, 6)`.
        shapes: Logits of whether each shape is seen, `(n, 5)`.
        hues: Logits of whether each hue is seen, `(n, 8)`.
    """

    image: Tensor
    scene: Tensor
    shapes: Tensor
    hues: Tensor


class ClipNetwork(nn.Module):
    """Bring pictures and prompts into one space of unit vectors.

    Of a prompt it knows scene and cast: light and camera change the picture, not what it shows.
    """

    dimensions = 64

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        self.picture = nn.Sequential(
            layer(3, width // 4),
            layer(width // 4, width // 2, 2),
            layer(width // 2, width, 2),
            layer(width, 2 * width, 2),
            layer(2 * width, 2 * width),
        )
        self.project = nn.Linear(4 * width, self.dimensions)
        self.heads = nn.Linear(4 * width, len(SCENES) + len(SHAPES) + len(HUES))
        self.scene = nn.Embedding(len(SCENES), width)
        self.member = nn.Sequential(nn.Linear(WORDS, width), nn.ReLU(), nn.Linear(width, width))
        self.text = nn.Sequential(nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.project_text = nn.Linear(width, self.dimensions)
        self.sharpness = nn.Parameter(torch.tensor(2.5))

    def forward(self, pictures: Tensor) -> Read:
        """Return what is read from standardised pictures `(n, 3, 48, 48)`."""
        cells = self.picture(pictures)
        pooled = torch.cat([cells.mean(dim=(2, 3)), cells.amax(dim=(2, 3))], dim=1)
        parts = (len(SCENES), len(SHAPES), len(HUES))
        scene, shapes, hues = self.heads(pooled).float().split(parts, dim=1)
        return Read(_unit(self.project(pooled)), scene, shapes, hues)

    def encode_text(self, scene: Tensor, cast: Tensor) -> Tensor:
        """Return the unit vectors `(n, 64)` of prompts.

        Args:
            scene: Index of the scene, int64 `(n,)`.
            cast: One-hot shape, hue and pattern of each member, `(n, 3, 16)`; 0 for none.
        """
        there = cast.amax(dim=2, keepdim=True)
        members = (self.member(cast) * there).sum(dim=1)
        return _unit(self.project_text(self.text(self.scene(scene) + members)))


def _unit(vectors: Tensor) -> Tensor:
    return functional.normalize(vectors.float(), dim=1)
