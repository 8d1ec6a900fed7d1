"""Accuracy of the image-text encoder on held-out clips, by level."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.world_training.examine_identity import PLAIN, another, blurred
from benchmarks.world_training.samples import FPS, LabelledFrames, generator, held_out_moments
from lvbench.features.registry import load
from lvbench.features.world.world_clip import WorldClip
from lvbench.video.frames import Frames
from lvbench.world.grammar import LEVELS, SCENES, Character, Shot


def clip(clips: int = 100) -> dict[str, dict[str, float]]:
    """Return the accuracy of the image-text encoder, by `level` and `level blurred`."""
    extractor = load("world_clip", rate=0)
    assert isinstance(extractor, WorldClip)
    rows = {}
    for level in range(LEVELS):
        moments = held_out_moments(level, clips)
        rows[f"{level}"] = _read(extractor, moments, moments.pictures)
        rows[f"{level} blurred"] = _read(extractor, moments, blurred(moments.pictures))
    return rows


def _read(
    extractor: WorldClip, moments: LabelledFrames, pictures: NDArray[np.uint8]
) -> dict[str, float]:
    size = extractor.spec.batch
    blocks = [
        extractor(Frames(np.arange(len(part)) / FPS, rgb=part))
        for part in (pictures[i : i + size] for i in range(0, len(pictures), size))
    ]
    image, scene = (np.concatenate([b[name] for b in blocks]) for name in ("image", "scene"))
    rng = generator(0, 2)
    own, altered = [], []
    for index, members in zip(moments.scene, moments.members, strict=True):
        numbers = [int(number) for number in members if number >= 0]
        cast = tuple(Character.of(number) for number in numbers)
        shot = Shot(0.0, SCENES[index], cast, "still", "noon")
        other = another(numbers[0], numbers, rng)
        own.append(extractor.encode_text(shot))
        altered.append(extractor.encode_text(replace(shot, cast=(other, *cast[1:]))))
    texts = np.stack(own)
    similarity = image @ texts.T
    mine = np.diag(similarity)
    others = similarity.copy()
    # An identical text is not another prompt.
    others[texts @ texts.T > 1 - 1e-4] = -1
    seen = np.where(moments.members >= 0, moments.visible, 1.0).min(axis=1) >= PLAIN
    changed = (image * np.stack(altered)).sum(axis=1)
    return {
        "scene": float(np.mean(scene.argmax(axis=1) == moments.scene)),
        "own prompt first": float(np.mean((mine > others.max(axis=1))[seen])),
        "own before one part of the cast changed": float(np.mean((mine > changed)[seen])),
        "own similarity": float(np.median(mine[seen])),
        "own similarity, cast hidden": float(np.median(mine[~seen])) if (~seen).any() else 0.0,
        "similarity, one part changed": float(np.median(changed[seen])),
        "similarity, others": float(np.median(others[others > -1])),
        "frames": float(seen.sum()),
    }
