"""Guidance distilled into the weights: one pass learns what a frozen teacher makes of two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from lvbench.reference.training.objective import Noised


def toward_guided(predict: Callable[[Noised], Tensor], given: Noised, scale: float) -> Noised:
    """Return a step whose clean frames are, where the prompt is told, a teacher's guided answer.

    One pass then gives what guidance takes two for. Clips whose prompt is withheld keep the
    truth, so that the result can still be guided. `predict` returns what the teacher takes for a
    step's clean frames, without a gradient.

    Source: Meng et al., On Distillation of Guided Diffusion Models, 2023, first stage, at one
    scale.
    """
    every = torch.ones(len(given.frames), dtype=torch.bool, device=given.frames.device)
    told = predict(given)
    silent = predict(replace(given, prompts=given.prompts.withheld(every)))
    guided = (told + (scale - 1) * (told - silent)).clamp(-1, 1)
    withheld = (given.prompts.scene[: len(given.clean)] < 0).all(1)
    clean = torch.where(withheld[:, None, None, None, None], given.clean, guided)
    return replace(given, clean=clean)
