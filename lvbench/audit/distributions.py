"""Distributions over a set: numbers as histograms, words by frequency."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lvbench.audit.row import Row
from lvbench.report.tables.rounding import significant

_MOST_WORDS = 7
_FEWEST_BINS, _MOST_BINS = 8, 24
_WIDE = 30.0  # largest over smallest, from which the axis is logarithmic


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: place and height in percent of the drawing, and its description."""

    x: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """A quantity over the files.

    Attributes:
        title: Its title, with its unit.
        bars: The bars, from left to right.
        low: Label of the left end.
        high: Label of the right end.
        summary: Median and number of unknown values, in words.
    """

    title: str
    bars: tuple[Bar, ...]
    low: str
    high: str
    summary: str


@dataclass(frozen=True, slots=True)
class Words:
    """Frequency of each word: word, count, and percentage of the most frequent one."""

    title: str
    counts: tuple[tuple[str, int, float], ...]


def histogram(title: str, values: Sequence[float | None], unit: str = "") -> Histogram | None:
    """Return the histogram of the known values; None where they are none, or all equal.

    Args:
        title: Title of the values.
        values: One for each file.
        unit: Their unit.
    """
    known = np.array([v for v in values if v is not None and math.isfinite(v)], np.float64)
    if not len(known) or known.min() == known.max():
        return None
    low, high = float(known.min()), float(known.max())
    logarithmic = low > 0 and high / low > _WIDE
    x = np.log(known) if logarithmic else known
    count = min(_MOST_BINS, max(_FEWEST_BINS, 2 * math.isqrt(len(known))))
    counts, edges = np.histogram(x, bins=count, range=(x.min(), x.max()))
    edges = np.exp(edges) if logarithmic else edges
    width = 100 / len(counts)
    suffix = f" {unit}" if unit else ""
    bars = tuple(
        Bar(
            round(i * width, 3),
            round(width, 3),
            round(100 * int(n) / int(counts.max()), 3),
            f"{significant(float(edges[i]))} to {significant(float(edges[i + 1]))}{suffix}: "
            f"{n} file{'s' if n != 1 else ''}",
        )
        for i, n in enumerate(counts)
        if n
    )
    unknown = len(values) - len(known)
    summary = f"median {significant(float(np.median(known)))}"
    summary += ", log scale" if logarithmic else ""
    summary += f", {unknown} not known" if unknown else ""
    heading = f"{title}, {unit}" if unit else title
    return Histogram(heading, bars, significant(low), significant(high), summary)


def words(title: str, values: Sequence[str | None]) -> Words:
    """Return the frequency of each word, the rare ones together.

    Args:
        title: Title of the words.
        values: One for each file; None is left out.
    """
    counts = Counter(v for v in values if v is not None).most_common()
    shown = sorted(counts[:_MOST_WORDS], key=lambda pair: (-pair[1], pair[0]))
    rest = sum(n for _, n in counts[_MOST_WORDS:])
    if rest:
        shown.append((f"{len(counts) - _MOST_WORDS} others", rest))
    most = max((n for _, n in shown), default=1)
    return Words(title, tuple((word, n, round(100 * n / most, 2)) for word, n in shown))


def coding(rows: Sequence[Row]) -> list[Words]:
    """Return the distributions of the files' encoding."""
    return [
        words("Size", [f"{r.width}×{r.height}" for r in rows]),
        words("Frames per second", [f"{r.fps:.4g}" if r.fps else "not stated" for r in rows]),
        words("Codec", [_codec(r) for r in rows]),
        words("Pixel format", [r.pixel_format for r in rows]),
        words("Colour: primaries, transfer, matrix", [_colour(r) for r in rows]),
        words("Audio", [_audio(r) for r in rows]),
    ]


def quantities(rows: Sequence[Row]) -> tuple[list[Histogram], list[str]]:
    """Return histograms of the measurements, and in words those that are equal in all files."""
    measured: list[tuple[str, str, Callable[[Row], float | None]]] = [
        ("Length", "s", lambda r: r.seconds),
        ("Bit rate", "kbit/s", kilobits),
        ("Bits per pixel", "", lambda r: r.bits_per_pixel),
        ("Motion magnitude", "diagonals/s", lambda r: r.motion),
        ("Seconds per shot", "s", _per_shot),
        ("Frozen fraction", "%", lambda r: percent(r.frozen)),
        ("Lightness", "L*", lambda r: r.lightness),
        ("Clipped pixel fraction", "%", lambda r: percent(r.clipped)),
        ("Sharpness", "dB", lambda r: r.sharpness),
        ("Black bar fraction", "%", lambda r: percent(r.black_bars)),
        ("NIQE (lower is better)", "", lambda r: r.image_quality),
    ]
    drawn, constants = [], []
    for title, unit, value in measured:
        values = [value(r) for r in rows]
        one = histogram(title, values, unit)
        known = {v for v in values if v is not None}
        if one is not None:
            drawn.append(one)
        elif known:
            suffix = f" {unit}" if unit else ""
            constants.append(f"{title.lower()} {significant(known.pop())}{suffix}")
    return drawn, constants


def kilobits(row: Row) -> float | None:
    """Return a file's bit rate in kbit/s, None where unknown."""
    rate = row.facts.bit_rate if row.facts is not None else None
    return rate / 1000 if rate else None


def percent(share: float | None) -> float | None:
    """Return a share in percent."""
    return None if share is None else 100 * share


def _per_shot(row: Row) -> float | None:
    return row.seconds / row.shots if row.seconds and row.shots else None


def _codec(row: Row) -> str:
    profile = row.facts.profile if row.facts is not None else None
    return f"{row.codec} {profile}" if profile else str(row.codec)


def _colour(row: Row) -> str | None:
    if row.facts is None:
        return None
    tags = (row.facts.primaries, row.facts.transfer, row.facts.matrix)
    return tags[0] if len(set(tags)) == 1 else ", ".join(tags)


def _audio(row: Row) -> str | None:
    if row.facts is None:
        return None
    if row.facts.audio_codec is None:
        return "none"
    rate = f"{(row.facts.audio_rate or 0) / 1000:g} kHz"
    return f"{row.facts.audio_codec}, {rate}, {row.facts.audio_channels} ch"
