"""`world_identity`: the world's characters in a frame, with scores and places."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays
from lvbench.features.network import Place, TorchExtractor
from lvbench.features.world.world_view import GROUPS, member_words, reduced, view_spec
from lvbench.video.frames import Frames
from lvbench.world.grammar import Character

MOST = 8
"""Characters of a frame that are kept: those with the highest scores."""
SURE = 0.3
"""Score from which a detection counts as a character."""
SAME = 0.8
"""Cosine from which a character counts as a member of the cast."""

_FAINT = 0.1  # scores below are not kept
_ALIKE = 0.8  # cosine of two neighbours that are one character
_NEAR = 2  # cells, within which it may be detected twice

Floats = NDArray[np.float32]


class WorldIdentity(TorchExtractor):
    """Detect the characters of sampled frames by a small convolutional network, and embed each.

    Values: `count`, int64 `(n,)`; `score`, float32 `(n, 8)`, falling; `place`, float32
    `(n, 8, 2)`: middle as fractions of width and height; `embedding`, float32 `(n, 8, 16)`, of
    length 1: the roots of the probabilities of 5 shapes, 8 hues and 3 patterns, so that the
    cosine to `signature(character)` is the mean root of the three probabilities that it is that
    character. Rows past `count` are 0.

    Args:
        rate: Frames per second that are taken; 0 for every frame.
    """

    weights = ("world_identity",)

    def __init__(self, rate: float = 2.0) -> None:
        self.spec = view_spec("world_identity", rate, batch=16)

    def architecture(self) -> Any:
        """Return the network with random weights."""
        from lvbench.features.world.networks import IdentityNetwork

        return IdentityNetwork()

    def pixels(self, frames: Frames) -> NDArray[np.uint8]:
        """Return the frames at 48x48."""
        assert frames.rgb is not None
        return reduced(frames.rgb)

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return the characters of every picture of a batch."""
        import torch

        from lvbench.features.world.networks import standardised

        with torch.inference_mode():
            pictures = torch.from_numpy(np.ascontiguousarray(batch)).to(self.device)
            found = self.network(standardised(pictures))
            parts = [part.float().cpu().numpy() for part in found]
        present, offset, *kinds = parts
        return _listed(1 / (1 + np.exp(-present)), offset, _embedded(kinds))


def signature(character: Character) -> Floats:
    """Return the embedding `(16,)` of a character that is detected with certainty."""
    unit: Floats = member_words(character) / np.float32(len(GROUPS) ** 0.5)
    return unit


def similarity(embedding: Floats, cast: Sequence[Character]) -> Floats:
    """Return the cosines `(..., K)` of embeddings `(..., 16)` with the members of a cast."""
    gallery = np.stack([signature(member) for member in cast])
    # Sums in one order: their number must not change a bit.
    cosines = [(embedding * member).sum(axis=-1) for member in gallery]
    return np.stack(cosines, axis=-1)


def nearest(embedding: Floats) -> NDArray[np.int64]:
    """Return the number of the character most similar to each embedding `(..., 16)`."""
    ends = np.cumsum(GROUPS)[:-1]
    shape, hue, pattern = (part.argmax(axis=-1) for part in np.split(embedding, ends, axis=-1))
    numbers: NDArray[np.int64] = (shape * GROUPS[1] + hue) * GROUPS[2] + pattern
    return numbers


def present(
    frames: NDArray[np.uint8],
    cast: Sequence[Character],
    *,
    sure: float = SURE,
    same: float = SAME,
) -> NDArray[np.bool_]:
    """Return which members of a cast are in each frame: `bool (T, K)`.

    A member is there where it is the nearest member of a detection, and near enough. The
    thresholds were set on held-out clips: see docs/world-encoders.md.

    Args:
        frames: `uint8 (T, H, W, 3)` RGB; read at 48x48.
        cast: The members to search for.
        sure: Score from which a detection counts as a character.
        same: Cosine from which it counts as its nearest member.
    """
    found = detect(frames)
    cosines = similarity(found["embedding"], cast)
    closest = cosines.argmax(axis=-1)
    counts = (found["score"] >= sure) & (cosines.max(axis=-1) >= same)
    return np.stack(
        [(counts & (closest == member)).any(axis=1) for member in range(len(cast))], axis=1
    )


def detect(frames: NDArray[np.uint8]) -> Arrays:
    """Return the output of `WorldIdentity` for every frame of `uint8 (T, H, W, 3)`."""
    extractor = _usual()
    size = extractor.spec.batch
    blocks = [
        extractor(Frames(np.arange(len(part), dtype=np.float64), rgb=part))
        for part in (frames[i : i + size] for i in range(0, len(frames), size))
    ]
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


@cache
def _usual() -> WorldIdentity:
    extractor = WorldIdentity(rate=0)
    extractor.attach(Place())
    return extractor


def _embedded(kinds: Sequence[Floats]) -> Floats:
    """Return the embedding of every cell, `(n, rows, columns, 16)`, from logits `(n, k, ...)`."""
    parts = []
    for logits in kinds:
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        parts.append(np.sqrt(shares / shares.sum(axis=1, keepdims=True) / len(kinds)))
    return np.concatenate(parts, axis=1).transpose(0, 2, 3, 1)


def _listed(score: Floats, offset: Floats, embedding: Floats) -> Arrays:
    """Return the cells with the middle of a character, by falling score."""
    n, rows, columns = score.shape
    arrays: Arrays = {
        "count": np.zeros(n, np.int64),
        "score": np.zeros((n, MOST), np.float32),
        "place": np.zeros((n, MOST, 2), np.float32),
        "embedding": np.zeros((n, MOST, embedding.shape[-1]), np.float32),
    }
    for i in range(n):
        for row, column in _strongest(score[i], embedding[i]):
            k = arrays["count"][i]
            arrays["score"][i, k] = score[i, row, column]
            x = (column + 0.5 + offset[i, 0, row, column]) / columns
            y = (row + 0.5 + offset[i, 1, row, column]) / rows
            arrays["place"][i, k] = x, y
            arrays["embedding"][i, k] = embedding[i, row, column]
            arrays["count"][i] += 1
    return arrays


def _strongest(score: Floats, embedding: Floats) -> list[tuple[int, int]]:
    """Return at most `MOST` cells by falling score, without duplicates of a stronger neighbour."""
    kept: list[tuple[int, int]] = []
    order = np.argsort(-score, axis=None, kind="stable")
    for flat in order[: int((score >= _FAINT).sum())]:
        row, column = divmod(int(flat), score.shape[1])
        around = [(r, c) for r, c in kept if max(abs(r - row), abs(c - column)) <= _NEAR]
        touching = any(max(abs(r - row), abs(c - column)) <= 1 for r, c in around)
        alike = any(float(embedding[at] @ embedding[row, column]) > _ALIKE for at in around)
        if not alike and not touching:
            kept.append((row, column))
        if len(kept) == MOST:
            break
    return kept
