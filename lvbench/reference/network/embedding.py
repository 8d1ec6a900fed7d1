"""Conditioning of the network: a frame's noise level and its prompt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn

from lvbench.world.condition import Condition
from lvbench.world.grammar import HUES, MOST_CAST, PATTERNS, SCENES, SHAPES

_WAVES = 32
_NUMBERS = 7  # camera position and velocity, light (3), seconds since the shot began (2)
_AGE_SECONDS = 0.5  # time scale of the shot-start feature


@dataclass(frozen=True, slots=True)
class Prompts:
    """Prompts of a batch, frame by frame.

    Attributes:
        scene: int64 `(batch, T)`, index of the scene; -1 where the prompt is withheld.
        cast: int64 `(batch, T, 3, 3)`, shape, hue and pattern of each member; -1 for no member or
            a withheld prompt.
        numbers: float32 `(batch, T, 7)`: camera, light, age of the shot.
    """

    scene: Tensor
    cast: Tensor
    numbers: Tensor

    def __getitem__(self, part: object) -> Prompts:
        return Prompts(*(getattr(self, f.name)[part] for f in fields(self)))

    def to(self, device: torch.device | str) -> Prompts:
        """Return the prompts on a device."""
        return Prompts(*(getattr(self, f.name).to(device) for f in fields(self)))

    def withheld(self, clips: Tensor) -> Prompts:
        """Return the prompts with those of the `clips`, bool `(batch,)`, withheld."""
        scene = self.scene.masked_fill(clips[:, None], -1)
        cast = self.cast.masked_fill(clips[:, None, None, None], -1)
        return Prompts(scene, cast, self.numbers.masked_fill(clips[:, None, None], 0.0))

    def withheld_at(self, frames: Tensor) -> Prompts:
        """Return the prompts with those of the `frames`, bool `(T,)`, withheld."""
        scene = self.scene.masked_fill(frames, -1)
        cast = self.cast.masked_fill(frames[:, None, None], -1)
        return Prompts(scene, cast, self.numbers.masked_fill(frames[:, None], 0.0))

    def parts(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return its tensors."""
        return self.scene, self.cast, self.numbers

    @staticmethod
    def joined(parts: Sequence[Prompts], dim: int) -> Prompts:
        """Return prompts concatenated along `dim`."""
        return Prompts(
            *(torch.cat([getattr(p, f.name) for p in parts], dim) for f in fields(Prompts))
        )


def prompts_of(conditions: Sequence[Condition]) -> Prompts:
    """Return the conditions of several clips of one length as tensors."""
    scene = torch.stack([torch.from_numpy(c.scene) for c in conditions])
    cast = torch.stack([torch.from_numpy(c.cast) for c in conditions])
    camera = torch.stack([torch.from_numpy(c.camera) for c in conditions]).float()
    light = torch.stack([torch.from_numpy(c.light) for c in conditions]).float()
    since = torch.stack([torch.from_numpy(c.since) for c in conditions]).float()
    age = torch.stack([torch.exp(-since / _AGE_SECONDS), torch.exp(-since / 8)], dim=-1)
    # Velocity is in view widths per second: per frame it would be tiny.
    numbers = torch.cat([camera, 2 * (light - 0.8), age], dim=-1)
    return Prompts(scene, cast, numbers)


class FrameEmbedding(nn.Module):
    """Embed the properties of a frame: noise level, scene, camera, light, age of the shot."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.level = nn.Sequential(nn.Linear(2 * _WAVES, width), nn.SiLU(), nn.Linear(width, width))
        self.before = nn.Linear(2 * _WAVES, width)
        self.scene = nn.Embedding(len(SCENES) + 1, width)
        self.numbers = nn.Sequential(nn.Linear(_NUMBERS, width), nn.SiLU(), nn.Linear(width, width))
        self.recalled = nn.Parameter(torch.zeros(width))

    def forward(self, levels: Tensor, before: Tensor, prompts: Prompts, recalled: Tensor) -> Tensor:
        """Return `(batch, T, width)`.

        Args:
            levels: Noise levels in [0, 1], `(batch, T)`.
            before: Noise levels of the preceding frames, 1 where there is none.
            prompts: Prompts of the frames.
            recalled: bool `(batch, T)`, True for frames from before the window.
        """
        given = prompts.scene >= 0
        known = self.scene(prompts.scene + 1)
        numbers = self.numbers(prompts.numbers) * given[..., None]
        level: Tensor = self.level(_waves(levels)) + self.before(_waves(before))
        summed: Tensor = level + known + numbers + recalled[..., None].float() * self.recalled
        return summed


class CastEmbedding(nn.Module):
    """Embed each member of the cast as a token; a missing member gets the empty token."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.parts = nn.ModuleList(
            nn.Embedding(len(names) + 1, width) for names in (SHAPES, HUES, PATTERNS)
        )
        self.mix = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.place = nn.Parameter(0.02 * torch.randn(MOST_CAST, width))

    def forward(self, cast: Tensor) -> Tensor:
        """Return `(batch, T, 3, width)` for cast `(batch, T, 3, 3)`."""
        summed = torch.stack([part(cast[..., i] + 1) for i, part in enumerate(self.parts)]).sum(0)
        mixed: Tensor = self.mix(summed) + self.place
        return mixed


def _waves(levels: Tensor) -> Tensor:
    """Return sines and cosines of a level, from half a period over [0, 1] to 150 periods."""
    frequency = torch.exp(torch.linspace(0, math.log(300.0), _WAVES, device=levels.device))
    angles = levels[..., None] * frequency * math.pi
    return torch.cat([angles.cos(), angles.sin()], dim=-1)
