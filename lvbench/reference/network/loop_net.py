"""The network: a block-causal space-time transformer on patches of pixels."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, pad, silu

from lvbench.reference.config import NetworkConfig
from lvbench.reference.network.attention import attend, rms_norm, rotate, rotations
from lvbench.reference.network.embedding import CastEmbedding, FrameEmbedding, Prompts
from lvbench.reference.network.previous import Previous, shifted
from lvbench.reference.network.view import AttentionView, training_view
from lvbench.world.grammar import MOST_CAST

Past = tuple[Tensor, Tensor]

# Initial logits for copying from the frame before: from a pixel's own position, and from each
# neighbouring position.
_COPIED, _MOVED = 2.0, -4.0


class Block(nn.Module):
    """Attention and a perceptron, both modulated by the frame's condition."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.modulation = nn.Parameter(torch.zeros(6, width))

    def forward(
        self, x: Tensor, condition: Tensor, view: AttentionView, past: Past | None
    ) -> tuple[Tensor, Past]:
        """Return tokens `(batch, T, N, width)` and this pass's keys, rotated, and values."""
        shift, scale, gate, shift2, scale2, gate2 = (
            (condition + self.modulation).unsqueeze(-2).unbind(-3)
        )
        found, kept = self._attended(rms_norm(x) * (1 + scale) + shift, view, past)
        x = x + gate * found
        inner = rms_norm(x) * (1 + scale2) + shift2
        return x + gate2 * self.down(gelu(self.up(inner), approximate="tanh")), kept

    def _attended(self, x: Tensor, view: AttentionView, past: Past | None) -> tuple[Tensor, Past]:
        batch, frames, tokens, width = x.shape
        parts = self.qkv(x).view(batch, frames * tokens, 3, self.heads, width // self.heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        turn = rotations(view.times.to(x.device).repeat_interleave(tokens), q.shape[-1])
        q, k = rotate(rms_norm(q), turn), rotate(rms_norm(k), turn)
        mixed = _mixed(q, (k, v), view, past)
        return self.out(mixed.transpose(1, 2).reshape(x.shape)), (k, v)


def _mixed(q: Tensor, own: Past, view: AttentionView, past: Past | None) -> Tensor:
    if not view.teacher:
        return attend(q, own, past, view.groups)
    # The first half of the batch is clean, and the past of both halves.
    half = len(q) // 2
    clean, noisy = ((own[0][part], own[1][part]) for part in (slice(half), slice(half, None)))
    first = attend(q[:half], clean, None, view.groups)
    return torch.cat([first, attend(q[half:], noisy, clean, view.teacher)])


class LoopNet(nn.Module):
    """Predict clean frames from noisy ones, each at its own noise level, given the past.

    A frame's tokens are its patches and the members of its cast. All blocks share one modulation
    computed from the frame's condition, each with its own bias.

    Source: Peebles and Xie, DiT, 2023; adaLN-single: Chen et al., PixArt-alpha, 2023; prediction of
    pixels: Li and He, Back to Basics, 2025; per-frame levels: Chen et al., Diffusion Forcing, 2024.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        values = 3 * config.patch**2
        self.patches = nn.Linear(values, config.width)
        self.before = nn.Linear(values, config.width, bias=False)
        self.place = nn.Parameter(0.02 * torch.randn(config.patches, config.width))
        self.frame = FrameEmbedding(config.width)
        self.cast = CastEmbedding(config.width)
        self.modulation = nn.Linear(config.width, 6 * config.width)
        self.blocks = nn.ModuleList(Block(config.width, config.heads) for _ in range(config.depth))
        self.last_modulation = nn.Linear(config.width, 2 * config.width)
        self.pixels = nn.Linear(config.width, values)
        self.moved = nn.Linear(config.width, places(config.reach) * config.patch**2)
        for layer in (self.modulation, self.last_modulation, self.pixels, self.moved):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        with torch.no_grad():
            around = self.moved.bias.view(places(config.reach), -1).fill_(_MOVED)
            around[places(config.reach) // 2] = _COPIED

    @property
    def tokens(self) -> int:
        """Return the tokens of a frame."""
        return self.config.patches + MOST_CAST

    def forward(
        self,
        frames: Tensor,
        levels: Tensor,
        prompts: Prompts,
        *,
        previous: Previous | None = None,
        recalled: Tensor | None = None,
        view: AttentionView | None = None,
        past: Sequence[Past] | None = None,
    ) -> tuple[Tensor, list[Past]]:
        """Return the clean frames and, by block, keys and values for later passes.

        Args:
            frames: Noisy frames in [-1, 1] plus noise, `(batch, T, 3, size, size)`.
            levels: Their noise levels in [0, 1], `(batch, T)`.
            prompts: Their prompts.
            previous: The frame before each; by default frames are consecutive and the first has
                none.
            recalled: bool `(batch, T)`, True for frames from before the window.
            view: Which frames each attends to; by default itself and all before it.
            past: Keys, rotated, and values of earlier frames, by block, each of shape
                `(batch, heads, P * N, width)`.

        Returns:
            `(batch, T, 3, size, size)`, not clamped, for the noisy half of the batch if the view
            is teacher-forced; and the keys (rotated) and values.
        """
        batch, count = levels.shape
        view = view or training_view(count, self.tokens, teacher=False)
        recalled = torch.zeros_like(levels, dtype=torch.bool) if recalled is None else recalled
        previous = previous or shifted(frames, levels)
        given = self.frame(levels, previous.levels, prompts, recalled)
        old = patchify(previous.frames, self.config.patch)
        patches = self.patches(patchify(frames, self.config.patch)) + self.before(old) + self.place
        x = torch.cat([patches, self.cast(prompts.cast).to(patches.dtype)], dim=2)
        condition = silu(given)
        shared = self.modulation(condition).view(batch, count, 6, self.config.width)
        kept = []
        for number, block in enumerate(self.blocks):
            x, known = block(x, shared, view, None if past is None else past[number])
            kept.append(known)
        first = batch // 2 if view.teacher else 0
        made = self._made(x[first:, :, : self.config.patches], condition[first:], previous, first)
        return made, kept

    def _made(self, x: Tensor, condition: Tensor, previous: Previous, first: int) -> Tensor:
        """Return frames: generated pixels plus pixels advected from the frame before."""
        size, patch = self.config.size, self.config.patch
        shift, scale = self.last_modulation(condition).unsqueeze(-2).chunk(2, dim=-1)
        x = rms_norm(x) * (1 + scale) + shift
        logits = unpatchify(self.moved(x), patch, size)
        painted = unpatchify(self.pixels(x), patch, size)
        return painted + advected(previous.frames[first:], logits, self.config.reach)


def patchify(frames: Tensor, patch: int) -> Tensor:
    """Return patches, `(batch, T, N, 3 * patch * patch)`, row by row, of `(batch, T, 3, h, w)`."""
    batch, count, channels, height, width = frames.shape
    rows, columns = height // patch, width // patch
    cut = frames.view(batch, count, channels, rows, patch, columns, patch)
    return cut.permute(0, 1, 3, 5, 2, 4, 6).reshape(batch, count, rows * columns, -1)


def unpatchify(patches: Tensor, patch: int, size: int) -> Tensor:
    """Return the planes `(batch, T, C, size, size)` of patches; the inverse of `patchify`."""
    batch, count, _, _ = patches.shape
    side = size // patch
    laid = patches.view(batch, count, side, side, -1, patch, patch)
    return laid.permute(0, 1, 4, 2, 5, 3, 6).reshape(batch, count, -1, size, size)


def places(reach: int) -> int:
    """Return the number of source positions of a pixel."""
    return (2 * reach + 1) ** 2


def advected(before: Tensor, logits: Tensor, reach: int) -> Tensor:
    """Return the frame before, advected by `logits`: pixels move and fade.

    The weights of a pixel's source positions and of "no source" (logit 0) sum to one, so that
    generated pixels need not subtract old content.

    Args:
        before: `(batch, T, 3, h, w)`.
        logits: `(batch, T, places, h, w)`; the source positions of a pixel, row by row.
        reach: Largest displacement in pixels, vertically and horizontally.

    Returns:
        `(batch, T, 3, h, w)`, float32.

    Source: Finn, Goodfellow and Levine, Unsupervised Learning for Physical Interaction, 2016,
    dynamic neural advection.
    """
    nothing = torch.zeros_like(logits[:, :, :1])
    weights = torch.cat([logits, nothing], 2).float().softmax(2)[:, :, :-1]
    height, width = before.shape[-2:]
    edges = (reach, reach, reach, reach)
    wide = pad(before.float().flatten(0, 1), edges, mode="replicate").unflatten(0, before.shape[:2])
    found = torch.zeros_like(before, dtype=torch.float32)
    for place in range(places(reach)):
        row, column = divmod(place, 2 * reach + 1)
        found = found + weights[:, :, place, None] * wide[
            ..., row : row + height, column : column + width
        ]  # fmt: skip
    return found
