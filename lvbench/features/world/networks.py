"""The networks behind the world's encoders: small, convolutional, for pictures of 48x48."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from lvbench.features.world.world_view import GROUPS, SIDE, WORDS
from lvbench.world.grammar import HUES, SCENES, SHAPES

CELL = 4
"""Side in pixels of a cell of `IdentityNetwork`'s grid."""
GRID = SIDE // CELL
FAULTS = ("blur", "flicker", "freeze", "shuffle", "tint", "blocks", "melt")
"""The faults that `VideoNetwork` was trained to detect."""
LENGTH = 16
"""Frames in a window of `VideoNetwork`."""
NUMBERS = {"camera": 0.1, "red": 0.2, "green": 0.2, "blue": 0.2, "speed": 0.2}
"""Units of its numbers: view widths per second, gains, view heights per second."""

_LOOKS = 4  # frames of a window in which the cast is looked for
_PULSE = 5  # numbers of `pulse`


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


class FoundCells(NamedTuple):
    """The output of `IdentityNetwork` for every cell of its grid; all logits but `offset`.

    Attributes:
        present: Whether the middle of a character is in the cell, `(n, 12, 12)`.
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
    """Detect in every cell whether a character is there, and its shape, hue and pattern.

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

    def forward(self, pictures: Tensor) -> FoundCells:
        """Return the characters in standardised pictures `(n, 3, 48, 48)`."""
        cells = self.down(pictures)
        cells = cells + self.context(cells.mean(dim=(2, 3)))[:, :, None, None]
        for convolution in self.near:
            cells = cells + convolution(cells)
        present, *others = self.head(cells).float().split(self.parts, dim=1)
        return FoundCells(present[:, 0], *others)


class Read(NamedTuple):
    """The output of `ClipNetwork` for pictures.

    Attributes:
        image: Unit vector in the common space of pictures and prompts, `(n, 64)`.
        scene: Logits of the scenes, `(n, 6)`.
        shapes: Logits of whether each shape is seen, `(n, 5)`.
        hues: Logits of whether each hue is seen, `(n, 8)`.
    """

    image: Tensor
    scene: Tensor
    shapes: Tensor
    hues: Tensor


