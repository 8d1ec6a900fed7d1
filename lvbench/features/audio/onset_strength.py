"""`onset_strength`: the rise in level of each band of the audio, every 10 ms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.features.audio.stream import (
    AudioAnalysis,
    AudioExtractor,
    AudioWindows,
    WindowAnalysis,
)
from lvbench.features.base import ExtractorSpec, Features
from lvbench.video.frames import Products

_LOWEST, _HIGHEST = 60.0, 12000.0  # Hz
_WINDOW = 2  # hops


class OnsetStrength(AudioExtractor):
    """Measure spectral flux: the mean rise in dB of logarithmic bands from one hop to the next.

    The channels but `LFE` are averaged, Hann windows of two hops give the power in bands between
    60 Hz and 12 kHz, and `floor` is added to each band, so that inaudible noise has no
    onsets. A hop's time is the middle of the newer hop of its window: an
    onset shows in the first window that it reaches into.

    Values, float64 `(n,)`:
        strength: Mean over the bands of the positive change, in dB.
        level: Level of the window in dB below a full-scale square wave, at least -120.

    Args:
        hop_seconds: Time between two values.
        bands: Number of bands.
        floor: Power added to each band, in dB below full scale.

    Source: spectral flux as in Bello et al., A tutorial on onset detection in music signals, IEEE
    Trans. Speech and Audio Processing 13(5), 2005, section III-A.
    """

    def __init__(self, hop_seconds: float = 0.01, bands: int = 32, floor: float = -60.0) -> None:
        self.spec = ExtractorSpec(
            "onset_strength",
            1,
            Products(),
            preprocessing="mean-of-channels",
            parameters={"hop_seconds": hop_seconds, "bands": bands, "floor": floor},
        )
        self._hop_seconds, self._bands, self._floor = hop_seconds, bands, floor

    def start_audio(self, rate: int, channels: tuple[str, ...]) -> AudioAnalysis:
        """Return the analysis of one video."""
        hop = max(1, round(rate * self._hop_seconds))
        return _Flux(rate, hop, self._bands, self._floor, heard(channels))


def heard(channels: tuple[str, ...]) -> NDArray[np.intp]:
    """Return the indices of the channels that are not for low-frequency effects alone."""
    kept = [i for i, name in enumerate(channels) if not name.startswith("LFE")]
    return np.asarray(kept or range(len(channels)), np.intp)


class _Flux(WindowAnalysis):
    def __init__(
        self, rate: int, hop: int, bands: int, floor: float, channels: NDArray[np.intp]
    ) -> None:
        self._rate, self._hop, self._channels = rate, hop, channels
        self._windows = AudioWindows(hop, before=(_WINDOW - 1) * hop)
        length = _WINDOW * hop
        self._shape = np.hanning(length)
        self._scale = (self._shape.sum() / 2) ** 2
        self._bank = _bands(length, bands, rate)
        self._floor = 10 ** (floor / 10)
        self._last: NDArray[np.float64] | None = None

    def _features(self, block: NDArray[np.float32]) -> Features:
        mono = block[:, :, self._channels].mean(axis=2, dtype=np.float64)
        power = np.abs(np.fft.rfft(mono * self._shape, axis=1)) ** 2 / self._scale
        bands = 10 * np.log10(power @ self._bank + self._floor)
        last = bands[:1] if self._last is None else self._last
        rise = np.diff(bands, axis=0, prepend=last)
        self._last = bands[-1:]
        level = 10 * np.log10(np.mean(mono**2, axis=1) + 1e-12)
        middles = self._done + 0.5 + np.arange(len(block))
        self._done += len(block)
        assert self._t0 is not None
        t = self._t0 + middles * self._hop / self._rate
        return Features(t, {"strength": np.maximum(rise, 0.0).mean(axis=1), "level": level})


def _bands(length: int, count: int, rate: int) -> NDArray[np.float64]:
    """Return the bins of each band that has any, `(bins, bands)` of 0 and 1."""
    frequencies = np.fft.rfftfreq(length, 1 / rate)
    edges = np.geomspace(_LOWEST, min(_HIGHEST, rate / 2), count + 1)
    inside = (frequencies[:, None] >= edges[:-1]) & (frequencies[:, None] < edges[1:])
    kept: NDArray[np.float64] = inside[:, inside.any(axis=0)].astype(np.float64)
    return kept
