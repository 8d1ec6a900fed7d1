"""`waveform`: clipping, silence and jumps of the samples, every 20 ms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lvbench.features.audio.onset_strength import heard
from lvbench.features.audio.stream import AudioAnalysis, AudioExtractor, AudioWindows
from lvbench.features.base import Arrays, ExtractorSpec, Features
from lvbench.video.audio.samples import AudioBlock
from lvbench.video.frames import Products

Floats = NDArray[np.float64]

HOP_SECONDS = 0.02
PARTS = 4
_ORDER = 24
_GUARD_SECONDS = 0.002
_FLOOR = 2e-3  # of full scale: a jump smaller than this is not heard as one
_RUN = 3  # samples in a row at full scale that make them clipped


class Waveform(AudioExtractor):
    """Look for clipped samples, silence and jumps in consecutive hops of 20 ms.

    A jump is a single error of linear prediction: the largest prediction error of a hop
    is compared with the largest one within 20 ms around it but not within 2 ms of it. Attacks and
    the pulses of a voice are followed by similar errors; a splice of two waveforms is not.

    Values, float64, times at the middle of a hop:
        jump: `(n,)`, that ratio in the channel where it is largest.
        jump_t: `(n,)`, the time in seconds of that largest error.
        before, after: `(n,)`, level (root mean square) of the 20 ms on either side of it, of their
            quieter half.
        clipped: `(n,)`, share of samples in runs of 3 at full scale.
        missing: `(n,)`, share of samples that the file does not have.
        level: `(n, 4)`, largest absolute sample of each quarter of the hop.

    Args:
        full_scale: Absolute value from which a sample counts as being at full scale.
    """

    def __init__(self, full_scale: float = 0.999) -> None:
        self.spec = ExtractorSpec(
            "waveform",
            1,
            Products(),
            preprocessing="channels",
            parameters={"full_scale": full_scale},
        )
        self._full_scale = full_scale

    def start_audio(self, rate: int, channels: tuple[str, ...]) -> AudioAnalysis:
        """Return the analysis of one video."""
        return _Search(rate, heard(channels), self._full_scale)


class _Search(AudioAnalysis):
    def __init__(self, rate: int, channels: NDArray[np.intp], full_scale: float) -> None:
        # A multiple of the parts, so that they are of one length.
        self._hop = max(1, round(rate * HOP_SECONDS / PARTS)) * PARTS
        self._rate, self._channels, self._full_scale = rate, channels, full_scale
        self._windows = AudioWindows(self._hop, self._hop, self._hop)
        self._missing = AudioWindows(self._hop, self._hop, self._hop)
        self._t0: float | None = None
        self._done = 0

    def push(self, audio: AudioBlock) -> Iterator[Features]:
        if self._t0 is None:
            self._t0 = audio.t0
        missing = np.full((len(audio), 1), audio.missing, np.float32)
        blocks = self._windows.push(audio.samples), self._missing.push(missing)
        for block, absent in zip(*blocks, strict=True):
            yield self._features(block, absent)

    def finish(self) -> Iterator[Features]:
        blocks = self._windows.finish(), self._missing.finish()
        for block, absent in zip(*blocks, strict=True):
            yield self._features(block, absent)

    def _features(self, block: NDArray[np.float32], absent: NDArray[np.float32]) -> Features:
        hop, rate = self._hop, self._rate
        audio = block[:, :, self._channels].astype(np.float64)
        middle = slice(hop, 2 * hop)
        starts = self._done + np.arange(len(block))
        self._done += len(block)
        assert self._t0 is not None
        jump, at, before, after = self._jumps(audio)
        parts = np.abs(audio[:, middle]).reshape(len(block), PARTS, -1)
        values: Arrays = {
            "jump": jump,
            "jump_t": self._t0 + ((starts - 1) * hop + at) / rate,
            "before": before,
            "after": after,
            "clipped": self._clipped(audio)[:, middle].mean(axis=(1, 2)),
            "missing": absent[:, middle, 0].mean(axis=1, dtype=np.float64),
            "level": parts.max(axis=2),
        }
        return Features(self._t0 + (starts + 0.5) * hop / rate, values)

    def _clipped(self, audio: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which samples are part of a run at full scale, like `audio`."""
        full = np.abs(audio) >= self._full_scale
        runs = np.zeros_like(full)
        starts = full[:, : -_RUN + 1].copy()
        for k in range(1, _RUN):
            starts &= full[:, k : full.shape[1] - _RUN + 1 + k]
        for k in range(_RUN):
            runs[:, k : full.shape[1] - _RUN + 1 + k] |= starts
        return runs

    def _jumps(self, audio: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ratio, sample, and both levels of each window's jump, in its clearest channel."""
        found = np.stack(
            [self._channel_jumps(np.ascontiguousarray(c)) for c in np.moveaxis(audio, 2, 0)]
        )
        best = found[:, 0].argmax(axis=0)
        clearest: NDArray[np.float64] = found[best, :, np.arange(found.shape[2])].T
        return clearest

    def _channel_jumps(self, windows: NDArray[np.float64]) -> NDArray[np.float64]:
        hop, guard = self._hop, max(1, round(_GUARD_SECONDS * self._rate))
        error = np.abs(prediction_error(windows, _ORDER))
        at = error[:, hop : 2 * hop].argmax(axis=1) + hop
        top = np.take_along_axis(error, at[:, None], axis=1)[:, 0]
        distance = np.arange(windows.shape[1]) - at[:, None]
        near = np.abs(distance) <= guard
        rival = np.where(near, 0.0, error).max(axis=1)
        # The foot of a jump in the next hop is no second one.
        top = np.where(np.where(near, error, 0.0).max(axis=1) > top, 0.0, top)
        before = _steady_level(windows, -distance, guard, hop)
        after = _steady_level(windows, distance, guard, hop)
        return np.stack([top / (rival + _FLOOR), at, before, after])


def _steady_level(
    windows: NDArray[np.float64], distance: NDArray[np.int64], guard: int, hop: int
) -> NDArray[np.float64]:
    """Return the level on one side of a jump: the lower of that side's near and far half.

    A codec spreads an onset by some milliseconds into the silence before it.
    """
    half = (guard + hop) // 2
    halves = [(distance > guard) & (distance <= half), (distance > half) & (distance <= hop)]
    squares = [(windows**2 * where).sum(axis=1) / where.sum(axis=1) for where in halves]
    level: NDArray[np.float64] = np.sqrt(np.minimum(*squares))
    return level


def prediction_error(windows: Floats, order: int) -> Floats:
    """Return the error of the best linear prediction within each window.

    Args:
        windows: Samples, float64 `(windows, n)`.
        order: Samples that a prediction is made from; the error of as many at the start is 0.

    Returns:
        float64 `(windows, n)`.

    Source: the autocorrelation method with Levinson's recursion; Makhoul, Linear prediction: a
    tutorial review, Proc. IEEE 63(4), 1975.
    """
    length = windows.shape[1]
    if length <= order:
        return np.zeros_like(windows)
    coefficients = _levinson(_autocorrelation(windows * np.hanning(length), order))
    error = np.zeros_like(windows)
    for k in range(order + 1):
        error[:, order:] += coefficients[:, k : k + 1] * windows[:, order - k : length - k]
    return error


def _autocorrelation(windows: Floats, order: int) -> Floats:
    length = windows.shape[1]
    size = 1 << (length + order).bit_length()
    spectrum = np.abs(np.fft.rfft(windows, size, axis=1)) ** 2
    found: Floats = np.fft.irfft(spectrum, size, axis=1)[:, : order + 1]
    # A little white noise keeps the recursion well conditioned in silence.
    found[:, 0] = found[:, 0] * (1 + 1e-6) + 1e-9
    return found


def _levinson(correlation: Floats) -> Floats:
    """Return the prediction error filter of each row, whose first coefficient is 1."""
    rows, count = correlation.shape
    found = np.zeros((rows, count))
    found[:, 0] = 1.0
    power = correlation[:, 0].copy()
    for i in range(1, count):
        reflection = -(found[:, :i] * correlation[:, i:0:-1]).sum(axis=1) / power
        found[:, 1 : i + 1] += reflection[:, None] * found[:, i - 1 :: -1][:, :i]
        power *= 1 - reflection**2
    return found
