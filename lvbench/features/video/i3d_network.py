"""The Inception I3D network for RGB video, as a torch module."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from lvbench.errors import ConfigError
from lvbench.features.video.i3d_preprocessing import check_length

CLASSES = 400
SIDE = 224

Triple = tuple[int, int, int]


def _same(sizes: tuple[int, ...], kernel: Triple, stride: Triple) -> list[tuple[int, int]]:
    """Return TensorFlow's SAME padding, (before, after) per axis."""
    pads = []
    for size, k, s in zip(sizes, kernel, stride, strict=True):
        total = max((-(-size // s) - 1) * s + k - size, 0)
        pads.append((total // 2, total - total // 2))
    return pads


def _pad(x: Tensor, kernel: Triple, stride: Triple) -> tuple[Tensor, Triple]:
    """Return `x` and the symmetric padding for the layer; an uneven one is applied here."""
    time, rows, columns = _same(tuple(x.shape[2:]), kernel, stride)
    if all(before == after for before, after in (time, rows, columns)):
        return x, (time[0], rows[0], columns[0])
    return functional.pad(x, (*columns, *rows, *time)), (0, 0, 0)


class Unit(nn.Module):
    """Convolve without bias, normalise by fixed statistics, rectify."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, epsilon: float = 1e-3
    ) -> None:
        super().__init__()
        self._kernel: Triple = (kernel, kernel, kernel)
        self._stride: Triple = (stride, stride, stride)
        self.conv3d = nn.Conv3d(inputs, outputs, kernel, stride, bias=False)
        self.bn = nn.BatchNorm3d(outputs, eps=epsilon)

    def forward(self, x: Tensor) -> Tensor:
        """Return `(N, outputs, T', H', W')` of `(N, inputs, T, H, W)`."""
        x, padding = _pad(x, self._kernel, self._stride)
        x = functional.conv3d(x, self.conv3d.weight, None, self._stride, padding)
        return functional.relu_(self.bn(x))


class MaxPool(nn.Module):
    """Take the largest value of each window; zeros around it, as its inputs are never negative.

    One axis after the other, which is exact and, channels last, several times as fast as torch's
    own on a CPU.
    """

    def __init__(self, kernel: Triple, stride: Triple) -> None:
        super().__init__()
        self._kernel, self._stride = kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        """Return `(N, C, T', H', W')` of `(N, C, T, H, W)`."""
        time, rows, columns = _same(tuple(x.shape[2:]), self._kernel, self._stride)
        x = functional.pad(x, (*columns, *rows, *time))
        for axis, kernel, stride in zip((2, 3, 4), self._kernel, self._stride, strict=True):
            x = _largest(x, axis, kernel, stride)
        return x


def _largest(x: Tensor, axis: int, kernel: int, stride: int) -> Tensor:
    reach = x.shape[axis] - kernel + 1
    shifted = [x.narrow(axis, k, reach) for k in range(kernel)]
    index = (*[slice(None)] * axis, slice(None, None, stride))
    largest = shifted[0][index]
    for one in shifted[1:]:
        largest = torch.maximum(largest, one[index])
    return largest


class Mixed(nn.Module):
    """Join four branches: 1x1, 1x1 then 3x3, 1x1 then 3x3, and pooled then 1x1.

    Args:
        inputs: Input channels.
        widths: Channels of b0, b1a, b1b, b2a, b2b, b3b.
        epsilon: Of the batch norms.
    """

    def __init__(self, inputs: int, widths: tuple[int, ...], epsilon: float) -> None:
        super().__init__()
        b0, b1a, b1b, b2a, b2b, b3b = widths
        self.b0 = Unit(inputs, b0, epsilon=epsilon)
        self.b1a = Unit(inputs, b1a, epsilon=epsilon)
        self.b1b = Unit(b1a, b1b, 3, epsilon=epsilon)
        self.b2a = Unit(inputs, b2a, epsilon=epsilon)
        self.b2b = Unit(b2a, b2b, 3, epsilon=epsilon)
        self.b3a = MaxPool((3, 3, 3), (1, 1, 1))
        self.b3b = Unit(inputs, b3b, epsilon=epsilon)

    def forward(self, x: Tensor) -> Tensor:
        """Return the branches of `(N, inputs, T, H, W)`, joined along the channels."""
        branches = [
            self.b0(x),
            self.b1b(self.b1a(x)),
            self.b2b(self.b2a(x)),
            self.b3b(self.b3a(x)),
        ]
        return torch.cat(branches, dim=1)


class InceptionI3d(nn.Module):
    """Map clips to the 400 logits of Kinetics, mean over time, without softmax.

    Parameters are named as in the PyTorch port that most converted checkpoints come from.
    In evaluation mode it is the graph of the hub module `i3d-kinetics-400/1`, tensor
    `RGB/inception_i3d/Mean`.

    Args:
        epsilon: Of the batch norms: 1e-3 in the original graph, 1e-5 in some ports.

    Source: Carreira and Zisserman, "Quo Vadis, Action Recognition?", CVPR 2017, figure 3.
    """

    def __init__(self, epsilon: float = 1e-3) -> None:
        super().__init__()
        self.Conv3d_1a_7x7 = Unit(3, 64, 7, 2, epsilon)
        self.MaxPool3d_2a_3x3 = MaxPool((1, 3, 3), (1, 2, 2))
        self.Conv3d_2b_1x1 = Unit(64, 64, epsilon=epsilon)
        self.Conv3d_2c_3x3 = Unit(64, 192, 3, epsilon=epsilon)
        self.MaxPool3d_3a_3x3 = MaxPool((1, 3, 3), (1, 2, 2))
        self.Mixed_3b = Mixed(192, (64, 96, 128, 16, 32, 32), epsilon)
        self.Mixed_3c = Mixed(256, (128, 128, 192, 32, 96, 64), epsilon)
        self.MaxPool3d_4a_3x3 = MaxPool((3, 3, 3), (2, 2, 2))
        self.Mixed_4b = Mixed(480, (192, 96, 208, 16, 48, 64), epsilon)
        self.Mixed_4c = Mixed(512, (160, 112, 224, 24, 64, 64), epsilon)
        self.Mixed_4d = Mixed(512, (128, 128, 256, 24, 64, 64), epsilon)
        self.Mixed_4e = Mixed(512, (112, 144, 288, 32, 64, 64), epsilon)
        self.Mixed_4f = Mixed(528, (256, 160, 320, 32, 128, 128), epsilon)
        self.MaxPool3d_5a_2x2 = MaxPool((2, 2, 2), (2, 2, 2))
        self.Mixed_5b = Mixed(832, (256, 160, 320, 32, 128, 128), epsilon)
        self.Mixed_5c = Mixed(832, (384, 192, 384, 48, 128, 128), epsilon)
        self.logits = nn.ModuleDict({"conv3d": nn.Conv3d(1024, CLASSES, 1)})

    def forward(self, clips: Tensor) -> Tensor:
        """Return the logits, float32 `(N, 400)`.

        Args:
            clips: float `(N, 3, T, 224, 224)` in [-1, 1], T at least 9.

        Raises:
            ConfigError: Another shape (`bad_shape`), or fewer than 9 frames (`too_few_frames`).
        """
        return self.encode(clips)[0]

    def encode(self, clips: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits `(N, 400)` and the pooled features `(N, 1024)` below them.

        Both are means over the positions in time. TensorFloat-32 is off: it changes FVD by
        about a thousandth.

        Raises:
            ConfigError: As `forward`.
        """
        check_clips(tuple(clips.shape))
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            x = clips.contiguous(memory_format=torch.channels_last_3d)
            for name, layer in self.named_children():
                if name != "logits":
                    x = layer(x)
            pooled = functional.avg_pool3d(x, (2, SIDE // 32, SIDE // 32), stride=1)
            logits = cast(Tensor, self.logits["conv3d"](pooled))
        return logits.mean(dim=(2, 3, 4)), pooled.mean(dim=(2, 3, 4))


def check_clips(shape: tuple[int, ...]) -> None:
    """Refuse clips that the network cannot read.

    Raises:
        ConfigError: As `InceptionI3d.forward`.
    """
    if len(shape) != 5 or shape[1] != 3 or shape[3:] != (SIDE, SIDE):
        raise ConfigError(
            "run I3D on clips",
            found=f"an array of shape {shape}",
            where="the clips",
            fix="give (N, 3, T, 224, 224); frames of another size need a preprocessing first",
            code="bad_shape",
        )
    check_length(shape[2])
