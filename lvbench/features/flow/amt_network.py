"""AMT-S: the frame halfway between two, from correlation both ways and several flows.

Written from the paper; only the names of its tensors are those of the published checkpoint.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from lvbench.features.torchvision_shim import import_torchvision

import_torchvision()
from torchvision.models.optical_flow import raft  # noqa: E402
from torchvision.models.optical_flow._utils import make_coords_grid  # noqa: E402

_WIDTHS = (20, 32, 44, 56)
_SIDE = 20
_FLOWS = 3
_HIDDEN = 76


class AmtS(nn.Module):
    """Interpolate two pictures at t = 1/2.

    Source: Li et al., AMT: All-pairs multi-field transforms for efficient frame interpolation,
    CVPR 2023, the model AMT-S.
    """

    def __init__(self) -> None:
        super().__init__()
        self.feature_encoder = raft.FeatureEncoder(
            block=raft.BottleneckBlock,
            layers=(32, 32, 64, 96, 84),
            norm_layer=nn.InstanceNorm2d,
        )
        self.encoder = nn.ModuleDict()
        before = 3
        for level, width in enumerate(_WIDTHS, 1):
            stages = [_activated(before, width, stride=2), _activated(width, width)]
            self.encoder[f"pyramid{level}"] = nn.Sequential(*stages)
            before = width
        first, second, third, fourth = _WIDTHS
        self.decoder4 = _decoder(2 * fourth + 1, 2 * fourth, third + 4)
        self.decoder3 = _decoder(3 * third + 4, 3 * third, second + 4)
        self.decoder2 = _decoder(3 * second + 4, 3 * second, first + 4)
        self.decoder1 = _decoder(3 * first + 4, 3 * first, 8 * _FLOWS)
        self.update4, self.update3, self.update2 = _Update(third), _Update(second), _Update(first)
        self.comb_block = nn.Sequential(
            _convolution(3 * _FLOWS, 6 * _FLOWS),
            nn.PReLU(6 * _FLOWS),
            _convolution(6 * _FLOWS, 3),
        )

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the picture between two, all float32 `(n, 3, h, w)` in [0, 1].

        Height and width are multiples of 16, 128 at least.
        """
        mean = torch.cat([first, second], dim=2).mean((1, 2, 3), keepdim=True)
        pictures = first - mean, second - mean
        look_up = self._correlation(*pictures)
        before, after = (self._pyramid(picture) for picture in pictures)
        middle = torch.full_like(before[3][:, :1], 0.5)
        found = self.decoder4["convblock"](torch.cat([before[3], after[3], middle], dim=1))
        flow, features = found[:, :4], found[:, 4:]
        flow, features = self._update(self.update4, 1, look_up, flow, features)
        for level, decoder, update in (
            (2, self.decoder3, self.update3),
            (1, self.decoder2, self.update2),
        ):
            found = _decode(decoder, features, before[level], after[level], flow)
            flow, features = found[:, :4] + 2 * _resize(flow, 2), found[:, 4:]
            flow, features = self._update(update, 2 ** (3 - level), look_up, flow, features)
        fields = _decode(self.decoder1, features, before[0], after[0], flow)
        return self._merge(pictures, mean, 2 * _resize(flow, 2), fields).clamp(0, 1)

    def _pyramid(self, picture: Tensor) -> list[Tensor]:
        levels = []
        for stage in self.encoder.values():
            picture = stage(picture)
            levels.append(picture)
        return levels

    def _correlation(self, first: Tensor, second: Tensor) -> Any:
        """Return the function that reads both correlation volumes at a flow, on 1/8 of the size."""
        maps = self.feature_encoder(torch.cat([first, second]))
        one, two = maps.chunk(2)
        there, back = (raft.CorrBlock(num_levels=4, radius=3) for _ in range(2))
        there.build_pyramid(one, two)
        back.build_pyramid(two, one)
        here = make_coords_grid(len(one), *one.shape[-2:], device=str(one.device))

        def look_up(flow: Tensor) -> Tensor:
            # From the middle to an end at half the time: twice as far from end to end.
            to_second, to_first = here + 2 * flow[:, 2:], here + 2 * flow[:, :2]
            return torch.cat([there.index_pyramid(to_second), back.index_pyramid(to_first)], dim=1)

        return look_up

    def _update(
        self, update: _Update, scale: int, look_up: Any, flow: Tensor, features: Tensor
    ) -> tuple[Tensor, Tensor]:
        small = flow if scale == 1 else _resize(flow, 1 / scale) / scale
        reduced = features if scale == 1 else _resize(features, 1 / scale)
        more_flow, more_features = update(small, reduced, look_up(small))
        if scale > 1:
            more_flow = scale * _resize(more_flow, scale)
            more_features = _resize(more_features, scale)
        return flow + more_flow, features + more_features

    def _merge(
        self, pictures: tuple[Tensor, Tensor], mean: Tensor, flow: Tensor, fields: Tensor
    ) -> Tensor:
        """Return the mean of the pictures that each pair of flows gives, and a correction."""
        n = _FLOWS
        moves, weights, rest = fields.split([4 * n, n, 3 * n], dim=1)
        ways = [
            flow[:, 2 * side : 2 * side + 2].repeat(1, n, 1, 1)
            + moves[:, 2 * n * side : 2 * n * (side + 1)]
            for side in (0, 1)
        ]
        weights = torch.sigmoid(weights)
        made = []
        for k in range(n):
            one, two = (
                _warp(picture, way[:, 2 * k : 2 * k + 2])
                for picture, way in zip(pictures, ways, strict=True)
            )
            weight = weights[:, k : k + 1]
            residual = rest[:, 3 * k : 3 * k + 3]
            made.append(weight * one + (1 - weight) * two + mean + residual)
        correction = cast(Tensor, self.comb_block(torch.cat(made, dim=1)))
        return torch.stack(made).mean(0) + correction


