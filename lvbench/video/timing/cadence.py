"""Find the cadence of a rate conversion: which frames only repeat the picture before them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_PART = 16  # Pairs that are checked at a time; three times as many of a strict pattern.
_BLOCK = 80  # Pairs that are fitted at a time.
_FEWEST = 8  # Repeats in a block; chance makes three or four that come back regularly.
_SLOWEST, _FASTEST = 0.12, 0.9  # New pictures per frame.
_PHASES = 12
_REACH = 12  # Pairs on either side that define the usual change.
_RESIDUAL = 0.6  # Of the usual change: four fifths of the repeats change less.
_RESIDUE_LEVELS = 4.0  # The same in levels: codecs leave 2; regular cuts hide motion of more.
_STEADY = 1 / 3  # Progress of each pair in steady motion.
_NOTHING = 0.05  # Levels: where pictures change less, nothing moves.
_JUMP = 2.5  # Times the usual change.
_SLACK = 0.55  # Frames by which a new picture may be early or late: exports round time stamps.
_DEPARTURE = 0.5  # What each frame off the strict pattern costs, in units of the evidence.
_RESIDUE = 0.4  # Progress on repeats over that on new pictures, below which a block is one.
_MOVED = 0.25  # Progress of new pictures, at least; steady motion without repeats makes a third.
_KEPT = 0.85  # Share of the repeats that are nearer to repeats than to new pictures.
_STRAY = 0.25  # New pictures that are nearer to repeats, over the fewer of the two.
_SEARCHED = 40  # Blocks in which a cadence is looked for, spread over the video.
_IRREGULAR = 0.4  # Share of frames off the strict pattern.
_SHARE = 0.25  # Share of a video's blocks that must agree on one cadence.
_REFUTED = 0.55  # As for the residue: above it a block does not follow the video's cadence.
_WINDOW = 480  # Pairs in which the rate of a strict pattern is looked for first.
_STRICT_PHASES = 60
_DENOMINATOR = 15  # Of the rates that exports use.
_SCATTER = 0.12  # Progress of repeats.
_OUTLIERS = 0.02  # Share of them that are off.
_STANDING = 0.4  # Share of new pictures without change, in a clip that is still at times.
_CLEAR = 8.0  # Standard errors between repeats and new pictures; chance makes five.


def repeats(evidence: Floats, change: Floats) -> Mask:
    """Return the pairs whose second frame repeats the first in the beat of a rate conversion.

    A conversion from `r` to `R` frames per second shows `r / R` new pictures per frame, each at
    the frame nearest to its own time. Both numbers are unknown; the pattern that separates the
    evidence best is taken. One pair shows little where the codec is coarse, a complete video
    shows it.

    Args:
        evidence: How far each pair brings the picture along, `(n,)`; about 0 for a repeat.
        change: Root mean square difference of its two frames, levels, `(n,)`.
    """
    none = np.zeros(len(evidence), np.bool_)
    # A back-and-forth motion moves too.
    x = np.minimum(np.abs(evidence), 1.0)
    usual = np.maximum(_usual(change), 1e-9)
    # Flicker points in no direction either, but changes a picture more than residue does.
    x = np.maximum(x, _STEADY * np.clip(2 * change / usual - 1, 0, 1))
    x = np.where(_next_to_jump(change, usual), np.median(x), x)
    x = np.where(_percentile(change, 92) < _NOTHING, np.median(x), x)
    # Inside a run of repeats, and at the ends, there is no way to compare with.
    x = np.minimum(x, change / usual)
    size = min(_BLOCK, len(x))
    if size < 2 * _FEWEST:
        return none
    strict = _strict(x)
    if strict is not None:
        # The last picture may be cut short by the end.
        strict[-1] |= x[-1] < 0.5 * np.median(x[~strict])
        return none if _changed(change, usual, strict) else _confirmed(x, strict, 3 * _PART)
    starts = _starts(len(x), size)
    rates = np.arange(_SLOWEST, _FASTEST, 0.5 / size)
    searched = starts[:: 2 * (1 + len(starts) // (2 * _SEARCHED))]
    found = [_fit(x[a : a + size], rates) for a in searched]
    locked = [fit.rate for fit in found if fit.locked]
    agreed = _most_agree(locked, 1.5 / size)
    if len(agreed) < max(1.0, _SHARE * len(searched)):
        return none
    rate = float(np.median(agreed))
    coarse = np.arange(-1, 1.01, 0.25) / size
    for _ in range(2):  # Each fit knows the rate better: to one picture in the whole video.
        marks = _stitched(x, starts, size, rate + coarse)
        rate = 1.0 - marks.mean()
    fine = rate + np.array([-1.0, -0.5, 0.0, 0.5, 1.0]) / len(x)
    marks = ~_fit(x, fine[(fine > 0) & (fine < 1)]).new
    # A video may end, or begin, between two beats.
    ends = [0, -1]
    marks[ends] |= x[ends] < 0.5 * np.median(x[~marks])
    return none if _changed(change, usual, marks) else _confirmed(x, marks, _PART)


def _strict(x: Floats) -> Mask | None:
    """Return the repeats of the one pattern that holds from the first frame to the last, or None.

    Such a pattern has two unknowns in all: in hundreds of pairs even weak evidence is decisive.
    """
    total = len(x)
    window = min(_WINDOW, total)
    for first in sorted({0, (total - window) // 2, total - window}):
        part = x[first : first + window]
        coarse = _best_strict(part, np.arange(_SLOWEST, _FASTEST, 0.5 / window))
        around = np.arange(-0.5 / window, 0.5 / window, 0.5 / total) if total > window else [0.0]
        fit = _best_strict(x, coarse.rate + np.asarray(around), coarse.rate)
        fit = _best_strict(x, fit.rate + np.linspace(-0.5, 0.5, 11) / total, fit.rate)
        if fit.decisive:
            return ~fit.new
    return None


def _best_strict(x: Floats, rates: Floats, around: float | None = None) -> _Fit:
    """Return the strict pattern of these rates, and of the simple fractions, that fits best."""
    largest = _DENOMINATOR if around is None else _STRICT_PHASES
    known = sorted({n / d for d in range(2, largest + 1) for n in range(1, d)})
    simple = [r * of for of in (1.0, 1 / 1.001, 1.001) for r in known if _SLOWEST < r < _FASTEST]
    if around is not None:
        simple = [r for r in simple if abs(r - around) < 1.0 / min(_WINDOW, len(x))]
    # Log likelihood that a pair is a repeat, residue scattered around 0, over that it is any other.
    near = np.exp(-((x / _SCATTER) ** 2) / 2) * np.sqrt(2 / np.pi) / _SCATTER
    likely = np.log((1 - _OUTLIERS) * near + _OUTLIERS)
    number = np.arange(len(x) + 1)
    phase = (np.arange(_STRICT_PHASES)[:, None] + 0.5) / _STRICT_PHASES
    most, pattern, its_rate = -np.inf, np.ones(len(x), np.bool_), 1.0
    for rate in [*simple, *rates.tolist()]:
        new = np.diff(np.floor(number * rate + phase), axis=1) > 0
        score = ~new @ likely
        best = int(score.argmax())
        if score[best] > most:
            most, pattern, its_rate = score[best], new[best], rate
    return _Fit(x, its_rate, pattern, 0.0)


class _Fit:
    """The pattern that fits a block of evidence best."""

    def __init__(self, x: Floats, rate: float, new: Mask, off: float) -> None:
        self.rate, self.new = rate, new
        count, total = int(new.sum()), len(x)
        moved, stood = x[new].mean(), x[~new].mean() if count < total else np.inf
        spread = np.sqrt((x[new].var() * count + x[~new].var() * (total - count)) / total)
        balance = np.sqrt(count * (total - count)) / total
        contrast = (moved - stood) / max(spread, 1e-3) * balance
        few = min(count, total - count) < _FEWEST or moved <= 0
        self.score = -np.inf if few else float(contrast - 0.3 * off)
        # Chance finds a beat in anything; but then many pairs off the beat look the same.
        low = x < (moved + stood) / 2
        fits = bool(
            not few
            and moved > _MOVED
            and stood < _RESIDUE * moved
            and off < _IRREGULAR
            and low[~new].mean() > _KEPT
        )
        self.locked = fits and bool(low[new].sum() < _STRAY * min(count, total - count))
        self.decisive = bool(
            fits and low[new].mean() < _STANDING and contrast * np.sqrt(total) > _CLEAR
        )


def _changed(change: Floats, usual: Floats, marks: Mask) -> bool:
    """Return whether repeats change the picture: then they are kept."""
    most = np.minimum(_RESIDUAL * usual, _RESIDUE_LEVELS)
    return bool(np.percentile((change / most)[marks], 80) > 1)


def _usual(change: Floats) -> Floats:
    """Return the change that new pictures bring around each pair."""
    return _percentile(change, 90)


def _percentile(change: Floats, share: float) -> Floats:
    padded = np.pad(change, _REACH, mode="symmetric" if len(change) > _REACH else "edge")
    level: Floats = np.percentile(sliding_window_view(padded, 2 * _REACH + 1), share, axis=1)
    return level


def _next_to_jump(change: Floats, usual: Floats) -> Mask:
    """Return the pairs before and after a cut or a seam: next to it all motion looks small."""
    jump = np.pad(change > _JUMP * usual, 1)
    neighbours: Mask = (jump[:-2] | jump[2:]) & ~jump[1:-1]
    return neighbours


def _starts(length: int, size: int) -> list[int]:
    """Return where blocks begin that overlap by half and reach the end."""
    return sorted({*range(0, length - size + 1, max(1, size // 2)), length - size})


def _most_agree(rates: Sequence[float], apart: float) -> list[float]:
    groups = [[other for other in rates if abs(other - rate) <= apart] for rate in rates]
    return max(groups, key=len, default=[])


def _stitched(x: Floats, starts: Sequence[int], size: int, rates: Floats) -> Mask:
    """Return the repeats by the middles of overlapping blocks."""
    marks = np.zeros(len(x), np.bool_)
    inside = rates[(rates > 0.05) & (rates < 1)]
    for a in starts:
        new = _fit(x[a : a + size], inside).new
        skip = 0 if a == 0 else size // 4
        marks[a + skip : a + size] = ~new[skip:]
    return marks


def _confirmed(x: Floats, marks: Mask, size: int) -> Mask:
    """Return the marks without stretches whose own evidence contradicts them."""
    kept = marks.copy()
    for a in range(0, len(x), size):
        part = slice(max(0, a - size // 4), a + 5 * size // 4)
        new, stood = x[part][~marks[part]], x[part][marks[part]]
        if len(new) and len(stood) and stood.mean() > _REFUTED * max(float(new.mean()), 0.0):
            kept[a : a + size] = False
    return kept


def _fit(x: Floats, rates: Floats) -> _Fit:
    """Return the best pattern of these rates: dynamic programming over all phases at once.

    Of the `n` first pairs a strict pattern of rate `q` and phase `f` makes `floor(n q + f)` new
    pictures. Three counts around that are followed, and one that leaves the slack is given up.
    """
    rate = np.repeat(rates, _PHASES)
    phase = np.tile(np.arange(_PHASES) / _PHASES, len(rates))
    middle, half = _levels(x, rate)
    total = len(x)
    lines = np.arange(total + 1)[:, None] * rate + phase
    floors = np.floor(lines + 1e-9).astype(np.intp)
    slack, offsets = _SLACK * rate, np.arange(3) - 1
    value = np.full((len(rate), 5), -np.inf)  # Columns outside the three stay impossible.
    value[:, 2] = 0.0
    came = np.zeros((total, len(rate), 3), np.bool_)
    for n in range(1, total + 1):
        gain = (x[n - 1] - middle) / half
        step = floors[n] - floors[n - 1]
        at = 1 + step[:, None] + np.arange(3)
        stays = np.take_along_axis(value, at, axis=1) - gain[:, None]
        moves = np.take_along_axis(value, at - 1, axis=1) + gain[:, None]
        came[n - 1] = moves > stays
        off = floors[n][:, None] + offsets - lines[n][:, None]
        allowed = (off > -1 - slack[:, None]) & (off <= slack[:, None] + 1e-9)
        best = np.maximum(moves, stays) - _DEPARTURE * (offsets != 0)
        value[:, 1:4] = np.where(allowed, best, -np.inf)
    new = _traced(value, came, floors)
    strict = np.diff(floors, axis=0).T > 0
    return _best(x, rate, new, (new != strict).mean(axis=1))


def _levels(x: Floats, rate: Floats) -> tuple[Floats, Floats]:
    """Return the middle of, and half the distance between, the lowest and the highest evidence.

    The lowest are as many as a pattern of that rate holds repeats.
    """
    total = len(x)
    sums = np.concatenate([[0.0], np.cumsum(np.sort(x))])
    still = np.clip(np.rint((1 - rate) * total).astype(np.intp), 1, total - 1)
    low, high = sums[still] / still, (sums[-1] - sums[still]) / (total - still)
    return (low + high) / 2, np.maximum((high - low) / 2, 1e-6)


def _traced(value: Floats, came: Mask, floors: NDArray[np.intp]) -> Mask:
    """Return the new pictures of every pattern, `(patterns, pairs)`, from the last pair back."""
    total, patterns = len(came), len(value)
    new = np.zeros((patterns, total), np.bool_)
    at = value[:, 1:4].argmax(axis=1)
    for n in range(total, 0, -1):
        new[:, n - 1] = came[n - 1, np.arange(patterns), at]
        at = np.clip(at + floors[n] - floors[n - 1] - new[:, n - 1], 0, 2)
    return new


def _best(x: Floats, rate: Floats, new: Mask, off: Floats) -> _Fit:
    total, count = len(x), new.sum(axis=1)
    inside = new @ x
    moved, stood = inside / np.maximum(count, 1), (x.sum() - inside) / np.maximum(total - count, 1)
    within = (x @ x - count * moved**2 - (total - count) * stood**2) / total
    contrast = (moved - stood) / np.sqrt(np.maximum(within, 1e-6))
    contrast *= np.sqrt(count * (total - count)) / total
    usable = (total - count >= _FEWEST) & (count >= 3)
    best = int(np.where(usable, contrast - 0.3 * off, -np.inf).argmax())
    return _Fit(x, float(rate[best]), new[best], float(off[best]))
