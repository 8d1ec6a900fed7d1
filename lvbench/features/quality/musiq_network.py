"""MUSIQ: a transformer over patches of a picture at several sizes."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

PATCH = 32
_LONGER_SIDES = (224, 384)
_GRID = 10  # Positions are hashed to so many rows and columns.
_WIDTH, _HIDDEN, _HEADS, _LAYERS = 384, 1152, 6, 14
_MASKED = -1e3


def _same(x: torch.Tensor, kernel: int, stride: int) -> torch.Tensor:
    """Pad with zeros so that every `stride`-th pixel starts a window; the odd one at the end."""
    pads: list[int] = []
    for side in (x.shape[-1], x.shape[-2]):
        total = max(0, (-(-side // stride) - 1) * stride + kernel - side)
        pads += [total // 2, total - total // 2]
    return functional.pad(x, pads)


class _StandardisedConv(nn.Conv2d):
    """Convolve with kernels of mean 0 and deviation 1, padded to the same size."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        w = self.weight
        w = w - w.mean((1, 2, 3), keepdim=True)
        w = w / (w.std((1, 2, 3), keepdim=True) + 1e-5)
        stride = self.stride[0]
        return functional.conv2d(_same(input, self.kernel_size[0], stride), w, None, stride)


class _Bottleneck(nn.Module):
    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.conv1 = _StandardisedConv(width, width, 1, bias=False)
        self.gn1 = nn.GroupNorm(32, width, eps=1e-4)
        self.conv2 = _StandardisedConv(width, width, 3, bias=False)
        self.gn2 = nn.GroupNorm(32, width, eps=1e-4)
        self.conv3 = _StandardisedConv(width, out, 1, bias=False)
        self.gn3 = nn.GroupNorm(32, out, eps=1e-4)
        self.conv_proj = _StandardisedConv(width, out, 1, bias=False)
        self.gn_proj = nn.GroupNorm(32, out, eps=1e-4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.relu(self.gn1(self.conv1(x)))
        y = functional.relu(self.gn2(self.conv2(y)))
        return functional.relu(self.gn3(self.conv3(y)) + self.gn_proj(self.conv_proj(x)))


class _Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(_WIDTH, _WIDTH) for _ in range(4))

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        def heads(y: torch.Tensor) -> torch.Tensor:
            return y.reshape(*y.shape[:2], _HEADS, -1).transpose(1, 2)

        q, k, v = heads(self.query(x)), heads(self.key(x)), heads(self.value(x))
        scores = q @ k.transpose(-2, -1) * (_WIDTH // _HEADS) ** -0.5
        both = mask[:, None, :, None] & mask[:, None, None, :]
        weights = scores.masked_fill(~both, _MASKED).softmax(-1)
        out: torch.Tensor = self.out((weights @ v).transpose(1, 2).flatten(2))
        return out


class _Mlp(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(_WIDTH, _HIDDEN), nn.Linear(_HIDDEN, _WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.fc2(functional.gelu(self.fc1(x)))
        return out


class _Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(_WIDTH, eps=1e-6), _Attention()
        self.norm2, self.mlp = nn.LayerNorm(_WIDTH, eps=1e-6), _Mlp()

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.norm1(x), mask)
        out: torch.Tensor = x + self.mlp(self.norm2(x))
        return out


class _Positions(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.position_emb = nn.Parameter(0.02 * torch.randn(1, _GRID * _GRID, _WIDTH))


class _Scales(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale_emb = nn.Parameter(0.02 * torch.randn(len(_LONGER_SIDES) + 1, _WIDTH))


class _Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.posembed_input, self.scaleembed_input = _Positions(), _Scales()
        self.cls = nn.Parameter(torch.zeros(1, 1, _WIDTH))
        self.encoder_norm = nn.LayerNorm(_WIDTH, eps=1e-6)
        self.transformer = nn.ModuleDict({f"encoderblock_{i}": _Block() for i in range(_LAYERS)})

    def forward(
        self, x: torch.Tensor, places: torch.Tensor, scales: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        x = x + self.posembed_input.position_emb[0][places]
        x = x + self.scaleembed_input.scale_emb[scales]
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], dim=1)
        mask = functional.pad(mask, (1, 0), value=True)
        for block in self.transformer.values():
            x = block(x, mask)
        out: torch.Tensor = self.encoder_norm(x)
        return out


class Musiq(nn.Module):
    """Rate pictures, RGB float32 `(n, 3, h, w)` in [0, 1], from 0 to 100: `(n,)`.

    Names of tensors are those of IQA-PyTorch's checkpoints.

    Source: Ke et al., MUSIQ, ICCV 2021; conventions of chaofengc/IQA-PyTorch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_root = _StandardisedConv(3, 64, 7, 2, bias=False)
        self.gn_root = nn.GroupNorm(32, 64, eps=1e-6)
        self.block1 = _Bottleneck(64, 256)
        self.embedding = nn.Linear(256 * (PATCH // 4) ** 2, _WIDTH)
        self.transformer_encoder = _Encoder()
        self.head = nn.Linear(_WIDTH, 1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return the ratings."""
        patches, places, scales, mask = _multiscale(2 * pictures - 1)
        n, length = patches.shape[:2]
        x = functional.relu(self.gn_root(self.conv_root(patches.flatten(0, 1))))
        x = self.block1(functional.max_pool2d(_same(x, 3, 2), 3, 2))
        tokens = self.embedding(x.permute(0, 2, 3, 1).reshape(n, length, -1))
        found: torch.Tensor = self.transformer_encoder(tokens, places, scales, mask)
        rating: torch.Tensor = self.head(found[:, 0])[:, 0]
        return rating


def _multiscale(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return patches `(n, length, 3, 32, 32)`, hashed places, scales and mask of all sizes.

    The two smaller sizes are filled up to the patches of a square, and masked there.
    """
    height, width = x.shape[-2:]
    parts: list[tuple[torch.Tensor, ...]] = []
    for scale, side in enumerate((*_LONGER_SIDES, None)):
        image, most = x, None
        if side is not None:
            ratio = side / max(height, width)
            size = (round(height * ratio), round(width * ratio))
            image, most = functional.interpolate(x, size, mode="bicubic"), (-(-side // PATCH)) ** 2
        parts.append(_patches(image, scale, most))
    return tuple(torch.cat(part, dim=1) for part in zip(*parts, strict=True))


def _patches(image: torch.Tensor, scale: int, most: int | None) -> tuple[torch.Tensor, ...]:
    n, _, height, width = image.shape
    rows, columns = -(-height // PATCH), -(-width // PATCH)
    found: Any = functional.unfold(_same(image, PATCH, PATCH), PATCH, stride=PATCH)
    patches = found.transpose(1, 2).unflatten(-1, (3, PATCH, PATCH))
    places = _hashed(rows)[:, None] * _GRID + _hashed(columns)[None]
    places = places.flatten().to(image.device)
    mask = torch.ones_like(places, dtype=torch.bool)
    scales = torch.full_like(places, scale)
    missing = 0 if most is None else most - len(places)
    patches = functional.pad(patches, (0, 0, 0, 0, 0, 0, 0, missing))
    line = [functional.pad(part, (0, missing)) for part in (places, scales, mask)]
    return patches, *(part.expand(n, -1) for part in line)


def _hashed(count: int) -> torch.Tensor:
    """Return the row or column of the grid for each of `count`, the nearest below."""
    grid = torch.arange(_GRID, dtype=torch.float32).reshape(1, 1, -1)
    return functional.interpolate(grid, count, mode="nearest").flatten().long()