class ClipNetwork(nn.Module):
    """Embed pictures and prompts in one space of unit vectors.

    Of a prompt it reads scene and cast: light and camera change the picture, not its content.
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
        """Return the outputs for standardised pictures `(n, 3, 48, 48)`."""
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


class Seen(NamedTuple):
    """The output of `VideoNetwork` for a window.

    Attributes:
        features: `(n, 64)`, by which sets of videos are compared.
        scene: Logits of the scenes, of the last frame, `(n, 6)`.
        shapes: Logits of whether each shape is seen, `(n, 5)`.
        hues: Logits of whether each hue is seen, `(n, 8)`.
        numbers: Camera's velocity, gains of the light and mean speed of the characters, in the
            units of `NUMBERS`, `(n, 5)`.
        cut: Logit of whether the window has a cut, `(n, 1)`.
        faults: Logits of `FAULTS`, `(n, 7)`.
    """

    features: Tensor
    scene: Tensor
    shapes: Tensor
    hues: Tensor
    numbers: Tensor
    cut: Tensor
    faults: Tensor


class VideoNetwork(nn.Module):
    """Read a window; each layer halves space, and joins two neighbours in time.

    The characters come from the identity network on four of the frames, which is not trained here,
    and the motion of the complete picture from its slopes; motion within it and faults from layers
    of its own, which read the change since the frame before. The features are read from all
    layers: faults show in the early ones.
    """

    dimensions = 64

    def __init__(self, width: int = 28) -> None:
        super().__init__()
        self.identity = IdentityNetwork().requires_grad_(False)
        self.layers = nn.ModuleList(
            [
                layer(6, width, 2),
                layer(2 * width, 2 * width, 2),
                layer(4 * width, 4 * width, 2),
                layer(8 * width, 5 * width),
                layer(10 * width, 5 * width),
            ]
        )
        self.told = nn.Linear(6 * (1 + WORDS) + 3 * _PULSE, self.dimensions)
        self.features = nn.Linear(3 * (1 + 2 + 4 + 5) * width + 10 * width, self.dimensions)
        self.parts = (len(SCENES), len(SHAPES), len(HUES), len(NUMBERS), 1, len(FAULTS))
        self.heads = nn.Sequential(
            nn.ReLU(), nn.Linear(self.dimensions, 128), nn.ReLU(), nn.Linear(128, sum(self.parts))
        )

    def train(self, mode: bool = True) -> VideoNetwork:
        """Set the mode of all but the identity network, whose norms stay fixed."""
        super().train(mode)
        self.identity.eval()
        return self

    def forward(self, windows: Tensor) -> Seen:
        """Return the outputs for standardised windows `(n * 16, 3, 48, 48)`."""
        count = len(windows) // LENGTH
        frames = windows.reshape(count, LENGTH, *windows.shape[1:])
        later = torch.diff(frames, dim=1)
        # The first frame has none before it: it gets the change of the second.
        change = torch.cat([later[:, :1], later], dim=1).reshape(windows.shape)
        cells = self.layers[0](torch.cat([windows, 4 * change], dim=1))
        levels = []
        for joining in self.layers[1:]:
            levels += _over_time(cells.mean(dim=(2, 3)), count)
            cells = joining(cells.reshape(-1, 2 * cells.shape[1], *cells.shape[2:]))
        levels += [cells.mean(dim=(2, 3)), cells.amax(dim=(2, 3))]
        summary = self._who(windows, count) + _over_time(pulse(windows, change), count)
        # The levels are many, and would outweigh the summary if they learned as fast.
        features = self.features(torch.cat(levels, dim=1) / 3) + self.told(
            torch.cat(summary, dim=1)
        )
        features = features.float()
        return Seen(features, *self.heads(features).float().split(self.parts, dim=1))

    def _who(self, windows: Tensor, count: int) -> list[Tensor]:
        """Return how much of each word's evidence there is, at most and in all, over time."""
        with torch.no_grad():
            found = self.identity(windows[:: LENGTH // _LOOKS])
            sure = torch.sigmoid(found.present)[:, None]
            kinds = [torch.softmax(logits, dim=1) for logits in found[2:]]
            evidence = torch.cat([sure, *(sure * kind for kind in kinds)], dim=1).flatten(2)
        most, total = evidence.amax(dim=2), evidence.sum(dim=2)
        return _over_time(most, count) + _over_time(total, count)


def pulse(windows: Tensor, change: Tensor) -> Tensor:
    """Return the global change of each frame, `(n, 5)`: brighten, change, move across and down.

    The last number is how steep its slopes are. Motion is least squares over the picture, in
    pixels since the frame before.
    """
    bright, changed = windows.mean(dim=1), change.mean(dim=1)
    across = (bright.roll(-1, 2) - bright.roll(1, 2))[:, 1:-1, 1:-1] / 2
    down = (bright.roll(-1, 1) - bright.roll(1, 1))[:, 1:-1, 1:-1] / 2
    inner = changed[:, 1:-1, 1:-1]
    moves = [
        -(inner * slope).mean(dim=(1, 2)) / ((slope * slope).mean(dim=(1, 2)) + 1e-3)
        for slope in (across, down)
    ]
    steep = (across.abs() + down.abs()).mean(dim=(1, 2))
    levels = [4 * changed.mean(dim=(1, 2)), 4 * changed.abs().mean(dim=(1, 2)), *moves, 4 * steep]
    return torch.stack(levels, dim=1)


def _over_time(levels: Tensor, count: int) -> list[Tensor]:
    """Return mean, greatest and least over time of levels `(n * t, c)` of `count` windows."""
    series = levels.reshape(count, -1, levels.shape[1])
    return [series.mean(dim=1), series.amax(dim=1), series.amin(dim=1)]
