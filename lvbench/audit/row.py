"""One file of the set, from its record, its stored arrays and its header."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.audit.facts import Facts, read_facts
from lvbench.results.schema import ItemRecord

ENCODER, SURVEY = "mobilenet_v2", "frame_survey"

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """Facts of one file; None where unknown.

    Attributes:
        id: Identifier.
        path: Path relative to the folder.
        status: `ok` or `failed`.
        code: Code of the failure.
        detail: The failure in words.
        seconds: Length.
        bits_per_pixel: Bit rate over pixels per second.
        frozen: Frozen fraction.
        black_bars: Share of the picture that is a black border.
        shots: Number of shots.
        motion: Motion magnitude: picture diagonals per second, 95th percentile over the picture.
        lightness: Median over frames of the mean L*.
        clipped: Median share of pixels at black or white.
        sharpness: Median energy of the Laplacian relative to contrast, dB.
        image_quality: NIQE.
        facts: Contents of the header.
        reasons: Why to drop the file, a sentence by code; empty for a file to keep.
    """

    id: str
    path: str
    status: str
    code: str | None = None
    detail: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    frames: int | None = None
    seconds: float | None = None
    codec: str | None = None
    pixel_format: str | None = None
    bits_per_pixel: float | None = None
    frozen: float | None = None
    black_bars: float | None = None
    shots: int | None = None
    motion: float | None = None
    lightness: float | None = None
    clipped: float | None = None
    sharpness: float | None = None
    image_quality: float | None = None
    facts: Facts | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)

    def flat(self) -> dict[str, Any]:
        """Return the row as one level of plain values; reasons as their codes."""
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        own.pop("facts")
        header = {f.name: getattr(self.facts, f.name, None) for f in fields(Facts)}
        return own | header | {"reasons": dict(self.reasons)}


def make_row(item: ItemRecord, kept: Arrays, path: Path) -> Row:
    """Return the row of a file.

    Args:
        item: Its record.
        kept: The arrays stored with its record.
        path: The file.
    """
    video = item.video
    if video.status != "ok":
        return Row(video.id, video.path, video.status, video.code, video.detail)
    facts = read_facts(path)
    picture = kept.get(f"{SURVEY}.picture")
    levels = np.median(picture, axis=0).tolist() if picture is not None else [None] * 3
    cuts = item.metrics.get("shot_cuts")
    return Row(
        id=video.id, path=video.path, status=video.status, width=video.width, height=video.height,
        fps=video.fps, frames=video.frames, seconds=video.duration or 0.0, codec=video.codec,
        pixel_format=video.pixel_format, bits_per_pixel=_bits_per_pixel(item, facts),
        frozen=_value(item, "freeze"), black_bars=_value(item, "black_bars"),
        shots=1 + len(cuts.events) if cuts is not None and cuts.status == "ok" else None,
        motion=_value(item, "motion_magnitude"), lightness=levels[0], clipped=levels[1],
        sharpness=levels[2], image_quality=_value(item, "image_quality"), facts=facts,
    )  # fmt: skip


def _value(item: ItemRecord, metric: str) -> float | None:
    return item.metrics[metric].value if metric in item.metrics else None


def _bits_per_pixel(item: ItemRecord, facts: Facts | None) -> float | None:
    video = item.video
    if facts is None or not facts.bit_rate or not video.fps:
        return None
    return facts.bit_rate / (video.fps * (video.width or 1) * (video.height or 1))