class _Residual(nn.Module):
    """IFRNet's block: two of its five convolutions see the last channels only."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1, self.conv3 = _activated(width, width), _activated(width, width)
        self.conv2, self.conv4 = _activated(_SIDE, _SIDE), _activated(_SIDE, _SIDE)
        self.conv5 = _convolution(width, width)
        self.prelu = nn.PReLU(width)

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for whole, side in ((self.conv1, self.conv2), (self.conv3, self.conv4)):
            y = whole(y)
            y = torch.cat([y[:, :-_SIDE], side(y[:, -_SIDE:])], dim=1)
        return cast(Tensor, self.prelu(x + self.conv5(y)))


class _Update(nn.Module):
    """A correction of flow and features from the correlation at the flow."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convc1 = nn.Conv2d(2 * 4 * 7 * 7, 64, 1)
        self.convf1 = _convolution(4, 40, 7)
        self.convf2 = _convolution(40, 20)
        self.conv = _convolution(84, 68)
        self.gru = _two(68 + 4 + width, _HIDDEN)
        self.feat_head = _two(_HIDDEN, width)
        self.flow_head = _two(_HIDDEN, 4)

    def forward(self, flow: Tensor, features: Tensor, correlation: Tensor) -> tuple[Tensor, Tensor]:
        motion = _leaky(self.convf2(_leaky(self.convf1(flow))))
        both = torch.cat([_leaky(self.convc1(correlation)), motion], dim=1)
        hidden = self.gru(torch.cat([_leaky(self.conv(both)), flow, features], dim=1))
        return self.flow_head(hidden), self.feat_head(hidden)


def _convolution(before: int, after: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(before, after, kernel, stride, kernel // 2)


def _activated(before: int, after: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(_convolution(before, after, stride=stride), nn.PReLU(after))


def _two(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        _convolution(before, _HIDDEN), nn.LeakyReLU(0.1), _convolution(_HIDDEN, after)
    )


def _decoder(before: int, width: int, after: int) -> nn.ModuleDict:
    stages = [_activated(before, width), _Residual(width)]
    up = nn.ConvTranspose2d(width, after, 4, 2, 1)
    return nn.ModuleDict({"convblock": nn.Sequential(*stages, up)})


def _decode(
    decoder: nn.ModuleDict, features: Tensor, before: Tensor, after: Tensor, flow: Tensor
) -> Tensor:
    """Return what a decoder makes of features and of both pictures', moved to the middle."""
    moved = _warp(before, flow[:, :2]), _warp(after, flow[:, 2:])
    return cast(Tensor, decoder["convblock"](torch.cat([features, *moved, flow], dim=1)))


def _leaky(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, 0.1)


def _resize(x: Tensor, scale: float) -> Tensor:
    return functional.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=False)


def _warp(picture: Tensor, flow: Tensor) -> Tensor:
    """Return the picture sampled at `x + flow(x)`, bilinear, the border replicated."""
    height, width = flow.shape[-2:]
    where = make_coords_grid(len(flow), height, width, device=str(flow.device)) + flow
    x, y = where[:, 0] * (2 / (width - 1)) - 1, where[:, 1] * (2 / (height - 1)) - 1
    grid = torch.stack([x, y], dim=-1)
    return functional.grid_sample(
        picture, grid, mode="bilinear", padding_mode="border", align_corners=True
    )
